#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "accounts/invitation.h"
#include "accounts/notice.h"
#include "accounts/passkey.h"
#include "accounts/person.h"
#include "accounts/session.h"
#include "authority/audit_chain.h"
#include "authority/issuer.h"
#include "authority/new_session.h"
#include "authority/passkey_challenges.h"
#include "authority/people_parts.h"
#include "authority/people_records.h"
#include "authority/problem.h"
#include "authority/sessions.h"
#include "base/account_id.h"
#include "base/bytes.h"
#include "base/wiped_text.h"
#include "registry/registry.h"

namespace counterfoil {

// NewPerson is what somebody says of themselves who enrols.
struct NewPerson {
  std::string name;
  std::string email;
  WipedText password;
};

// PersonSession is a person, and the session they go on in: its token is new.
struct PersonSession {
  Person person;
  Session session;
  WipedText token;
};

struct InvitationWish {
  std::string email;
  Role role = Role::kHolder;
  std::string account;  // of a holder; else empty
};

// People has people enrol, change their factors and their password, and owners look after the
// others (controls S-50, S-51, S-53, S-62, S-64). Every change is one transaction with its audit
// record. Changes of a factor or a password end all other sessions of the person.
//
// Safe to call from any thread; calls block on the store.
class People {
 public:
  explicit People(const PeopleParts& parts) : parts_(parts) {}

  template <typename T>
  using Result = std::expected<T, Problem>;

  // ---- set-up and invitations (people_enrolment.cc)

  // has_owner: there is an owner who may sign in.
  [[nodiscard]] Result<bool> has_owner() const;
  // is_setup_open: there is no owner who may sign in, and a set-up token that was not used and has
  // not run out. (Owners never disable the last of them; a restore may.)
  [[nodiscard]] Result<bool> is_setup_open() const;
  [[nodiscard]] Result<bool> is_setup_token(std::string_view token) const;
  // new_setup_token: owner_exists. Older tokens are worth nothing from then on. `by` is how the
  // audit log names who asked for it.
  [[nodiscard]] Result<WipedText> new_setup_token(const Actor& by = {.name = "system",
                                                                     .source = "local"});
  // enrol takes a set-up token or an invitation. The person has no second factor yet, and a session
  // that may add one and nothing else; with it, the token is used up. Until then it may be used
  // again: whoever began with it before is replaced. enrolment_closed (one text for every token
  // that is not good), email_not_invited, email_taken, email_invalid, name_invalid,
  // password_refused.
  [[nodiscard]] Result<PersonSession> enrol(std::string_view token, const NewPerson& wanted,
                                            const Browser& browser);

  struct Invited {
    Invitation invitation;
    WipedText token;
  };
  // invite: by owners. role_not_allowed, email_invalid, email_taken, account_wanted,
  // no_such_account.
  [[nodiscard]] Result<Invited> invite(const Caller& caller, const SteppedUp& proof,
                                       const InvitationWish& wish);

  // ---- one's own factors (people_factors.cc)

  struct NewTotp {
    WipedText secret_base32;
    WipedText uri;
  };
  // begin_totp makes a seed that counts once confirm_totp has seen a code of it.
  [[nodiscard]] Result<NewTotp> begin_totp(const Caller& caller, const SteppedUp& proof);
  // confirm_totp: code_wrong, nothing_to_confirm.
  [[nodiscard]] Result<PersonSession> confirm_totp(const Caller& caller, std::string_view code);
  [[nodiscard]] Result<PersonSession> remove_totp(const Caller& caller, const SteppedUp& proof);

  // passkey_question: too_many_passkeys.
  [[nodiscard]] Result<PasskeyChallenges::Challenge> passkey_question(const Caller& caller);
  // add_passkey: passkey_refused, passkey_known, too_many_passkeys, name_invalid.
  [[nodiscard]] Result<PersonSession> add_passkey(const Caller& caller, const SteppedUp& proof,
                                                  std::string_view name,
                                                  std::string_view challenge_id,
                                                  const PasskeyRegistration& made);
  // rename_passkey, remove_passkey: no_such_passkey; last_factor, passkey_needed.
  [[nodiscard]] Result<Person> rename_passkey(const Caller& caller, ByteView id,
                                              std::string_view name);
  [[nodiscard]] Result<PersonSession> remove_passkey(const Caller& caller, const SteppedUp& proof,
                                                     ByteView id);
  // new_codes gives ten recovery codes, once; the old ones are worth nothing.
  [[nodiscard]] Result<std::vector<WipedText>> new_codes(const Caller& caller,
                                                         const SteppedUp& proof);
  // change_password: password_wrong, password_refused.
  [[nodiscard]] Result<PersonSession> change_password(const Caller& caller, const SteppedUp& proof,
                                                      const WipedText& old_password,
                                                      const WipedText& new_password);
  struct PersonEdit {
    std::optional<std::string> name;
    std::optional<std::string> language;
    std::optional<std::string> time_zone;
    std::optional<std::string> theme;
  };
  // edit: name_invalid, setting_invalid.
  [[nodiscard]] Result<Person> edit(const Caller& caller, const PersonEdit& edit);

  // ---- one's own identities at a provider (people_identities.cc)

  // link_identity: identity_taken, identity_known, too_many_identities. The proof that it is the
  // caller's is OidcDesk's to ask for.
  [[nodiscard]] Result<PersonSession> link_identity(const Caller& caller, LinkedIdentity identity);
  // unlink_identity: no_such_identity. `id`: identity_id.
  [[nodiscard]] Result<PersonSession> unlink_identity(const Caller& caller, const SteppedUp& proof,
                                                      std::string_view id);

