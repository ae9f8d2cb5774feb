#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <map>
#include <optional>
#include <ranges>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "authority/activity.h"
#include "authority/issuer.h"
#include "authority/live_feed.h"
#include "authority/people_desk.h"
#include "base/time.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/call.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/last_used.h"
#include "doors/management/management_api.h"
#include "doors/management/query.h"
#include "doors/management/rights.h"
#include "doors/management/time_text.h"
#include "keys/api_key.h"

namespace counterfoil {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kAllKeys = "keys";
constexpr std::string_view kOneKey = "key:";
constexpr std::size_t kKeysMax = 50;           // of one stream
constexpr std::size_t kRequestsAtOnceMax = 5;  // of one API key in one step
constexpr std::chrono::milliseconds kStep{500};
constexpr std::chrono::seconds kBreath{10};      // without an event, the stream says that it lives
constexpr std::chrono::seconds kLookAgain{5};    // whether the session is alive
constexpr std::chrono::minutes kSocketLife{15};  // of a stream without a session

// Topics are what a stream tells of: every API key that the asker sees, and the requests of some.
struct Topics {
  bool all_keys = false;
  std::set<std::string, std::less<>> keys;
};

ApiFault topic_fault(std::string detail) {
  return {
      .status = 400, .reason = "topic_unknown", .detail = std::move(detail), .member = "topics"};
}

std::expected<Topics, ApiFault> read_topics(std::string_view text) {
  Topics topics;
  for (const auto part : text | std::views::split(',')) {
    const std::string_view topic(part);
    if (topic == kAllKeys) {
      topics.all_keys = true;
    } else if (topic.starts_with(kOneKey)) {
      topics.keys.emplace(topic.substr(kOneKey.size()));
    } else {
      return std::unexpected(topic_fault("topics are \"keys\" and \"key:<API key>\", by comma"));
    }
  }
  if (topics.keys.size() > kKeysMax) {
    return std::unexpected(
        topic_fault("one stream tells of " + std::to_string(kKeysMax) + " API keys at most"));
  }
  return topics;
}

// EventStream is one stream under way. The thread of its connection runs it.
class EventStream {
 public:
  EventStream(const ManagementApi::Parts& parts, Asker asker, Topics topics, std::uint64_t after)
      : parts_(parts),
        asker_(std::move(asker)),
        bound_(bound_account(asker_)),
        topics_(std::move(topics)),
        after_(after) {
    for (const std::string& id : topics_.keys) {
      versions_[id] = version_of(id);
    }
  }

  // run ends when nobody listens any more, the session has ended, or the API key that asked may not
  // any more, which is looked at in each step (control S-48).
  bool run(const BodySink& sink) {
    const auto end = parts_.clock.now() + life();
    auto looked = steady_clock::now();
    auto spoken = looked;
    std::string text = ": counterfoil\n\n";  // so that the browser knows at once that it is heard
    while (true) {
      const auto now = steady_clock::now();
      if (text.empty() && now - spoken >= kBreath) {
        text = ": still here\n\n";
      }
      if (!text.empty()) {
        spoken = now;
      }
      // An empty piece asks whether the door goes on.
      if (!sink(text) || parts_.clock.now() >= end) {
        return true;
      }
      text.clear();
      if (asker_.key && !parts_.keys->may_go_on(*asker_.key)) {
        return true;
      }
      if (now - looked >= kLookAgain) {
        looked = now;
        if (!is_signed_in()) {
          return true;
        }
      }
      tell_requests(text);
      tell_changes(text);
    }
  }

 private:
  [[nodiscard]] std::chrono::microseconds life() const {
    return asker_.caller ? std::chrono::duration_cast<std::chrono::microseconds>(
                               idle_until(asker_.caller->session.value) - parts_.clock.now())
                         : std::chrono::microseconds(kSocketLife);
  }
  // is_signed_in looks without making a use of the session of it: a page that is left open does not
  // keep anybody signed in.
  [[nodiscard]] bool is_signed_in() const {
    if (!asker_.caller) {
      return true;
    }
    const auto alive = parts_.people->sessions.of(*asker_.caller);
    return alive &&
           std::ranges::find(*alive, asker_.caller->session.value.id, &Session::id) != alive->end();
  }
  [[nodiscard]] std::uint64_t version_of(const std::string& id) const {
    const auto stored = parts_.issuer.stored_key(id);
    return stored ? stored->version : 0;
  }
  // sees_key remembers what it found: to which account an API key belongs never changes.
  [[nodiscard]] bool sees_key(const std::string& id) {
    if (!bound_) {
      return true;
    }
    const auto known = seen_.find(id);
    if (known != seen_.end()) {
      return known->second;
    }
    const auto stored = parts_.issuer.stored_key(id);
    const bool visible = stored && sees(parts_, bound_, stored->key.account.text()).value_or(false);
    if (seen_.size() < LiveFeed::kKept) {
      seen_.emplace(id, visible);
    }
    return visible;
  }

