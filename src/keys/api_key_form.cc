#include "keys/api_key_form.h"

#include <algorithm>
#include <string_view>

#include "keys/api_key_id.h"
#include "keys/key_format.h"

namespace counterfoil {
namespace {

bool is_letter_or_digit(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

ApiKeyForm form_of(std::string_view api_key, const KeyFormat& format) {
  if (api_key.empty() || api_key.size() > kSendableBytesMax ||
      std::ranges::any_of(api_key, [](char c) { return c <= ' ' || c > '~'; })) {
    return ApiKeyForm::kUnsendable;
  }
  if (format.classify_secret(api_key) != KeyFormat::Kind::kForeign) {
    return ApiKeyForm::kSecret;
  }
  if (!std::ranges::all_of(api_key, is_letter_or_digit)) {
    return ApiKeyForm::kOtherCharacters;
  }
  switch (format.classify_api_key(api_key)) {
    case KeyFormat::Kind::kOurs:
      return ApiKeyForm::kOurs;
    case KeyFormat::Kind::kBadChecksum:
      return ApiKeyForm::kMistyped;
    case KeyFormat::Kind::kForeign:
      break;
  }
  return ApiKeyId::parse(api_key) ? ApiKeyForm::kForeign : ApiKeyForm::kOtherLength;
}

}  // namespace counterfoil
