#include "autopsy/search.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include "autopsy/cause.h"
#include "autopsy/evidence.h"
#include "autopsy/form.h"
#include "autopsy/judges.h"
#include "autopsy/scene.h"
#include "crypto/hash.h"

namespace counterfoil::autopsy {
namespace {

// How many far texts of one cause a costly judge tries before the other causes have had a turn.
constexpr std::size_t kTurn = 120;
constexpr unsigned kCostlyFrom = 10;
// Of two mistakes, how many texts and judges of a cause are tried before all of them are.
constexpr std::size_t kHeadTexts = 12;
constexpr std::size_t kHeadJudges = 6;

// Text is one hypothesis about what was signed.
struct Text {
  Causes causes;
  std::string text;
};

std::uint8_t on_of(Transport transport) {
  switch (transport) {
    case Transport::kRest:
      return kOnRest;
    case Transport::kWebSocket:
      return kOnWebSocket;
    case Transport::kFix:
      return kOnFix;
  }
  std::unreachable();
}

Causes together(Causes one, const Causes& other) {
  for (const std::string_view cause : other) {
    if (std::ranges::find(one, cause) == one.end()) {
      one.push_back(cause);
    }
  }
  return one;
}

// A text of so many bytes costs about one try more than a short one.
constexpr std::size_t kUsualBytes = 512;
// With more parameters than any call has, no mistake is looked for: each way to order or to write
// them is tried for each of them.
constexpr std::size_t kFieldsMax = 128;

class Search {
 public:
  Search(const Scene& scene, std::size_t tries_max) : scene_(scene), tries_left_(tries_max) {
    const std::uint8_t on = on_of(scene.request.transport);
    for (const CauseGroup& group : cause_groups()) {
      for (const CauseRow& row : group.rows) {
        if ((row.on & on) != 0) {
          rows_.push_back(&row);
        }
      }
    }
  }

  SearchResult run(std::size_t tries_max) {
    if (!right() && scene_.reading.form.fields.size() <= kFieldsMax) {
      static_cast<void>(one_mistake() || two_mistakes());
    }
    if (found_ && found_->causes.size() == 1) {
      name_same_bytes();
    }
    return {.found = std::move(found_), .tries_spent = tries_max - tries_left_};
  }

 private:
  using EmitHypothesis = std::function<bool(Text)>;

  // try_text is true when `judge` takes the text: then the search is over.
  bool try_text(const Judge& judge, const Causes& causes, const std::string& text) {
    const std::size_t cost = judge.cost + (text.size() / kUsualBytes);
    if (tries_left_ < cost) {
      tries_left_ = 0;
      return false;
    }
    tries_left_ -= cost;
    const auto writing = judge.matches(text);
    if (!writing) {
      return false;
    }
    found_ = Explanation{.causes = together(together(causes, judge.causes), *writing),
                         .text = text,
                         .shows_text = judge.shows_text,
                         .same_bytes = {}};
    // Another exchange's recipe brings its own way to write the value.
    if (std::ranges::find(found_->causes, "foreign-exchange-signing-scheme") !=
        found_->causes.end()) {
      std::erase(found_->causes, "signature-base64-instead-of-hex");
    }
    return true;
  }
  [[nodiscard]] bool is_over() const { return found_.has_value() || tries_left_ == 0; }

  // right tries what the server tries, and the mistakes that are in the value alone.
  bool right() {
    if (scene_.secret_in_header) {
      natives_.push_back(mac_judge(scene_, HashName::kSha256, scene_.named->api_key, {}));
    } else if (scene_.named != nullptr) {
      for (const AccountKey* key : scene_.verifying()) {
        add_native(*key);
      }
    } else {
      for (const AccountKey* key : scene_.all_keys()) {
        add_native(*key);
      }
    }
    for (const Judge& judge : natives_) {
      for (const std::string& payload : scene_.reading.payloads) {
        if (try_text(judge, {}, payload)) {
          return true;
        }
      }
    }
    return false;
  }
  void add_native(const AccountKey& key) {
    if (auto judge = native_judge(scene_, key, {})) {
      natives_.push_back(std::move(*judge));
    }
  }

  bool one_mistake() {
    if (scene_.named == nullptr) {
      return false;  // Whose it is, is open: nothing more can be proved.
    }
    collect_judges(Reach::kLikely, judges_);
    for (const Judge& judge : judges_) {
      for (const std::string& payload : scene_.reading.payloads) {
        if (try_text(judge, {}, payload)) {
          return true;
        }
      }
    }
    collect_texts(Reach::kLikely, scene_.reading.form, {}, [&](Text text) {
      texts_.push_back(std::move(text));
      return true;
    });
    for (const Text& text : texts_) {
      for (const Judge& judge : natives_) {
        if (try_text(judge, text.causes, text.text)) {
          return true;
        }
      }
    }
    return far_judges() || far_texts();
  }

  bool far_judges() {
    std::vector<Judge> far;
    collect_judges(Reach::kFar, far);
    for (const Judge& judge : far) {
      if (try_text(judge, {}, scene_.reading.payload())) {
        return true;
      }
    }
    return false;
  }

