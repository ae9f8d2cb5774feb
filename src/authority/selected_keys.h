#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "authority/key_selection.h"
#include "authority/problem.h"
#include "journal/journal.h"
#include "keys/api_key.h"
#include "keys/permission.h"
#include "registry/registry.h"

namespace counterfoil {

// SelectedKeys walks the API keys of a selection, in byte order of their ids. It reads the registry
// page by page, so what is made while it walks may be seen or not.
class SelectedKeys {
 public:
  // Everything must outlive it. `after`: where an earlier walk stood, or "".
  SelectedKeys(const Registry& registry, const Journal& journal, const PermissionTable& permissions,
               KeySelection selection, std::string after);

  // Page is one part of the walk. `ids` are those selected. `looked_at` is the last id that was
  // looked at, selected or not: there the next page begins. is_last: there is nothing behind it.
  // `keys` are the records, as they are, for whoever wants to count them; a selected id of a list
  // need not have one.
  struct Page {
    std::vector<std::string> ids;
    std::vector<ApiKey> keys;
    std::string looked_at;
    bool is_last = false;
  };
  // next gives at most `limit` selected keys (1 to kListMax), maybe none although the walk is not
  // at its end. Problem: registry or journal do not answer.
  [[nodiscard]] std::expected<Page, Problem> next(std::size_t limit);

 private:
  // candidates are the ids among which the selected ones are, when a list or an index knows them;
  // nullopt: all keys of the registry are walked.
  [[nodiscard]] std::expected<std::optional<std::vector<std::string>>, Problem> find_candidates();
  // find_indexed gives the API keys that an index has for one of `values`; nullopt: there are no
  // values, or more API keys than it gives.
  [[nodiscard]] std::expected<std::optional<std::vector<std::string>>, Problem> find_indexed(
      std::string_view index, const std::vector<std::string>& values) const;
  [[nodiscard]] std::expected<Page, Problem> next_of_candidates(std::size_t limit);
  [[nodiscard]] std::expected<Page, Problem> next_of_all(std::size_t limit);
  void take(std::string_view id, std::string_view bytes, Page& page) const;

  const Registry& registry_;
  const Journal& journal_;
  const PermissionTable& permissions_;
  KeySelection selection_;
  std::string after_;
  bool is_begun_ = false;
  std::optional<std::vector<std::string>> candidates_;
};

}  // namespace counterfoil
