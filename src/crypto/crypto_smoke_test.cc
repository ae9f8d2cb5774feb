#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/hex.h"
#include "crypto/hmac.h"

namespace counterfoil {
namespace {

// The sample pair that the vendor's documents print.
TEST(HmacKey, SignsTheVendorsSampleOrder) {
  const auto key = HmacKey::from_secret(
      as_bytes("NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j"));

  ASSERT_TRUE(key.has_value());
  EXPECT_EQ(to_hex(key->mac(
                as_bytes("symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&"
                         "recvWindow=5000&timestamp=1499827319559"))),
            "c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71");
}

}  // namespace
}  // namespace counterfoil