  // far_texts gives each cause a turn, and then each as much as it wants.
  bool far_texts() {
    const bool costly =
        std::ranges::any_of(natives_, [](const Judge& judge) { return judge.cost >= kCostlyFrom; });
    for (const bool all : costly ? std::vector<bool>{false, true} : std::vector<bool>{true}) {
      const std::size_t kept =
          all ? 0 : tries_left_ / 2;  // Two mistakes are likelier than the rest.
      for (const CauseRow* row : rows_) {
        far_texts_of(*row, all ? SIZE_MAX : kTurn, kept);
        if (is_over()) {
          return found_.has_value();
        }
      }
      if (costly && !all && (two_mistakes() || is_over())) {
        return found_.has_value();
      }
    }
    return false;
  }

  // far_texts_of tries `turn` new texts of one cause, while more than `kept` tries are left.
  void far_texts_of(const CauseRow& row, std::size_t turn, std::size_t kept) {
    each_text(row, Reach::kFar, scene_.reading.form, {}, [&](const Text& text) {
      if (!is_new(text.text)) {
        return true;
      }
      for (const Judge& judge : natives_) {
        if (tries_left_ <= kept || try_text(judge, text.causes, text.text)) {
          return false;
        }
      }
      return --turn > 0;
    });
  }

  bool two_mistakes() {
    if (std::exchange(tried_two_, true) || scene_.named == nullptr) {
      return false;
    }
    return key_and_text(Part::kHeads, Judges::kFew) || twice_around_text(kHeadTexts) ||
           twice_in_text(kHeadTexts) || key_and_text(Part::kHeads, Judges::kMany) ||
           key_and_text(Part::kRest, Judges::kFew) || twice_around_text(SIZE_MAX) ||
           twice_in_text(SIZE_MAX) || key_and_text(Part::kRest, Judges::kMany);
  }

  // key_and_text: one mistake in the text, and one in the key or the algorithm. First the heads of
  // both: what stands first among the texts of a cause, and among its judges. The causes with many
  // judges (a secret with a lost character) come behind the others.
  enum class Judges : std::uint8_t { kFew, kMany };
  enum class Part : std::uint8_t { kHeads, kRest };
  bool key_and_text(Part part, Judges which) {
    constexpr std::size_t kMany = 32;
    std::size_t text_rank = 0;
    for (std::size_t at = 0; at < texts_.size(); ++at) {
      const Text& text = texts_[at];
      text_rank = at > 0 && texts_[at - 1].causes == text.causes ? text_rank + 1 : 0;
      for (const RankedJudge& ranked : ranked_judges()) {
        const bool is_head =
            text_rank < kHeadTexts && (ranked.rank < kHeadJudges || which == Judges::kMany);
        if ((ranked.count > kMany) != (which == Judges::kMany) ||
            is_head != (part == Part::kHeads)) {
          continue;
        }
        if (try_text(*ranked.judge, text.causes, text.text)) {
          return true;
        }
        if (tries_left_ == 0) {
          return false;
        }
      }
    }
    return false;
  }

  // RankedJudge is a likely judge with at most one cause, its place among those of its cause, and
  // how many they are.
  struct RankedJudge {
    const Judge* judge;
    std::size_t rank;
    std::size_t count;
  };
  const std::vector<RankedJudge>& ranked_judges() {
    if (ranked_judges_.empty()) {
      for (const Judge& judge : judges_) {
        if (judge.causes.size() <= 1) {
          const auto count =
              static_cast<std::size_t>(std::ranges::count(judges_, judge.causes, &Judge::causes));
          const auto rank = static_cast<std::size_t>(std::ranges::count_if(
              ranked_judges_,
              [&](const RankedJudge& other) { return other.judge->causes == judge.causes; }));
          ranked_judges_.push_back({.judge = &judge, .rank = rank, .count = count});
        }
      }
    }
    return ranked_judges_;
  }

  // twice_around_text: a rendering or something around the text, and something around that; of each
  // cause at most `each` texts.
  bool twice_around_text(std::size_t each) {
    for (const CauseRow* row : rows_) {
      if (std::holds_alternative<WrapText>(row->proof) ||
          std::holds_alternative<RenderForm>(row->proof)) {
        std::size_t left = each;
        each_text(*row, Reach::kLikely, scene_.reading.form, {}, [&](const Text& text) {
          wrap_around(text);
          return !is_over() && --left > 0;
        });
      }
      if (is_over()) {
        return found_.has_value();
      }
    }
    return false;
  }

  // twice_in_text: a changed parameter, and something around the text; then written otherwise; then
  // another changed parameter, of which there are the most.
  bool twice_in_text(std::size_t each) {
    return edit_and<WrapText>(each) || edit_and<RenderForm>(each) || edit_and<EditForm>(each);
  }

