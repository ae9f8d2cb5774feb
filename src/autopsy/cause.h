#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "autopsy/form.h"
#include "base/bytes.h"

namespace counterfoil::autopsy {

struct AccountKey;
struct Scene;

// Reach is how far a hypothesis goes: its few likely variants, which are also tried together with a
// second mistake, or all the others.
enum class Reach : std::uint8_t { kLikely, kFar };

// Judge is one way in which the signature may have been made: whose material, and how. `matches`
// gives the ids of the mistakes in the signature's own writing (none: written rightly), or nullopt:
// it does not fit this text.
struct Judge {
  std::vector<std::string_view> causes;
  unsigned cost = 1;       // of one try, in units of an HMAC
  bool shows_text = true;  // false: the text signed would show a secret
  std::function<std::optional<std::vector<std::string_view>>(std::string_view text)> matches = {};
};

// The four axes of a wrong signature, and facts. An emitter's answer false means: enough.
using EmitForm = std::function<bool(Form)>;
using EmitText = std::function<bool(std::string)>;
using EmitJudge = std::function<bool(Judge)>;
// Payload: other parameters; another way to write them as one text; something around the text.
using EditForm = void (*)(const Scene&, const Form&, Reach, const EmitForm&);
using RenderForm = void (*)(const Scene&, const Form&, Reach, const EmitText&);
using WrapText = void (*)(const Scene&, const std::string&, Reach, const EmitText&);
// Key and algorithm.
using MakeJudges = void (*)(const Scene&, Reach, const EmitJudge&);
// Encoding of the value: the text that stands behind `written`; nullopt: it is not written so.
struct UnwrapValue {
  std::optional<std::string> (*unwrap)(std::string_view written);
};
// FindKey looks for the API key where it does not belong, or tells that there is none. The outer
// nullopt: this is not what happened. The inner null: it is, and no key was found by it.
using FindKey = std::optional<const AccountKey*> (*)(const Scene&);
// A fact is seen without any recomputation. The text says what was seen; empty: no detail.
using SeeFact = std::optional<std::string> (*)(const Scene&);
// kElsewhere: the reading of the request, or another row, finds it.
using Proof = std::variant<std::monostate, EditForm, RenderForm, WrapText, MakeJudges, UnwrapValue,
                           FindKey, SeeFact>;

enum class Confidence : std::uint8_t { kProved, kStrong, kPossible };
[[nodiscard]] std::string_view to_string(Confidence confidence);

// On says by which transports a mistake can be made.
enum On : std::uint8_t { kOnRest = 1, kOnWebSocket = 2, kOnFix = 4, kOnAll = 7 };

// Remedy names the snippet that shows the fix (autopsy/remedy.h).
enum class Remedy : std::uint8_t {
  kNone,
  kSignWhatIsSent,
  kEncodeThenSign,
  kStampNow,
  kSyncClock,
  kRecvWindow,
  kHexSignature,
  kBase64Signature,
  kEncodeSignature,
  kHmac,
  kLoadSecret,
  kLoadPair,
  kRotate,
  kSendHeader,
  kSendForm,
  kSignRsa,
  kTextValues,
  kJsonList,
  kWebSocket,
  kWebSocketLogon,
  kFixLogon,
  kProxy,
};

// CauseRow is one mistake that people make. `id` is stable: the journal keeps it, documents and the
// owner's page link to it.
struct CauseRow {
  std::string_view id;
  Confidence confidence{};
  std::uint8_t on = kOnAll;
  std::string_view mistake;   // one sentence to the owner: what the client did
  std::string_view evidence;  // what proves it
  std::string_view fix;       // one sentence: what to do
  Remedy remedy{};
  Proof proof;
};

// A group is one file of rows about one subject.
struct CauseGroup {
  std::string_view title;
  std::span<const CauseRow> rows;
};

// cause_groups gives all groups, in the order in which an owner has to fix what is found.
[[nodiscard]] std::span<const CauseGroup> cause_groups();
// find_cause gives the row of an id; nullptr: there is none.
[[nodiscard]] const CauseRow* find_cause(std::string_view id);

// The groups, one a file.
[[nodiscard]] std::span<const CauseRow> naming_causes();
[[nodiscard]] std::span<const CauseRow> transport_causes();
[[nodiscard]] std::span<const CauseRow> key_causes();
[[nodiscard]] std::span<const CauseRow> algorithm_causes();
[[nodiscard]] std::span<const CauseRow> value_causes();
[[nodiscard]] std::span<const CauseRow> assembly_causes();
[[nodiscard]] std::span<const CauseRow> order_causes();
[[nodiscard]] std::span<const CauseRow> spelling_causes();
[[nodiscard]] std::span<const CauseRow> encoding_causes();
[[nodiscard]] std::span<const CauseRow> websocket_causes();
[[nodiscard]] std::span<const CauseRow> fix_causes();
[[nodiscard]] std::span<const CauseRow> clock_causes();
[[nodiscard]] std::span<const CauseRow> access_causes();
[[nodiscard]] std::span<const CauseRow> endpoint_causes();

}  // namespace counterfoil::autopsy
