#include "app/node_people.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <expected>
#include <filesystem>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "accounts/passkey.h"
#include "app/command_context.h"
#include "authority/oidc_desk.h"
#include "authority/passkey_challenges.h"
#include "authority/password_desk.h"
#include "authority/people.h"
#include "authority/people_parts.h"
#include "authority/problem.h"
#include "authority/second_factor.h"
#include "authority/sign_in.h"
#include "authority/sign_in_throttle.h"
#include "base/wiped_text.h"
#include "crypto/hmac.h"
#include "crypto/password_hash.h"
#include "doors/calls/descriptor.h"

namespace counterfoil {
namespace {

PeopleParts people_parts(const NodePeople::Parts& parts, PasswordDesk& desk,
                         SecondFactors& factors) {
  return {.audited = parts.audited,
          .registry = parts.registry,
          .sealer = parts.sealer,
          .desk = desk,
          .factors = factors,
          .random = parts.random,
          .issuer = parts.issuer};
}

}  // namespace

std::expected<std::unique_ptr<NodePeople>, Problem> NodePeople::make(Parts parts) {
  auto pepper = parts.sealer.own_mac_key("passwords");
  auto names = parts.sealer.own_mac_key("sign-in names");
  auto devices = parts.sealer.own_mac_key("known devices");
  auto fakes = parts.sealer.own_mac_key("made-up passkeys");
  for (const auto* key : {&pepper, &names, &devices, &fakes}) {
    if (!*key) {
      return std::unexpected(key->error());
    }
  }
  auto challenges = PasskeyChallenges::make(parts.random, parts.clock);
  if (!challenges) {
    return std::unexpected(challenges.error());
  }
  return std::unique_ptr<NodePeople>(new NodePeople(std::move(parts),
                                                    {.pepper = std::move(*pepper),
                                                     .names = std::move(*names),
                                                     .devices = std::move(*devices),
                                                     .fakes = std::move(*fakes)},
                                                    std::move(*challenges)));
}

NodePeople::NodePeople(Parts parts, Keys keys, PasskeyChallenges challenges)
    : parts_(std::move(parts)),
      challenges_(std::move(challenges)),
      factors_(parts_.sealer, challenges_, parts_.party, parts_.passkey_rule),
      desk_(PasswordHasher(std::move(keys.pepper)), parts_.random),
      throttle_(parts_.registry, std::move(keys.names)),
      people_(people_parts(parts_, desk_, factors_)),
      sessions_(people_parts(parts_, desk_, factors_)),
      sign_in_({.audited = parts_.audited,
                .throttle = throttle_,
                .desk = desk_,
                .factors = factors_,
                .random = parts_.random,
                .on_reset = parts_.on_reset},
               std::move(keys.devices), std::move(keys.fakes)),
      links_({.audited = parts_.audited,
              .issuer = parts_.keys,
              .throttle = throttle_,
              .random = parts_.random}) {}

std::expected<void, Problem> NodePeople::add_provider(Provider provider) {
  auto tickets = PasskeyChallenges::make(parts_.random, parts_.clock, OidcDesk::kTicketLife);
  if (!tickets) {
    return std::unexpected(tickets.error());
  }
  provider_.emplace(std::move(provider.settings), std::move(provider.secret),
                    std::move(provider.fetch), parts_.clock);
  oidc_.emplace(OidcDesk::Parts{.audited = parts_.audited,
                                .throttle = throttle_,
                                .factors = factors_,
                                .sign_in = sign_in_,
                                .people = people_,
                                .client = *provider_,
                                .report = std::move(provider.report)},
                std::move(provider.options), std::move(*tickets));
  return {};
}

bool NodePeople::is_set_up() {
  if (!is_set_up_) {
    is_set_up_ = people_.has_owner().value_or(false);
  }
  return is_set_up_;
}

std::expected<void, Problem> NodePeople::sweep() {
  if (const auto swept = people_.sweep(); !swept) {
    return std::unexpected(swept.error());
  }
  if (const auto swept = links_.sweep(); !swept) {
    return std::unexpected(swept.error());
  }
  if (const auto swept = throttle_.sweep(parts_.clock.now()); !swept) {
    return std::unexpected(swept.error());
  }
  return {};
}

std::string_view host_of_origin(std::string_view origin) {
  origin.remove_prefix(std::min(origin.find("://") + 3, origin.size()));
  const auto port = origin.rfind(':');
  const bool has_port = port != std::string_view::npos && !origin.substr(port).contains(']');
  return origin.substr(0, has_port ? port : origin.size());
}

RelyingParty relying_party(const std::vector<std::string>& origins) {
  RelyingParty party{.id = std::string(host_of_origin(origins.front())), .origins = {}};
  std::ranges::copy_if(origins, std::back_inserter(party.origins), [&](const std::string& origin) {
    return host_of_origin(origin) == party.id;
  });
  return party;
}

std::expected<void, Failure> write_setup_file(const std::filesystem::path& path,
                                              std::string_view link) {
  const auto failed = [&] {
    return std::unexpected(
        Failure{ExitCode::kUsage, path.string() + ": the set-up link cannot be written: " +
                                      std::error_code(errno, std::generic_category()).message()});
  };
  const std::string fresh = path.string() + ".new";
  (void)::unlink(fresh.c_str());
  {
    const Descriptor file(::open(
        fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, S_IRUSR | S_IWUSR));
    const WipedText line = WipedText(link) + "\n";
    if (!file.is_open() ||
        ::write(file.number(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
      return failed();
    }
  }
  if (::rename(fresh.c_str(), path.c_str()) != 0) {
    return failed();
  }
  return {};
}

}  // namespace counterfoil