  // edit_and tries every row with an edit beside every row of one kind of proof.
  template <typename Second>
  bool edit_and(std::size_t each) {
    for (std::size_t at = 0; at < rows_.size() && !is_over(); ++at) {
      const auto* const edit = std::get_if<EditForm>(&rows_[at]->proof);
      if (edit == nullptr) {
        continue;
      }
      std::size_t left = each;
      (*edit)(scene_, scene_.reading.form, Reach::kLikely, [&](const Form& form) {
        pair_with<Second>(at, form, each);
        return !is_over() && --left > 0;
      });
    }
    return found_.has_value();
  }

  // pair_with tries the rows with such a proof on a form that the row `at` has changed.
  template <typename Second>
  void pair_with(std::size_t at, const Form& form, std::size_t each) {
    const Causes first{rows_[at]->id};
    for (std::size_t other = 0; other < rows_.size() && !is_over(); ++other) {
      if (!std::holds_alternative<Second>(rows_[other]->proof) ||
          (std::is_same_v<Second, EditForm> && other <= at)) {
        continue;  // Of two edits the pair was tried the other way round.
      }
      std::size_t left = each;
      each_text(*rows_[other], Reach::kLikely, form, first, [&](const Text& text) {
        try_native(text);
        return !is_over() && --left > 0;
      });
    }
  }

  void wrap_around(const Text& inner) {
    for (const CauseRow* row : rows_) {
      if (const auto* const wrap = std::get_if<WrapText>(&row->proof); wrap != nullptr) {
        (*wrap)(scene_, inner.text, Reach::kLikely, [&](std::string text) {
          try_native({.causes = together(inner.causes, {row->id}), .text = std::move(text)});
          return !is_over();
        });
      }
    }
  }

  void try_native(const Text& text) {
    if (!is_new(text.text)) {
      tries_left_ -= tries_left_ == 0 ? 0 : 1;  // Making it was not free.
      return;
    }
    for (const Judge& judge : natives_) {
      if (is_over() || try_text(judge, text.causes, text.text)) {
        return;
      }
    }
  }

  // each_text gives the texts of one row.
  void each_text(const CauseRow& row, Reach reach, const Form& form, const Causes& before,
                 const EmitHypothesis& emit) const {
    const Causes causes = together(before, {row.id});
    if (const auto* const edit = std::get_if<EditForm>(&row.proof); edit != nullptr) {
      (*edit)(scene_, form, reach, [&](const Form& changed) {
        return emit({.causes = causes, .text = rendered(changed)});
      });
    } else if (const auto* const render = std::get_if<RenderForm>(&row.proof); render != nullptr) {
      (*render)(scene_, form, reach, [&](std::string text) {
        return emit({.causes = causes, .text = std::move(text)});
      });
    } else if (const auto* const wrap = std::get_if<WrapText>(&row.proof); wrap != nullptr) {
      (*wrap)(scene_, rendered(form), reach,
              [&](std::string text) { return emit({.causes = causes, .text = std::move(text)}); });
    }
  }

  void collect_texts(Reach reach, const Form& form, const Causes& before,
                     const EmitHypothesis& emit) {
    for (const std::string& payload : scene_.reading.payloads) {
      static_cast<void>(is_new(payload));
    }
    for (const CauseRow* row : rows_) {
      each_text(*row, reach, form, before,
                [&](Text text) { return !is_new(text.text) || emit(std::move(text)); });
    }
  }

  void collect_judges(Reach reach, std::vector<Judge>& judges) const {
    for (const CauseRow* row : rows_) {
      if (const auto* const make = std::get_if<MakeJudges>(&row->proof); make != nullptr) {
        (*make)(scene_, reach, [&](Judge judge) {
          judges.push_back(std::move(judge));
          return true;
        });
      }
    }
  }

  [[nodiscard]] std::string rendered(const Form& form) const {
    switch (scene_.request.transport) {
      case Transport::kRest:
        return rest_text(form);
      case Transport::kWebSocket:
        return websocket_text(form);
      case Transport::kFix:
        return fix_text(form);
    }
    std::unreachable();
  }

  // is_new remembers texts, so that none is tried twice under the natives.
  bool is_new(const std::string& text) {
    return seen_.insert(std::hash<std::string>()(text)).second;
  }

  void name_same_bytes() {
    for (const CauseRow* row : rows_) {
      if (row->id == found_->causes.front()) {
        continue;
      }
      each_text(*row, Reach::kLikely, scene_.reading.form, {}, [&](const Text& text) {
        if (text.text != found_->text) {
          return true;
        }
        found_->same_bytes.push_back(row->id);
        return false;
      });
    }
  }

  const Scene& scene_;
  std::size_t tries_left_;
  std::vector<const CauseRow*> rows_;
  std::vector<Judge> natives_;
  std::vector<Judge> judges_;  // likely ones
  std::vector<RankedJudge> ranked_judges_;
  std::vector<Text> texts_;  // likely ones, each once
  std::unordered_set<std::size_t> seen_;
  std::optional<Explanation> found_;
  bool tried_two_ = false;
};

}  // namespace

SearchResult search(const Scene& scene, std::size_t tries_max) {
  return Search(scene, tries_max).run(tries_max);
}

}  // namespace counterfoil::autopsy
