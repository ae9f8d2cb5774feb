#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/enrolment_link.h"  // IWYU pragma: export
#include "accounts/person_id.h"       // IWYU pragma: export
#include "authority/audited_registry.h"
#include "authority/issuer.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/sign_in_throttle.h"
#include "base/ip_address.h"
#include "base/random.h"
#include "base/wiped_text.h"
#include "registry/registry.h"

namespace counterfoil {

// EnrolmentWish is the API key that a link is to make; of `key.material` the scheme alone counts.
struct EnrolmentWish {
  NewKey key;
  std::chrono::seconds life = kEnrolmentLinkLife;
};

// EnrolmentLinks has somebody prepare an API key, and somebody else, who bears the link, make its
// key pair: so the secret half is with its holder from the first moment on, and whoever prepared it
// never sees it.
//
// A link makes a key with the rights that its maker has when it is used. It is void for good once
// the maker was disabled, has a new password or other factors (a thief in their session could have
// prepared it), or no longer holds the account; or once the account was suspended. A bearer learns
// of no difference: a token that is wrong, used up, withdrawn, run out or void has one answer
// (enrolment_link_closed), and each is counted like a wrong try to sign in.
//
// Safe to call from any thread; calls block on the store.
class EnrolmentLinks {
 public:
  // Everything must outlive it.
  struct Parts {
    AuditedRegistry& audited;
    Issuer& issuer;
    SignInThrottle& throttle;
    RandomSource& random;
  };
  explicit EnrolmentLinks(const Parts& parts) : parts_(parts) {}

  template <typename T>
  using Result = std::expected<T, Problem>;

  enum class State : std::uint8_t { kOpen, kUsed, kRunOut, kVoid };
  struct Listed {
    EnrolmentLink link;
    State state = State::kOpen;
  };
  struct Prepared {
    EnrolmentLink link;
    WipedText token;  // in this answer and nowhere else
  };

  // ---- for whoever may make the key

  // prepare: what create_key says of the wish (Issuer::planned_key), life_invalid, too_many_links.
  // `person`: who asks, if it is a person; that they hold the account, the caller has found out.
  [[nodiscard]] Result<Prepared> prepare(const EnrolmentWish& wish, const Actor& actor,
                                         const std::optional<PersonId>& person);
  // of gives the links of one account; all those of every account, at most kListMax of them. The
  // newest stand first. Used ones and those that have run out are listed for kEnrolmentLinkKept.
  [[nodiscard]] Result<std::vector<Listed>> of(const std::string& account) const;
  [[nodiscard]] Result<std::vector<Listed>> all() const;
  // find: no_such_enrolment_link.
  [[nodiscard]] Result<Listed> find(const std::string& id) const;
  // withdraw ends one that was not used: no_such_enrolment_link, enrolment_link_used.
  [[nodiscard]] Result<void> withdraw(const std::string& id, const Actor& actor);

  // ---- for its bearer: too_many_tries, with retry_after; enrolment_link_closed

  [[nodiscard]] Result<EnrolmentLink> open(std::string_view token, const IpAddress& source);
  // challenge is Issuer::challenge for the link's account.
  [[nodiscard]] Result<Issuer::Challenge> challenge(std::string_view token,
                                                    const std::string& public_key,
                                                    const IpAddress& source);
  // use makes the API key: also type_not_prepared, and what create_key says. Whatever it says but
  // enrolment_link_closed, the link stays as it is.
  [[nodiscard]] Result<Issued> use(std::string_view token, const KeyMaterial& material,
                                   const IpAddress& source);

  // sweep erases what need not be listed any more. Call it every few minutes.
  [[nodiscard]] Result<std::size_t> sweep();

 private:
  struct StoredLink {
    EnrolmentLink value;
    std::string record_id;
    std::uint64_t modified = 0;
  };
  [[nodiscard]] Result<StoredLink> stored(const std::string& id) const;
  [[nodiscard]] Result<std::vector<Listed>> listed(const std::vector<Record>& records) const;
  [[nodiscard]] Result<State> state_of(const EnrolmentLink& link) const;
  // borne gives the open link of this token; it counts the try before it looks.
  [[nodiscard]] Result<StoredLink> borne(std::string_view token, const IpAddress& source);
  [[nodiscard]] Result<StoredLink> open_link(const std::string& record_id) const;
  // maker gives the person who may still make the key of this link; nullopt: nobody may. The inner
  // optional: no person made it, so there is none to ask.
  struct Maker {
    std::optional<Stored<Person>> person;
  };
  [[nodiscard]] Result<std::optional<Maker>> maker(const EnrolmentLink& link) const;

  Parts parts_;
};

}  // namespace counterfoil
