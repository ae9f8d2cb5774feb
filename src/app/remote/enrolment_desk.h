#pragma once

#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "app/command_context.h"
#include "app/remote/enrolment_answer.h"
#include "app/remote/enrolment_url.h"
#include "app/remote/node_api.h"
#include "base/wiped_text.h"
#include "outbound/http_client.h"

namespace counterfoil {

// EnrolmentDesk is the console that a one-time link leads to, as the link's bearer asks it. Every
// Failure is fit for a terminal and holds nothing of the token. One thread.
class EnrolmentDesk {
 public:
  // make: `ca_file` names the certificate authorities (PEM) to trust; empty: the system's.
  [[nodiscard]] static std::expected<EnrolmentDesk, Failure> make(EnrolmentUrl url,
                                                                  const std::string& ca_file);

  [[nodiscard]] const EnrolmentUrl& url() const { return url_; }

  // show tells what the API key will be; the link stays as it is.
  [[nodiscard]] std::expected<PreparedKey, Failure> show() const;
  // challenge gives {"nonce","text"} for a public key (PEM).
  [[nodiscard]] std::expected<NodeJson, Failure> challenge(const std::string& public_key) const;

  // NotMade is why there is no answer with an API key. With `is_in_doubt` the link may be used up
  // all the same.
  struct NotMade {
    Failure failure;
    bool is_in_doubt = false;
  };
  // use makes the API key of `material` ("type", "public_key", "possession"). The secret of an HMAC
  // key is in `secret`, and in nothing else that outlives the call.
  [[nodiscard]] std::expected<EnrolledKey, NotMade> use(const NodeJson& material,
                                                        WipedText& secret) const;

 private:
  EnrolmentDesk(EnrolmentUrl url, HttpClient client)
      : url_(std::move(url)), client_(std::move(client)) {}
  struct Answer {
    int status = 0;
    WipedText body;
  };
  // post sends `members` with the token. The error is a sentence.
  [[nodiscard]] std::expected<Answer, std::string> post(const std::string& path,
                                                        const NodeJson& members) const;
  // ask is post for what changes nothing.
  [[nodiscard]] std::expected<WipedText, Failure> ask(const std::string& path,
                                                      const NodeJson& members) const;
  [[nodiscard]] Failure not_understood(const std::string& why) const;

  EnrolmentUrl url_;
  HttpClient client_;
};

}  // namespace counterfoil
