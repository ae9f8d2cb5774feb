#pragma once

#include <chrono>
#include <expected>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "app/command_context.h"
#include "app/remote/admin_client.h"
#include "base/wiped_text.h"

namespace counterfoil {

using NodeJson = nlohmann::ordered_json;

// exit_code_for says what an HTTP status of 300 and more means to the shell: what the node knows
// for certain is a no; what it could not find out is not.
[[nodiscard]] ExitCode exit_code_for(int status);

// take_secret cuts the member `name`, which the node writes last, out of the text, so that no JSON
// library ever copies it. Secrets have nothing that JSON escapes. Empty: there is none.
[[nodiscard]] WipedText take_secret(WipedText& body, std::string_view name);

// NodeApi is the management API as a command sees it: JSON in, JSON or a Failure out. The Failure's
// sentence is the node's own detail with the command to try next; its code says what kind of no it
// was.
class NodeApi {
 public:
  // of takes the admin socket from --admin-socket, the configuration, or the data directory; from
  // the data directory also when the configuration is faulty by now.
  [[nodiscard]] static std::expected<NodeApi, Failure> of(const CommandContext& context);
  explicit NodeApi(std::string socket) : client_(std::move(socket)) {}

  [[nodiscard]] std::expected<NodeJson, Failure> get(const std::string& target) const;
  // `patience` is for what takes long: how long the node may be silent.
  [[nodiscard]] std::expected<NodeJson, Failure> post(
      const std::string& target, const NodeJson& body,
      std::chrono::seconds patience = AdminClient::kPatience) const;
  [[nodiscard]] std::expected<NodeJson, Failure> patch(const std::string& target,
                                                       const NodeJson& body) const;
  // post_secret sends a body that holds a secret and is kept in no other buffer.
  [[nodiscard]] std::expected<NodeJson, Failure> post_secret(const std::string& target,
                                                             const WipedText& body) const;
  // post_rows sends lines of JSON (application/x-ndjson), which may hold secrets.
  [[nodiscard]] std::expected<NodeJson, Failure> post_rows(const std::string& target,
                                                           const WipedText& rows,
                                                           std::chrono::seconds patience) const;
  // post_for_secret also takes the one-time secret, the last member of this name, out of the
  // answer: it is in `secret`, and in nothing else.
  [[nodiscard]] std::expected<NodeJson, Failure> post_for_secret(
      const std::string& target, const NodeJson& body, WipedText& secret,
      std::string_view name = "secret") const;
  // stream hands on a long answer that is not JSON, piece by piece.
  [[nodiscard]] std::expected<void, Failure> stream(const std::string& target,
                                                    const AdminClient::Sink& sink) const;

 private:
  AdminClient client_;
};

// for_each_item calls `take` for every item of a list, page after page. `target` has a '?'.
template <typename Take>
[[nodiscard]] std::expected<void, Failure> for_each_item(const NodeApi& api,
                                                         const std::string& target, Take take) {
  std::string after;
  while (true) {
    std::string part = target;
    if (!after.empty()) {
      part.append("&after=").append(after);
    }
    const auto page = api.get(part);
    if (!page) {
      return std::unexpected(page.error());
    }
    for (const NodeJson& item : page->value("items", NodeJson::array())) {
      take(item);
    }
    const NodeJson next = page->value("next", NodeJson());
    if (!next.is_string()) {
      return {};
    }
    after = next.get<std::string>();
  }
}

}  // namespace counterfoil