  void tell_requests(std::string& text) {
    const auto until = steady_clock::now() + kStep;
    const auto requests = parts_.live->after(after_, until);
    if (requests.empty()) {
      return;
    }
    after_ = requests.back().id;
    struct Sum {
      const LiveRequest* last = nullptr;
      std::uint64_t accepted = 0;
      std::uint64_t refused = 0;
      std::vector<const LiveRequest*> latest;
    };
    std::map<std::string_view, Sum> sums;
    for (const LiveRequest& request : requests) {
      Sum& sum = sums[request.api_key];
      (request.is_accepted ? sum.accepted : sum.refused) += request.count;
      sum.last = &request;
      sum.latest.push_back(&request);
    }
    for (auto& [id, sum] : sums) {
      if (topics_.keys.contains(id)) {
        for (const LiveRequest* const request :
             sum.latest | std::views::drop(sum.latest.size() -
                                           std::min(sum.latest.size(), kRequestsAtOnceMax))) {
          append("request", request->id,
                 {{"api_key", request->api_key},
                  {"at", time_text(request->at)},
                  {"outcome", request->is_accepted ? "accepted" : "refused"},
                  {"reason", request->is_accepted ? Json(nullptr) : Json(request->reason)},
                  {"request_id", request->request_id},
                  {"route", request->route},
                  {"address", request->address.to_string()},
                  {"client", request->client},
                  {"count", request->count}},
                 text);
        }
      }
      if (topics_.all_keys && sees_key(std::string(id))) {
        append_key(std::string(id), sum.last->id, sum.accepted, sum.refused, text);
      }
    }
    // So that no topic is told of more often than ten times a second.
    std::this_thread::sleep_until(std::min(until, steady_clock::now() + kStep));
  }

  // tell_changes looks whether a watched API key was changed: suspended, rotated, edited.
  void tell_changes(std::string& text) {
    for (auto& [id, version] : versions_) {
      const std::uint64_t present = version_of(id);
      if (present != version) {
        version = present;
        append_key(id, after_, 0, 0, text);
      }
    }
  }

  void append_key(const std::string& id, std::uint64_t event, std::uint64_t accepted,
                  std::uint64_t refused, std::string& text) {
    const auto stored = parts_.issuer.stored_key(id);
    if (!stored) {
      return;
    }
    const auto uses = parts_.activity.of_key(id);
    append("key", event,
           {{"api_key", id},
            {"state", to_string(effective_state(stored->key, parts_.clock.now()))},
            {"last_use", uses ? last_used_json(*uses) : Json(nullptr)},
            {"accepted", accepted},
            {"refused", refused}},
           text);
  }

  static void append(std::string_view kind, std::uint64_t id, const Json& data, std::string& text) {
    text.append("id: ").append(std::to_string(id)).append("\nevent: ").append(kind);
    text.append("\ndata: ")
        .append(data.dump(-1, ' ', false, Json::error_handler_t::replace))
        .append("\n\n");
  }

  const ManagementApi::Parts& parts_;
  Asker asker_;
  std::optional<std::string> bound_;
  Topics topics_;
  std::uint64_t after_;
  std::map<std::string, std::uint64_t> versions_;
  std::map<std::string, bool> seen_;
};

std::uint64_t first_of(const Call& call) {
  const std::string_view last = call.request.browser     ? call.browser().last_event_id
                                : call.request.signature ? call.request.signature->last_event_id
                                                         : "";
  std::uint64_t id = 0;
  const auto [end, fault] = std::from_chars(last.data(), last.data() + last.size(), id);
  const bool is_whole = fault == std::errc() && end == last.data() + last.size() && !last.empty();
  return is_whole ? id : call.parts.live->head();
}

}  // namespace

Outcome follow_events(const Call& call) {
  if (call.parts.live == nullptr) {
    return std::unexpected(ApiFault{.status = 503,
                                    .reason = "not_followed",
                                    .detail = "this node tells nobody what happens as it happens",
                                    .member = {}});
  }
  const std::string text(call.query.text("topics").value_or(""));
  if (const auto done = call.query.finish(); !done) {
    return std::unexpected(done.error());
  }
  auto topics = read_topics(text);
  if (!topics) {
    return std::unexpected(std::move(topics.error()));
  }
  for (const std::string& id : topics->keys) {
    const Call of_key{.parts = call.parts,
                      .request = call.request,
                      .id = id,
                      .query = call.query,
                      .body = call.body,
                      .asker = call.asker};
    if (const auto known = call.parts.issuer.stored_key(id); !known) {
      return std::unexpected(fault_of(known.error()));
    }
    if (const auto allowed = check_object(of_key, Object::kKey, Who::kSeer); !allowed) {
      return std::unexpected(allowed.error());
    }
  }
  ApiAnswer answer;
  answer.content_type = "text/event-stream";
  answer.is_endless = true;
  // A proxy that gathers answers before it hands them on would make the page wait for nothing.
  answer.headers.emplace_back("X-Accel-Buffering", "no");
  answer.stream = [&parts = call.parts, asker = call.asker, topics = std::move(*topics),
                   after = first_of(call)](const BodySink& sink) {
    return EventStream(parts, asker, topics, after).run(sink);
  };
  return answer;
}

}  // namespace counterfoil
