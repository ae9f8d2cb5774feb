#include "wire/http/request_head.h"

#include <cstddef>
#include <expected>
#include <optional>
#include <string_view>

#include "wire/http/body_framing.h"
#include "wire/http/byte_classes.h"
#include "wire/http/byte_scan.h"
#include "wire/http/field_rules.h"
#include "wire/http/head_parser.h"
#include "wire/http/limits.h"
#include "wire/http/path_rules.h"
#include "wire/http/refusal.h"

namespace counterfoil::http {
namespace {

// read_version gives the minor version of "HTTP/1.0" and "HTTP/1.1".
std::expected<int, RefusalKind> read_version(std::string_view word) {
  if (word == "HTTP/1.1") {
    return 1;
  }
  if (word == "HTTP/1.0") {
    return 0;
  }
  // RFC 9112 section 2.3: HTTP-version = HTTP-name "/" DIGIT "." DIGIT
  const bool well_formed = word.size() == 8 && word.starts_with("HTTP/") && is_digit(word[5]) &&
                           word[6] == '.' && is_digit(word[7]);
  return std::unexpected(well_formed ? RefusalKind::kVersionNotSupported
                                     : RefusalKind::kVersionMalformed);
}

// scheme_size is the length of "http://" or "https://" at the start of a target, 0 when neither is
// there.
std::size_t scheme_size(std::string_view target) {
  for (const std::string_view scheme :
       {std::string_view("http://"), std::string_view("https://")}) {
    if (equals_ignoring_case(target.substr(0, scheme.size()), scheme)) {
      return scheme.size();
    }
  }
  return 0;
}

}  // namespace

// RequestParser adds to HeadParser what a request line says.
class RequestParser final : public HeadParser {
 public:
  RequestParser(std::string_view buffer, const Limits& limits, RequestHead& head)
      : HeadParser(buffer, limits, head, Kind::kRequest), head_(head) {}

 private:
  Reading take_first_line(std::string_view line) override;
  Reading check_whole() override;

  Reading take_method(std::string_view word);
  Reading take_target(std::string_view target);
  Reading take_absolute_target(std::string_view target, std::size_t scheme);
  Reading take_path_and_query(std::string_view target);

  RequestHead& head_;
  std::string_view authority_;  // of a target in absolute form
};

HeadParser::Reading RequestParser::take_first_line(std::string_view line) {
  // RFC 9112 section 3: request-line = method SP request-target SP HTTP-version
  const std::size_t method_size = line.find(' ');
  const std::size_t last_blank = line.rfind(' ');
  if (method_size == std::string_view::npos || method_size == last_blank) {
    return refuse_for(RefusalKind::kRequestLineMalformed);
  }
  if (line == "PRI * HTTP/2.0") {
    return refuse_for(RefusalKind::kHttp2Preface);
  }
  const auto version = read_version(line.substr(last_blank + 1));
  if (!version) {
    return refuse_for(version.error());
  }
  set_minor_version(*version);
  if (take_method(line.substr(0, method_size)) == Reading::kRefused) {
    return Reading::kRefused;
  }
  return take_target(line.substr(method_size + 1, last_blank - method_size - 1));
}

HeadParser::Reading RequestParser::take_method(std::string_view word) {
  const auto method = method_from(word);
  if (!method) {
    return refuse_for(is_token(word) ? RefusalKind::kMethodNotAllowed
                                     : RefusalKind::kRequestLineMalformed);
  }
  head_.method_ = *method;
  return Reading::kDone;
}

HeadParser::Reading RequestParser::take_target(std::string_view target) {
  if (target.starts_with('/')) {
    head_.target_form_ = TargetForm::kOrigin;
    return take_path_and_query(target);
  }
  if (target.empty() || target.find_first_of(" \t") != std::string_view::npos) {
    return refuse_for(RefusalKind::kRequestLineMalformed);
  }
  if (target == "*" && head_.method_ == Method::kOptions) {
    head_.target_form_ = TargetForm::kAsterisk;
    head_.target_ = target;
    head_.path_ = target;
    head_.query_ = {};
    head_.has_query_ = false;
    head_.query_has_high_bytes_ = false;
    return Reading::kDone;
  }
  const std::size_t scheme = scheme_size(target);
  return scheme == 0 ? refuse_for(RefusalKind::kTargetForm) : take_absolute_target(target, scheme);
}

HeadParser::Reading RequestParser::take_absolute_target(std::string_view target,
                                                        std::size_t scheme) {
  const std::string_view rest = target.substr(scheme);
  const std::size_t authority_size = rest.find_first_of("/?#");
  authority_ = rest.substr(0, authority_size);
  head_.target_form_ = TargetForm::kAbsolute;
  if (authority_size == std::string_view::npos) {
    return take_path_and_query("/");
  }
  // "http://host?query" would have to become "/?query": a repair.
  if (rest[authority_size] != '/') {
    return refuse_for(RefusalKind::kTargetForm);
  }
  return take_path_and_query(rest.substr(authority_size));
}

HeadParser::Reading RequestParser::take_path_and_query(std::string_view target) {
  const std::size_t question = target.find('?');
  head_.target_ = target;
  head_.path_ = target.substr(0, question);
  head_.has_query_ = question != std::string_view::npos;
  head_.query_ = head_.has_query_ ? target.substr(question + 1) : std::string_view();
  const QueryScan query = scan_query(head_.query_);
  head_.query_has_high_bytes_ = query.high_bytes;
  const auto path = check_path(head_.path_);
  if (path && query.acceptable) {
    return Reading::kDone;
  }
  // A blank is no byte of a target at all: there is more than one between the three words.
  if (target.find_first_of(" \t") != std::string_view::npos) {
    return refuse_for(RefusalKind::kRequestLineMalformed);
  }
  return refuse_for(path ? RefusalKind::kTargetByte : path.error());
}

HeadParser::Reading RequestParser::check_whole() {
  if (!has_host()) {
    return refuse_for(RefusalKind::kHostMissing);
  }
  head_.host_ = host();
  if (head_.target_form_ == TargetForm::kAbsolute &&
      !equals_ignoring_case(authority_, head_.host_)) {
    return refuse_for(RefusalKind::kTargetForeignAuthority);
  }
  // RFC 9110 section 10.1.1: "A server that receives a 100-continue expectation in an HTTP/1.0
  // request MUST ignore that expectation."
  head_.expect_continue_ = has_expect() && head_.minor_version() == 1;
  return Reading::kDone;
}

std::optional<Method> method_from(std::string_view word) {
  for (std::size_t i = 0; i < kMethodNames.size(); ++i) {
    if (word == kMethodNames[i]) {
      return static_cast<Method>(i);
    }
  }
  return std::nullopt;
}

BodyFraming RequestHead::body_framing() const {
  if (chunked()) {
    return {.mode = BodyMode::kChunked};
  }
  if (const auto length = content_length()) {
    return {.mode = BodyMode::kLength, .length = *length};
  }
  return {};
}

std::expected<std::optional<std::size_t>, Refusal> parse_request_head(std::string_view buffer,
                                                                      const Limits& limits,
                                                                      RequestHead& head) {
  const auto parsed = RequestParser(buffer, limits, head).parse();
  if (!parsed) {
    return std::unexpected(refuse(parsed.error()));
  }
  return *parsed;
}

}  // namespace counterfoil::http
