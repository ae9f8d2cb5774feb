#pragma once

#include <expected>
#include <optional>
#include <string>
#include <vector>

#include "app/command_context.h"
#include "app/key_source.h"
#include "autopsy/evidence.h"
#include "autopsy/key_file.h"
#include "base/wiped_text.h"
#include "crypto/public_key.h"
#include "crypto/signature_scheme.h"

namespace counterfoil {

// DoctorKey is the key pair that a holder hands to the doctor: what its file holds, as far as it
// can be used, and what is wrong with the file. The secret half stays on this machine.
class DoctorKey {
 public:
  // open reads what the flags name; nullopt: they name nothing. A file that holds no usable key is
  // no failure: problems() tells of it. Failure: a file cannot be read, or others may read it.
  [[nodiscard]] static std::expected<std::optional<DoctorKey>, Failure> open(
      const KeySource& source);

  [[nodiscard]] const std::string& api_key() const { return api_key_; }
  [[nodiscard]] const std::vector<autopsy::KeyFileProblem>& problems() const { return problems_; }
  // is_usable tells whether signatures can be judged with it.
  [[nodiscard]] bool is_usable() const {
    return scheme_ == Scheme::kHmacSha256 ? !text_.empty() : public_key_.has_value();
  }
  // estate is what the autopsy looks at, under the name `api_key`. It borrows the secret: use it no
  // longer than this object.
  [[nodiscard]] autopsy::Estate estate(std::string api_key) const;

 private:
  DoctorKey() = default;
  [[nodiscard]] std::expected<void, Failure> read(const std::string& file);

  std::string api_key_;
  Scheme scheme_ = Scheme::kHmacSha256;
  WipedText text_;  // HMAC: the secret, without a line end
  std::optional<PublicKey> public_key_;
  std::vector<autopsy::KeyFileProblem> problems_;
};

}  // namespace counterfoil
