#include "app/remote/enrolment_desk.h"

#include <chrono>
#include <cstddef>
#include <expected>
#include <string>
#include <string_view>
#include <utility>

#include "app/command_context.h"
#include "app/remote/enrolment_answer.h"
#include "app/remote/enrolment_url.h"
#include "app/remote/node_api.h"
#include "base/wiped_text.h"
#include "outbound/http_client.h"

namespace counterfoil {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr int kRedirects = 300;
constexpr int kRefusals = 400;

Failure refused(int status, std::string_view body, const std::string& origin) {
  const auto sentence = parse_enrolment_refusal(body);
  return {exit_code_for(status), sentence
                                     ? *sentence
                                     : origin + " answered HTTP " + std::to_string(status) +
                                           " and no reason; is it the console, and is it well?"};
}

}  // namespace

std::expected<EnrolmentDesk, Failure> EnrolmentDesk::make(EnrolmentUrl url,
                                                          const std::string& ca_file) {
  if (!url.page.tls && !ca_file.empty()) {
    return std::unexpected(Failure{
        ExitCode::kUsage, "--ca-file is for https, and " + url.origin() + " is not; leave it out"});
  }
  auto client = HttpClient::make({.host = url.page.host,
                                  .port = url.page.port,
                                  .authority = url.page.authority,
                                  .tls = url.page.tls,
                                  .authorities = ca_file});
  if (!client) {
    return std::unexpected(Failure{ExitCode::kUsage, client.error()});
  }
  return EnrolmentDesk(std::move(url), std::move(*client));
}

std::expected<EnrolmentDesk::Answer, std::string> EnrolmentDesk::post(
    const std::string& path, const NodeJson& members) const {
  const std::string facts = members.dump();
  HttpCall call{.method = "POST",
                .target = "/api/v1/enrolment" + path,
                .headers = {{"Content-Type", "application/json"}, {"Origin", url_.origin()}},
                .body = {},
                .reply_body_bytes_max = kEnrolmentAnswerBytesMax};
  constexpr std::size_t kNameAndMarks = 16;
  call.body.reserve(facts.size() + url_.token.size() + kNameAndMarks);
  call.body.append(facts, 0, facts.size() - 1);
  call.body.append(members.empty() ? "" : ",").append("\"token\":\"");
  call.body.append(url_.token).append("\"}");
  auto reply = client_.call(call, kPatience);
  wipe(call.body);
  if (!reply) {
    return std::unexpected(reply.error());
  }
  Answer answer{.status = reply->status, .body = WipedText(reply->body)};
  wipe(reply->body);
  return answer;
}

Failure EnrolmentDesk::not_understood(const std::string& why) const {
  return {ExitCode::kCannotTell, "the answer of " + url_.origin() + " " + why +
                                     "; is it the console that the link was made on?"};
}

std::expected<WipedText, Failure> EnrolmentDesk::ask(const std::string& path,
                                                     const NodeJson& members) const {
  auto answer = post(path, members);
  if (!answer) {
    return std::unexpected(
        Failure{ExitCode::kCannotTell,
                answer.error() +
                    "; the link was not used. Is the console up, and is its certificate one that "
                    "this machine trusts (--ca-file names a private authority)?"});
  }
  if (answer->status >= kRefusals) {
    return std::unexpected(refused(answer->status, answer->body, url_.origin()));
  }
  if (answer->status >= kRedirects) {
    return std::unexpected(not_understood("is a redirect, which is not followed"));
  }
  return std::move(answer->body);
}

std::expected<PreparedKey, Failure> EnrolmentDesk::show() const {
  const auto body = ask("", NodeJson::object());
  if (!body) {
    return std::unexpected(body.error());
  }
  auto key = parse_prepared_key(*body);
  return key ? std::expected<PreparedKey, Failure>(std::move(*key))
             : std::unexpected(not_understood(key.error()));
}

std::expected<NodeJson, Failure> EnrolmentDesk::challenge(const std::string& public_key) const {
  const auto body = ask("/challenge", {{"public_key", public_key}});
  if (!body) {
    return std::unexpected(body.error());
  }
  const auto challenge = parse_enrolment_challenge(*body);
  if (!challenge) {
    return std::unexpected(not_understood(challenge.error()));
  }
  return NodeJson{{"nonce", challenge->nonce}, {"text", challenge->text}};
}

std::expected<EnrolledKey, EnrolmentDesk::NotMade> EnrolmentDesk::use(const NodeJson& material,
                                                                      WipedText& secret) const {
  auto answer = post("/key", material);
  if (!answer) {
    return std::unexpected(
        NotMade{.failure = {ExitCode::kCannotTell, answer.error()}, .is_in_doubt = true});
  }
  if (answer->status >= kRedirects) {
    return std::unexpected(
        NotMade{.failure = refused(answer->status, answer->body, url_.origin()),
                .is_in_doubt = exit_code_for(answer->status) == ExitCode::kCannotTell});
  }
  secret = take_secret(answer->body, "secret");
  auto key = parse_enrolled_key(answer->body);
  return key ? std::expected<EnrolledKey, NotMade>(std::move(*key))
             : std::unexpected(
                   NotMade{.failure = not_understood(key.error()), .is_in_doubt = true});
}

}  // namespace counterfoil