  // ---- the others (people_admin.cc). Owners change, operators and auditors read:
  // role_not_allowed.

  [[nodiscard]] Result<std::vector<Person>> page(const Caller& caller, std::string_view after,
                                                 std::size_t limit) const;
  [[nodiscard]] Result<Person> person(const Caller& caller, std::string_view id) const;
  // session_count counts the sessions of a person that are alive. For whoever may read people.
  [[nodiscard]] Result<std::size_t> session_count(const Person& person) const;
  // disable ends every session of the person. Nobody does this to themselves (not_yourself), so an
  // owner always stays.
  [[nodiscard]] Result<Person> disable(const Caller& caller, const SteppedUp& proof,
                                       std::string_view id, std::string_view cause);
  [[nodiscard]] Result<Person> enable(const Caller& caller, const SteppedUp& proof,
                                      std::string_view id);
  // force_new_factor: the person signs in with what they have, and then adds a new factor before
  // anything else; the older ones go. Their identities at a provider are unlinked at once.
  [[nodiscard]] Result<Person> force_new_factor(const Caller& caller, const SteppedUp& proof,
                                                std::string_view id);

  // unlink_other takes one of another person's identities at a provider, and ends their sessions:
  // one of them may have been opened with it. no_such_identity. `identity`: identity_id.
  [[nodiscard]] Result<Person> unlink_other(const Caller& caller, const SteppedUp& proof,
                                            std::string_view id, std::string_view identity);

  // disable, enable, unlink_other and page for whoever administers this machine, who has no
  // session: the way back in when no owner is left who may sign in, as after a restore without a
  // revocation log. `by` is how the audit log names them.
  [[nodiscard]] Result<Person> disable(const Actor& by, std::string_view id,
                                       std::string_view cause);
  [[nodiscard]] Result<Person> enable(const Actor& by, std::string_view id);
  [[nodiscard]] Result<Person> unlink_other(const Actor& by, std::string_view id,
                                            std::string_view identity);
  [[nodiscard]] Result<std::vector<Person>> page(std::string_view after, std::size_t limit) const;

  // offer_reset lets a person who has forgotten their password set a new one within 15 minutes,
  // with the token and a second factor (SignIn::reset_password); their sessions end now. Nobody
  // sets another's password, and an older offer is worth nothing from then on (control S-59).
  // person_disabled.
  struct ResetOffer {
    Person person;
    WipedText token;
  };
  [[nodiscard]] Result<ResetOffer> offer_reset(const Caller& caller, const SteppedUp& proof,
                                               std::string_view id);
  [[nodiscard]] Result<ResetOffer> offer_reset(const Actor& by, std::string_view id);

  // ---- notices (people_notices.cc; control S-66)

  struct NoticePage {
    struct Item {
      std::string id;
      Notice notice;
    };
    std::vector<Item> notices;        // newest first
    std::optional<std::string> next;  // continues after this part; nullopt: it was the last
    std::size_t unseen = 0;           // of all from `after` on
  };
  // notices gives the caller's own.
  [[nodiscard]] Result<NoticePage> notices(const Caller& caller, std::string_view after,
                                           std::size_t limit) const;
  // see_notices: all there are now were seen. It erases none.
  [[nodiscard]] Result<void> see_notices(const Caller& caller);

  // sweep erases sessions, invitations and notices that have run out, with whoever began to enrol
  // and never came to an end. Call it every few minutes.
  [[nodiscard]] Result<std::size_t> sweep();

 private:
  // finish stores `changed` with its audit record and puts the caller's session on a new token;
  // every other session of the person ends.
  [[nodiscard]] Result<PersonSession> finish(const Caller& caller, Person changed,
                                             const AuditFact& fact);
  [[nodiscard]] Result<Person> store(const Caller& caller, const Person& changed,
                                     const AuditFact& fact);
  // By is who changes another person: an owner in a session, or whoever administers the machine.
  struct By {
    Actor actor;
    const Caller* caller = nullptr;
  };
  // change_other reads, changes and stores another person; `change` gives a Problem to leave it.
  using Change = std::function<std::expected<void, Problem>(Person& person)>;
  [[nodiscard]] Result<Person> change_other(const By& by, std::string_view id, AuditFact fact,
                                            Urgency urgency, const Change& change);
  [[nodiscard]] Result<Person> disable_by(const By& by, std::string_view id,
                                          std::string_view cause);
  [[nodiscard]] Result<Person> enable_by(const By& by, std::string_view id);
  [[nodiscard]] Result<Person> unlink_by(const By& by, std::string_view id,
                                         std::string_view identity);
  [[nodiscard]] Result<ResetOffer> offer_reset_by(const By& by, std::string_view id);
  // spent_notices gives the writes that erase what nobody needs any more.
  [[nodiscard]] Result<std::vector<Write>> spent_notices(std::size_t writes_max) const;

  // open_invitation: enrolment_closed. `record_id`: token_record_id.
  [[nodiscard]] Result<Stored<Invitation>> open_invitation(const std::string& record_id) const;
  // new_person: the Problems of enrol that are about what was typed.
  [[nodiscard]] Result<Person> new_person(const Invitation& invitation, const NewPerson& wanted);
  // first_account gives the account of the first owner; it may have to be made.
  [[nodiscard]] Result<std::optional<AccountId>> first_account(std::vector<Write>& writes) const;

  PeopleParts parts_;
};

}  // namespace counterfoil
