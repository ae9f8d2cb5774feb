#include "app/remote/node_api.h"

#include <chrono>
#include <cstddef>
#include <expected>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include "app/command_context.h"
#include "app/node_paths.h"
#include "app/remote/admin_client.h"
#include "base/wiped_text.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using http::Method;

std::unexpected<Failure> not_understood() {
  return std::unexpected(
      Failure{ExitCode::kCannotTell,
              "the node's answer cannot be read; are `counterfoil version` and the node's version "
              "(`counterfoil status`) the same?"});
}

Failure failure_of(int status, const NodeJson& problem) {
  std::string sentence = problem.value("detail", "the node refused this");
  if (const std::string action = problem.value("action", "");
      !action.empty() && !sentence.contains(action)) {
    sentence += "; try `" + action + "`";
  }
  if (exit_code_for(status) == ExitCode::kCannotTell) {
    sentence += " (request " + problem.value("request_id", "?") + ")";
  }
  return {exit_code_for(status), std::move(sentence)};
}

std::expected<NodeJson, Failure> read(const std::expected<AdminReply, Failure>& reply) {
  if (!reply) {
    return std::unexpected(reply.error());
  }
  NodeJson json = NodeJson::parse(reply->body.begin(), reply->body.end(), nullptr, false);
  if (!json.is_object()) {
    return not_understood();
  }
  if (reply->status >= 400) {
    return std::unexpected(failure_of(reply->status, json));
  }
  return json;
}

}  // namespace

ExitCode exit_code_for(int status) {
  switch (status) {
    case 401:
    case 403:
      return ExitCode::kNotAllowed;
    case 404:
    case 409:
    case 412:
      return ExitCode::kNo;
    default:
      return status >= 400 && status < 500 ? ExitCode::kUsage : ExitCode::kCannotTell;
  }
}

WipedText take_secret(WipedText& body, std::string_view name) {
  const std::string opening = ",\"" + std::string(name) + "\":\"";
  const std::size_t at = body.rfind(std::string_view(opening));
  if (at == WipedText::npos) {
    return {};
  }
  const std::size_t begin = at + opening.size();
  const std::size_t end = body.find('"', begin);
  if (end == WipedText::npos) {
    return {};
  }
  WipedText secret(body, begin, end - begin);
  body.replace(at, end + 1 - at, "");
  return secret;
}

std::expected<NodeApi, Failure> NodeApi::of(const CommandContext& context) {
  if (!context.flags.admin_socket.empty()) {
    return NodeApi(context.flags.admin_socket);
  }
  const auto config = context.load_config();
  if (config) {
    return NodeApi(admin_socket_path(*config).string());
  }
  // A node goes by the configuration that held when it read it. One that is faulty by now must not
  // keep its operator from asking it, first of all what is wrong.
  const std::filesystem::path usual = std::filesystem::path(context.flags.data) / kAdminSocketName;
  std::error_code ignored;
  if (!context.flags.data.empty() && std::filesystem::is_socket(usual, ignored)) {
    return NodeApi(usual.string());
  }
  return std::unexpected(config.error());
}

std::expected<NodeJson, Failure> NodeApi::get(const std::string& target) const {
  return read(client_.call({.method = Method::kGet, .target = target}));
}

std::expected<NodeJson, Failure> NodeApi::post(const std::string& target, const NodeJson& body,
                                               std::chrono::seconds patience) const {
  const std::string text = body.dump();
  return read(client_.call(
      {.method = Method::kPost, .target = target, .body = text, .patience = patience}));
}

std::expected<NodeJson, Failure> NodeApi::patch(const std::string& target,
                                                const NodeJson& body) const {
  const std::string text = body.dump();
  return read(client_.call({.method = Method::kPatch, .target = target, .body = text}));
}

std::expected<NodeJson, Failure> NodeApi::post_secret(const std::string& target,
                                                      const WipedText& body) const {
  return read(client_.call({.method = Method::kPost, .target = target, .body = body}));
}

std::expected<NodeJson, Failure> NodeApi::post_rows(const std::string& target,
                                                    const WipedText& rows,
                                                    std::chrono::seconds patience) const {
  return read(client_.call({.method = Method::kPost,
                            .target = target,
                            .body = rows,
                            .if_match = {},
                            .patience = patience,
                            .content_type = "application/x-ndjson"}));
}

std::expected<NodeJson, Failure> NodeApi::post_for_secret(const std::string& target,
                                                          const NodeJson& body, WipedText& secret,
                                                          std::string_view name) const {
  const std::string text = body.dump();
  auto reply = client_.call({.method = Method::kPost, .target = target, .body = text});
  if (reply) {
    secret = take_secret(reply->body, name);
  }
  return read(reply);
}

std::expected<void, Failure> NodeApi::stream(const std::string& target,
                                             const AdminClient::Sink& sink) const {
  const auto reply = client_.stream(target, sink);
  if (!reply) {
    return std::unexpected(reply.error());
  }
  if (reply->status >= 400) {
    const auto refused = read(reply);
    return refused ? std::expected<void, Failure>{} : std::unexpected(refused.error());
  }
  return {};
}

}  // namespace counterfoil
