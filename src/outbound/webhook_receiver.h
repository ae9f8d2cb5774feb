#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip_address.h"
#include "outbound/http_client.h"
#include "outbound/web_url.h"

namespace counterfoil {

// Where webhooks may go (control S-77): their URLs are chosen by account holders, so no name of
// theirs may lead to this machine or its neighbours.

// ReceiverRules is what the operator has listed besides the public addresses and port 443.
struct ReceiverRules {
  std::vector<Cidr> networks = {};        // private ones, and addresses that may stand in a URL
  std::vector<std::uint16_t> ports = {};  // besides 443
  std::string authorities = {};  // PEM file of certificate authorities; empty: the system's
};

inline constexpr std::size_t kReceiverUrlBytesMax = 1024;
inline constexpr std::chrono::seconds kReceiverTimeMax{5};

// parse_receiver takes https with a host name and a port that is listed; an address in place of the
// name where the operator has listed it; and http to a listed address of this machine alone. The
// error is a sentence that says what to write instead.
[[nodiscard]] std::expected<WebUrl, std::string> parse_receiver(std::string_view url,
                                                                const ReceiverRules& rules);

// check_receiver looks the name up: every address that it has must be allowed. It waits for the
// resolver, for kReceiverTimeMax. What it finds binds nobody: call_receiver asks the rules anew.
[[nodiscard]] std::expected<void, std::string> check_receiver(const WebUrl& url,
                                                              const ReceiverRules& rules);

// call_receiver makes one call, for at most kReceiverTimeMax: the name is looked up once, and the
// connection goes to an address that the rules allow. No redirect is followed, and nothing but the
// head of the answer is read. The error is a sentence, as of
// HttpClient::call.
[[nodiscard]] std::expected<HttpReply, std::string> call_receiver(const WebUrl& url, HttpCall call,
                                                                  const ReceiverRules& rules);

}  // namespace counterfoil
