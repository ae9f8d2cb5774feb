#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/percent.h"
#include "base/trim.h"
#include "wire/http/field_rules.h"
#include "wire/pasted/pasted.h"
#include "wire/pasted/pieces.h"
#include "wire/pasted/shell_words.h"

// Source of what the options do: curl's manual (7.88, Debian 12), and the program itself where the
// manual is silent.
namespace counterfoil::pasted {
namespace {

constexpr std::string_view kOpenWord =
    "A shell variable or command stands in it unfilled: paste the command with its values, or look "
    "at the request itself (curl --trace-ascii -).";
constexpr std::string_view kCutUrl =
    "An & outside of quotes ended the command for the shell: what stands behind it was not sent. "
    "Put the URL in quotes.";
constexpr std::string_view kFileData =
    "Its body comes from a file, which is not part of the text: nothing of the body was looked at.";
constexpr std::string_view kMultipart =
    "It sends a multipart form, which no signed parameter is read from; parts are shown without "
    "their boundary.";
constexpr std::string_view kGlobbed =
    "Its URL holds [] or {}, which curl takes for a pattern and may change: use -g, or "
    "percent-encode them.";

// Effect is what an option does to the request.
enum class Effect : std::uint8_t {
  kNone,   // nothing, and it has no value
  kValue,  // nothing, but it has a value
  kMethod,
  kHead,
  kGet,
  kUrl,
  kHeader,
  kUserAgent,
  kData,
  kRawData,
  kEncodedData,
  kJson,
  kForm,
  kNoGlob,
};

struct Option {
  std::string_view name;
  char letter;  // 0: there is none
  Effect effect;
};

// The options that change what is sent, and those with a value, so that a value is not taken for a
// URL. Options that are not listed have no value.
constexpr auto kOptions = std::to_array<Option>({
    {"abstract-unix-socket", 0, Effect::kValue},
    {"cacert", 0, Effect::kValue},
    {"capath", 0, Effect::kValue},
    {"cert", 'E', Effect::kValue},
    {"cert-type", 0, Effect::kValue},
    {"ciphers", 0, Effect::kValue},
    {"config", 'K', Effect::kValue},
    {"connect-timeout", 0, Effect::kValue},
    {"connect-to", 0, Effect::kValue},
    {"cookie", 'b', Effect::kValue},
    {"cookie-jar", 'c', Effect::kValue},
    {"data", 'd', Effect::kData},
    {"data-ascii", 0, Effect::kData},
    {"data-binary", 0, Effect::kData},
    {"data-raw", 0, Effect::kRawData},
    {"data-urlencode", 0, Effect::kEncodedData},
    {"dump-header", 'D', Effect::kValue},
    {"form", 'F', Effect::kForm},
    {"form-string", 0, Effect::kForm},
    {"get", 'G', Effect::kGet},
    {"globoff", 'g', Effect::kNoGlob},
    {"head", 'I', Effect::kHead},
    {"header", 'H', Effect::kHeader},
    {"interface", 0, Effect::kValue},
    {"json", 0, Effect::kJson},
    {"key", 0, Effect::kValue},
    {"key-type", 0, Effect::kValue},
    {"limit-rate", 0, Effect::kValue},
    {"max-filesize", 0, Effect::kValue},
    {"max-time", 'm', Effect::kValue},
    {"noproxy", 0, Effect::kValue},
    {"output", 'o', Effect::kValue},
    {"output-dir", 0, Effect::kValue},
    {"pass", 0, Effect::kValue},
    {"pinnedpubkey", 0, Effect::kValue},
    {"proto", 0, Effect::kValue},
    {"proxy", 'x', Effect::kValue},
    {"proxy-header", 0, Effect::kValue},
    {"proxy-user", 'U', Effect::kValue},
    {"range", 'r', Effect::kValue},
    {"referer", 'e', Effect::kValue},
    {"request", 'X', Effect::kMethod},
    {"resolve", 0, Effect::kValue},
    {"retry", 0, Effect::kValue},
    {"retry-delay", 0, Effect::kValue},
    {"retry-max-time", 0, Effect::kValue},
    {"socks5", 0, Effect::kValue},
    {"socks5-hostname", 0, Effect::kValue},
    {"stderr", 0, Effect::kValue},
    {"tls-max", 0, Effect::kValue},
    {"trace", 0, Effect::kValue},
    {"trace-ascii", 0, Effect::kValue},
    {"unix-socket", 0, Effect::kValue},
    {"upload-file", 'T', Effect::kValue},
    {"url", 0, Effect::kUrl},
    {"user", 'u', Effect::kValue},
    {"user-agent", 'A', Effect::kUserAgent},
    {"write-out", 'w', Effect::kValue},
});

Effect effect_of_letter(char letter) {
  const auto found = std::ranges::find(kOptions, letter, &Option::letter);
  return found == kOptions.end() ? Effect::kNone : found->effect;
}

// effect_of_name finds a long option. curl takes any beginning of a name that means only one.
Effect effect_of_name(std::string_view name) {
  if (const auto whole = std::ranges::find(kOptions, name, &Option::name);
      whole != kOptions.end()) {
    return whole->effect;
  }
  const auto begins = [name](const Option& option) { return option.name.starts_with(name); };
  const auto first = std::ranges::find_if(kOptions, begins);
  return std::ranges::count_if(kOptions, begins) == 1 ? first->effect : Effect::kNone;
}

bool has_value(Effect effect) {
  return effect != Effect::kNone && effect != Effect::kHead && effect != Effect::kGet &&
         effect != Effect::kNoGlob;
}

// encode_data does what --data-urlencode does to "value", "=value" and "name=value".
std::string encode_data(std::string_view given) {
  const std::size_t equals = given.find('=');
  std::string name;
  if (equals != std::string_view::npos) {
    name = equals == 0 ? "" : std::string(given.substr(0, equals + 1));
    given.remove_prefix(equals + 1);
  }
  std::string value = percent_encode(given);
  for (std::size_t at = value.find("%20"); at != std::string::npos; at = value.find("%20", at)) {
    value.replace(at, 3, "+");
  }
  return name + value;
}

class Command {
 public:
  explicit Command(const ShellCommand& command) : words_(std::span(command.words).subspan(1)) {
    request_.form = Form::kCurl;
    request_.line = command.line;
    if (command.cut) {
      doubt(kCutUrl);
    }
  }

