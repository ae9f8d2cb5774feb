#include <cstddef>
#include <expected>
#include <string>
#include <utility>

#include "authority/people_desk.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/cause.h"
#include "doors/management/json.h"
#include "doors/management/query.h"
#include "doors/management/time_text.h"

namespace counterfoil {
namespace {

// From where others did something is theirs; from where it was done in one's own name is what one
// has to know.
Json notice_json(const Person& person, const People::NoticePage::Item& item) {
  const auto& notice = item.notice;
  const bool is_own = notice.actor == "person:" + person.id.text();
  Json json{{"id", item.id},
            {"what", notice.what},
            {"at", time_text(notice.time)},
            {"seen", notice.time <= person.notices_seen},
            {"by_oneself", is_own},
            {"address", is_own ? Json(notice.source) : Json()},
            {"object", notice.object},
            {"count", notice.count},
            {"detail", Json::object()}};
  for (const auto& [name, text] : notice.detail) {
    json["detail"][name] = text;
  }
  return json;
}

}  // namespace

Outcome list_notices(const Call& call) {
  const std::string after = call.query.text("after").value_or("");
  const std::size_t limit = page_size(call.query);
  if (const auto fine = call.query.finish(); !fine) {
    return std::unexpected(fine.error());
  }
  const auto page = call.desk().people.notices(call.caller(), after, limit);
  if (!page) {
    return std::unexpected(fault_of(page.error()));
  }
  Json items = Json::array();
  for (const auto& item : page->notices) {
    items.push_back(notice_json(call.caller().person.value, item));
  }
  return reply({{"items", std::move(items)},
                {"unseen", page->unseen},
                {"next", page->next ? Json(*page->next) : Json()},
                {"as_of", time_text(call.parts.clock.now())}});
}

Outcome see_notices(const Call& call) {
  if (const auto fine = no_members(call); !fine) {
    return std::unexpected(fine.error());
  }
  const auto seen = call.desk().people.see_notices(call.caller());
  return seen ? Outcome(no_content()) : std::unexpected(fault_of(seen.error()));
}

}  // namespace counterfoil
