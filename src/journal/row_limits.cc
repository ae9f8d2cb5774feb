#include "journal/row_limits.h"

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/time.h"
#include "journal/journal.h"

namespace counterfoil {
namespace {

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0U) == 0x80U; }

void cut(std::string& text, std::size_t bytes_max) {
  text.resize(cut_text(text, bytes_max).size());
}

}  // namespace

std::string_view cut_text(std::string_view text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  constexpr std::size_t kContinuationsMax = 3;  // RFC 3629: at most four bytes a character
  std::size_t end = bytes_max;
  while (end > 0 && bytes_max - end < kContinuationsMax && continues_character(text[end])) {
    --end;
  }
  return text.substr(0, continues_character(text[end]) ? bytes_max : end);
}

UsageRow within_limits(UsageRow row) {
  cut(row.api_key, kJournalIdBytesMax);
  cut(row.client, kClientBytesMax);
  cut(row.route, kRouteBytesMax);
  cut(row.last_request_id, kJournalIdBytesMax);
  return row;
}

RefusalRow within_limits(RefusalRow row) {
  for (std::string* const id :
       {&row.request_id, &row.api_key, &row.account, &row.reason_name, &row.signature_half}) {
    cut(*id, kJournalIdBytesMax);
  }
  cut(row.method, kMethodBytesMax);
  cut(row.route, kRouteBytesMax);
  cut(row.path, kPathBytesMax);
  cut(row.client, kClientBytesMax);
  if (row.sealed_request.size() > kSealedRequestBytesMax) {
    row.sealed_request.clear();  // Cut, it would not open.
  }
  return row;
}

AutopsyRow within_limits(AutopsyRow row) {
  for (std::string* const id : {&row.request_id, &row.api_key, &row.account}) {
    cut(*id, kJournalIdBytesMax);
  }
  cut(row.causes, kCausesBytesMax);
  if (row.sealed_findings.size() > kSealedRequestBytesMax) {
    row.sealed_findings.clear();
  }
  return row;
}

bool is_within_limits(const ReceiptRow& row) {
  const auto is_id = [](std::string_view text) {
    return !text.empty() && text.size() <= kJournalIdBytesMax;
  };
  return is_id(row.id) && is_id(row.object) && row.bytes.size() <= kReceiptRowBytesMax;
}

Timestamp bucket_start(Timestamp time, UsageBucket bucket) {
  switch (bucket) {
    case UsageBucket::kMinute:
      return Timestamp(std::chrono::floor<std::chrono::minutes>(time.time_since_epoch()));
    case UsageBucket::kHour:
      return Timestamp(std::chrono::floor<std::chrono::hours>(time.time_since_epoch()));
  }
  std::unreachable();
}

}  // namespace counterfoil
