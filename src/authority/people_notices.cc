#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/notice.h"
#include "accounts/people_codec.h"
#include "accounts/person.h"
#include "authority/notices.h"
#include "authority/people.h"
#include "authority/people_records.h"
#include "authority/problems.h"
#include "authority/sessions.h"
#include "base/time.h"
#include "registry/registry.h"

namespace counterfoil {

People::Result<People::NoticePage> People::notices(const Caller& caller, std::string_view after,
                                                   std::size_t limit) const {
  const Person& person = caller.person.value;
  const std::string prefix = notice_prefix(person.id);
  const auto records =
      parts_.audited.read().list(RecordKind::kNotice, prefix + std::string(after), kNoticesMax);
  if (!records) {
    return problem_of(records.error());
  }
  NoticePage page;
  for (const Record& record : *records) {
    if (!record.id.starts_with(prefix)) {
      break;
    }
    auto notice = decode_notice(record.bytes);
    if (!notice) {
      continue;  // Of a later version: what cannot be read tells nobody anything.
    }
    page.unseen += notice->time > person.notices_seen ? 1U : 0U;
    if (page.notices.size() < limit) {
      page.notices.push_back({.id = record.id.substr(prefix.size()), .notice = std::move(*notice)});
    } else if (!page.next && !page.notices.empty()) {
      page.next = page.notices.back().id;
    }
  }
  return page;
}

People::Result<void> People::see_notices(const Caller& caller) {
  Person seen = caller.person.value;
  seen.notices_seen = parts_.audited.now();
  const auto stored =
      parts_.registry.commit({.writes = {person_write(seen, caller.person.modified)}});
  return stored ? Result<void>() : problem_of(stored.error());
}

People::Result<std::vector<Write>> People::spent_notices(std::size_t writes_max) const {
  const Registry& registry = parts_.audited.read();
  const Timestamp oldest = parts_.audited.now() - kNoticeLife;
  std::vector<Write> writes;
  std::string after;
  std::string prefix;
  std::size_t of_person = 0;
  for (;;) {
    constexpr std::size_t kAtOnce = 1'000;
    const auto records = registry.list(RecordKind::kNotice, after, kAtOnce);
    if (!records) {
      return problem_of(records.error());
    }
    for (const Record& record : *records) {
      const std::string person = record.id.substr(0, record.id.find(':') + 1);
      of_person = person == prefix ? of_person + 1 : 1;
      prefix = person;
      const auto notice = decode_notice(record.bytes);
      if (of_person > kNoticesMax || (notice && notice->time < oldest)) {
        writes.push_back(
            {.kind = RecordKind::kNotice, .id = record.id, .expected_modified = record.modified});
      }
      if (writes.size() == writes_max) {
        return writes;
      }
    }
    if (records->size() < kAtOnce) {
      return writes;
    }
    after = records->back().id;
  }
}

}  // namespace counterfoil