  Done read(Requests& out) {
    for (at_ = 0; at_ < words_.size(); ++at_) {
      read_word(words_[at_]);
    }
    if (urls_.empty()) {
      return {};  // curl --version and the like
    }
    for (const std::string& url : urls_) {
      if (Done done = add(finished(url), out); !done) {
        return done;
      }
    }
    return {};
  }

 private:
  void read_word(const ShellWord& word) {
    const std::string_view text = word.text;
    if (text.starts_with("--") && !only_urls_) {
      only_urls_ = text == "--";
      take_option(effect_of_name(text.substr(2)), "", word.open);
    } else if (text.starts_with('-') && text.size() > 1 && !only_urls_) {
      take_letters(text.substr(1), word.open);
    } else {
      take_value(Effect::kUrl, text, word.open);
    }
  }

  // Letters stand together; what follows one with a value is its value.
  void take_letters(std::string_view letters, bool open) {
    while (!letters.empty()) {
      const Effect effect = effect_of_letter(letters.front());
      letters.remove_prefix(1);
      if (has_value(effect)) {
        take_option(effect, letters, open);
        return;
      }
      take_option(effect, "", false);
    }
  }

  void take_option(Effect effect, std::string_view joined, bool open) {
    if (!has_value(effect)) {
      take_value(effect, "", false);
    } else if (!joined.empty()) {
      take_value(effect, joined, open);
    } else if (++at_ < words_.size()) {
      take_value(effect, words_[at_].text, words_[at_].open);
    }
  }

  void take_value(Effect effect, std::string_view value, bool open) {
    if (open && effect != Effect::kValue) {
      doubt(kOpenWord);
    }
    switch (effect) {
      case Effect::kMethod:
        request_.method = std::string(value);
        break;
      case Effect::kHead:
        is_head_ = true;
        break;
      case Effect::kGet:
        data_in_query_ = true;
        break;
      case Effect::kNoGlob:
        globs_ = false;
        break;
      case Effect::kUrl:
        urls_.emplace_back(value);
        break;
      case Effect::kHeader:
        add_header(value);
        break;
      case Effect::kUserAgent:
        request_.headers.emplace_back("User-Agent", value);
        break;
      case Effect::kJson:
        is_json_ = true;
        add_data(value, "");
        break;
      case Effect::kForm:
        is_multipart_ = true;
        doubt(kMultipart);
        add_data(value, "&");
        break;
      case Effect::kData:
        if (value.starts_with('@')) {
          doubt(kFileData);
          break;
        }
        [[fallthrough]];
      case Effect::kRawData:
        add_data(value, "&");
        break;
      case Effect::kEncodedData:
        add_encoded(value);
        break;
      case Effect::kNone:
      case Effect::kValue:
        break;
    }
  }

