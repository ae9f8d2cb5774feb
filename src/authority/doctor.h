#pragma once

#include <chrono>
#include <cstddef>
#include <expected>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "authority/clock_skews.h"
#include "authority/cpu_share.h"
#include "authority/issuer.h"
#include "authority/problem.h"
#include "authority/refusal_findings.h"
#include "authority/sealer.h"
#include "autopsy/explain.h"
#include "base/time.h"
#include "keys/key_format.h"
#include "keys/permission.h"
#include "policy/profile.h"
#include "wire/pasted/pasted.h"

namespace counterfoil {

// ExaminedRequest is what was found of one request out of a text that somebody pasted.
struct ExaminedRequest {
  std::string_view form;  // pasted::name_of
  std::size_t line = 0;
  std::string method;  // as pasted, as are the next two; empty: not told
  std::string host;
  std::string path;
  // As pasted where it is the asker's, else shortened; a secret that stands there is not shown.
  std::string api_key;
  // The API key whose owner is told, which is one of those that the asker may see. Without one only
  // what can be seen without any key was looked for, and `findings.verdict` is "format_only":
  // somebody else's API key and one that does not exist are answered alike.
  struct Key {
    std::string api_key;
    std::string label;
  };
  std::optional<Key> key;
  RefusalFindings findings;
  std::vector<std::string_view> doubts;       // pasted::Request
  std::vector<std::string_view> not_checked;  // "signature", "time", "address", "permission"
};

// Examination is the answer. `more` requests were found and not looked at.
struct Examination {
  std::vector<ExaminedRequest> requests;
  std::size_t more = 0;
};

// Doctor explains the requests in a text that somebody pasted, as Autopsies does with those that
// were refused here: the secrets of the API key's owner are opened for the one request and wiped.
// Nothing of a text is kept, or written anywhere. Safe to call from any thread; one text is
// examined at a time, and it waits for the store.
class Doctor {
 public:
  // What it works with. Everything must outlive it.
  struct Parts {
    const Issuer& issuer;
    const Sealer& sealer;
    const ClockSkews& skews;
    const PermissionTable& permissions;
    const KeyFormat& format;
    const Clock& clock;
    // cpu_spent is the CPU time of the calling thread so far.
    std::function<std::chrono::nanoseconds()> cpu_spent;
  };
  explicit Doctor(const Parts& parts) : parts_(parts) {}

  static constexpr std::size_t kTextBytesMax = std::size_t{256} * 1024;
  static constexpr std::size_t kRequestsMax = 20;                   // of one text
  static constexpr std::size_t kTriesMax = 4 * autopsy::kTriesMax;  // of one text
  static constexpr int kTextsPerMinute = 6;                         // of one asker
  static constexpr std::size_t kAskersMax = 1'024;  // who asked in the last minute; more wait
  // All texts together cost a quarter of a core.
  static constexpr int kPartOfCore = 4;
  static constexpr std::chrono::milliseconds kAheadMax{4'000};

  struct Question {
    std::string_view asker;  // whose texts are counted together
    std::string_view text;
    std::optional<Timestamp> at;  // when all of it was received; nullopt: as the text says
    // The accounts whose API keys the asker may see; nullopt: all.
    std::optional<std::set<std::string, std::less<>>> accounts;
  };
  // examine: text_too_large, nothing_found (with what read_pasted says), doctor_busy (with when to
  // come back).
  [[nodiscard]] std::expected<Examination, Problem> examine(const Question& question,
                                                            const Profile& profile);

 private:
  struct Budget {
    double left = 0;
    BootTime at;
  };
  // admit counts a text of somebody.
  [[nodiscard]] std::expected<void, Problem> admit(std::string_view asker);
  // examine_one gives what was found, and what it cost in tries. It takes `request` apart.
  [[nodiscard]] std::pair<ExaminedRequest, std::size_t> examine_one(pasted::Request& request,
                                                                    const Question& question,
                                                                    const Profile& profile) const;

  const Parts parts_;
  std::mutex mutex_;  // of the one text, and of what follows
  CpuShare share_{kPartOfCore, kAheadMax};
  std::map<std::string, Budget, std::less<>> budgets_;
};

}  // namespace counterfoil
