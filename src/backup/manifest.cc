#include "backup/manifest.h"

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/hex.h"
#include "crypto/digest.h"

namespace counterfoil {
namespace {

// Its objects are sorted maps, so what it writes has one form.
using Json = nlohmann::json;

// Members reads what must be there; after a miss it has failed.
class Members {
 public:
  explicit Members(const Json& object) : object_(object) {}

  std::string text(const char* name) {
    const Json* const member = find(name);
    failed_ = failed_ || member == nullptr || !member->is_string();
    return failed_ ? std::string() : member->get<std::string>();
  }
  std::uint64_t number(const char* name) {
    const Json* const member = find(name);
    failed_ = failed_ || member == nullptr || !member->is_number_unsigned();
    return failed_ ? 0 : member->get<std::uint64_t>();
  }
  Digest digest(const char* name) {
    Digest digest{};
    const std::string hex = text(name);
    failed_ = failed_ || !from_hex_into(hex, digest);
    return digest;
  }
  const Json& of(const char* name) {
    static const Json kNone;
    const Json* const member = find(name);
    failed_ = failed_ || member == nullptr;
    return failed_ ? kNone : *member;
  }
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  const Json* find(const char* name) const {
    const auto found = object_.find(name);
    return object_.is_object() && found != object_.end() ? &*found : nullptr;
  }
  const Json& object_;
  bool failed_ = false;
};

std::optional<BackupPart> part_of(const Json& json) {
  Members members(json);
  BackupPart part{.name = members.text("name"),
                  .bytes = members.number("bytes"),
                  .sha256 = members.digest("sha256")};
  return members.failed() ? std::nullopt : std::optional(std::move(part));
}

std::optional<StoresSurvey> survey_of(const Json& json) {
  Members members(json);
  Members counts(members.of("counts"));
  StoresSurvey survey{
      .log_id = members.text("log_id"),
      .head = {.seq = members.number("audit_seq"), .hash = members.digest("audit_hash")},
      .incarnation = members.number("incarnation"),
      .revision = members.number("revision"),
      .counts = {.accounts = counts.number("accounts"),
                 .api_keys = counts.number("api_keys"),
                 .sealing_keys = counts.number("sealing_keys"),
                 .settings = counts.number("settings"),
                 .checkpoints = counts.number("checkpoints")}};
  return members.failed() || counts.failed() ? std::nullopt : std::optional(std::move(survey));
}

}  // namespace

std::string encode_manifest(const Manifest& manifest) {
  const StoresSurvey& stores = manifest.stores;
  Json parts = Json::array();
  for (const BackupPart& part : manifest.parts) {
    parts.push_back({{"name", part.name}, {"bytes", part.bytes}, {"sha256", to_hex(part.sha256)}});
  }
  const Json json{{"program", manifest.program},
                  {"node", manifest.node},
                  {"time", manifest.time},
                  {"stores",
                   {{"log_id", stores.log_id},
                    {"audit_seq", stores.head.seq},
                    {"audit_hash", to_hex(stores.head.hash)},
                    {"incarnation", stores.incarnation},
                    {"revision", stores.revision},
                    {"counts",
                     {{"accounts", stores.counts.accounts},
                      {"api_keys", stores.counts.api_keys},
                      {"sealing_keys", stores.counts.sealing_keys},
                      {"settings", stores.counts.settings},
                      {"checkpoints", stores.counts.checkpoints}}}}},
                  {"parts", std::move(parts)},
                  {"revocation_logs", manifest.revocation_logs},
                  {"checkpoints", manifest.checkpoints}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Manifest> decode_manifest(std::string_view text) {
  const Json json = text.size() > kManifestBytesMax ? Json() : Json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return std::nullopt;
  }
  Members members(json);
  Manifest manifest{.program = members.text("program"),
                    .node = members.text("node"),
                    .time = members.text("time"),
                    .stores = {},
                    .parts = {},
                    .revocation_logs = {},
                    .checkpoints = members.text("checkpoints")};
  auto stores = survey_of(members.of("stores"));
  for (const Json& item : members.of("parts")) {
    if (auto part = part_of(item)) {
      manifest.parts.push_back(std::move(*part));
    }
  }
  for (const Json& item : members.of("revocation_logs")) {
    if (item.is_string()) {
      manifest.revocation_logs.push_back(item.get<std::string>());
    }
  }
  if (members.failed() || !stores || manifest.parts.size() != 2 ||
      manifest.parts.front().name != kRegistryPart || manifest.parts.back().name != kJournalPart) {
    return std::nullopt;
  }
  manifest.stores = std::move(*stores);
  // One form only: what is not read here must not be there.
  return encode_manifest(manifest) == text ? std::optional(std::move(manifest)) : std::nullopt;
}

}  // namespace counterfoil