  void add_encoded(std::string_view value) {
    const std::size_t equals = value.find('=');
    if (value.find('@') < equals) {
      doubt(kFileData);  // name@file
      return;
    }
    add_data(encode_data(value), "&");
  }

  void add_data(std::string_view value, std::string_view between) {
    if (data_) {
      data_->append(between).append(value);
    } else {
      data_ = std::string(value);
    }
  }

  // "Name: value" sends it, "Name;" sends it empty, "Name:" takes one away that curl would send.
  void add_header(std::string_view text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
      if (text.ends_with(';')) {
        request_.headers.emplace_back(text.substr(0, text.size() - 1), "");
      }
      return;
    }
    const std::string_view value = trim(text.substr(colon + 1));
    if (value.empty()) {
      taken_away_.emplace_back(text.substr(0, colon));
    } else {
      request_.headers.emplace_back(text.substr(0, colon), value);
    }
  }

  [[nodiscard]] bool has_header(std::string_view name) const {
    const auto is_it = [&](std::string_view other) {
      return http::equals_ignoring_case(other, name);
    };
    return std::ranges::any_of(request_.headers,
                               [&](const auto& header) { return is_it(header.first); }) ||
           std::ranges::any_of(taken_away_, is_it);
  }

  [[nodiscard]] Request finished(const std::string& url) const {
    Request request = request_;
    set_target(request, url.contains("://") || url.starts_with('/') ? url : "http://" + url);
    if (globs_ && url.find_first_of("[]{}") != std::string::npos) {
      request.doubts.push_back(kGlobbed);
    }
    if (data_ && data_in_query_) {
      request.query += (request.query.empty() ? "" : "&") + *data_;
    } else if (data_) {
      request.body = *data_;
      if (!has_header("Content-Type")) {
        request.headers.emplace_back("Content-Type", is_multipart_ ? "multipart/form-data"
                                                     : is_json_
                                                         ? "application/json"
                                                         : "application/x-www-form-urlencoded");
      }
    }
    if (request.method.empty()) {
      request.method = is_head_ ? "HEAD" : data_ && !data_in_query_ ? "POST" : "GET";
    }
    return request;
  }

  void doubt(std::string_view sentence) {
    if (std::ranges::find(request_.doubts, sentence) == request_.doubts.end()) {
      request_.doubts.push_back(sentence);
    }
  }

  std::span<const ShellWord> words_;
  std::size_t at_ = 0;
  Request request_;
  std::vector<std::string> urls_;
  std::vector<std::string> taken_away_;
  std::optional<std::string> data_;
  bool only_urls_ = false;
  bool data_in_query_ = false;
  bool is_head_ = false;
  bool is_json_ = false;
  bool is_multipart_ = false;
  bool globs_ = true;
};

bool names_curl(std::string_view word) {
  const std::size_t slash = word.find_last_of("/\\");
  const std::string_view name = slash == std::string_view::npos ? word : word.substr(slash + 1);
  return name == "curl" || name == "curl.exe";
}

}  // namespace

bool is_curl(std::string_view text) {
  while (!text.empty()) {
    // A prompt, sudo, or a variable may stand before it.
    constexpr int kWordsBefore = 3;
    std::string_view line = trim(take_line(text));
    for (int i = 0; i < kWordsBefore && !line.empty(); ++i) {
      const std::size_t end = std::min(line.find(' '), line.size());
      if (names_curl(line.substr(0, end))) {
        return true;
      }
      line = trim(line.substr(end));
    }
  }
  return false;
}

Done read_curl(std::string_view text, Requests& out) {
  const auto commands = split_shell(text);
  if (!commands) {
    return std::unexpected(commands.error());
  }
  for (ShellCommand command : *commands) {
    // A prompt before it, and variables set for it.
    const auto first = std::ranges::find_if(
        command.words, [](const ShellWord& word) { return names_curl(word.text); });
    command.words.erase(command.words.begin(), first);
    if (command.words.empty()) {
      continue;
    }
    if (Done done = Command(command).read(out); !done) {
      return done;
    }
  }
  return {};
}

}  // namespace counterfoil::pasted
