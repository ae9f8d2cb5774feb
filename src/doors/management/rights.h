#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "doors/management/api_fault.h"

namespace counterfoil {

struct Asker;
struct Call;

// Who may call a route (controls S-64, S-65). rights.cc holds the table of what each means.
enum class Who : std::uint8_t {
  kAnybody,         // a browser, whoever is behind it
  kEnrolling,       // any session, also one in which a second factor must be added first
  kPerson,          // anybody who is signed in, for themselves
  kEveryone,        // anybody who is signed in, or the admin socket
  kSeer,            // who sees the object: its account's holder, and who sees all accounts
  kReader,          // who sees all accounts and the node, and changes nothing by it
  kStopper,         // who may stop it: its account's holder, operators, owners
  kHolder,          // who holds the account, whatever their role: nobody makes another's API keys
  kHolderInPerson,  // as kHolder, but not over the admin socket: it is a part of the page
  kOperator,        // operators and owners
  kOwner,           // owners
  kPeopleLister,    // as kReader, but no API key: what is about people is for people
  kPeopleReader,    // as kReader, but not over the admin socket: there is no person there
  kPeopleOwner,     // as kOwner, but not over the admin socket
  kSocket,          // the admin socket alone: it names files of the node's machine, or asks for no
                    // proof of a key that it takes over
};

// What the call is about, as far as a holder's account decides on it.
enum class Object : std::uint8_t {
  kNone,
  kList,           // the handler leaves out what the asker does not see
  kAccount,        // {account}
  kAccountInBody,  // the member "account"
  kKey,            // {api_key}
  kKeyInBody,      // the member "api_key"
  kEnrolmentLink,  // {id} of an enrolment link
  kWebhook,        // {id} of a webhook
  kReceipt,        // {receipt}
  kRefusal,        // {request_id}
  kMassAction,     // {mass_action}, to read it
  kOwnMassAction,  // {mass_action}, to change it: holders, their own
  kPerson,         // {id} of a person
  kPasskey,        // {id} of one of one's own passkeys
  kIdentity,       // {id} of one of one's own accounts at the identity provider
};

// Whether a fresh second factor is wanted (control S-62). Revoking and suspending never ask:
// stopping harm is never gated.
enum class StepUp : std::uint8_t {
  kNo,
  kYes,
  kUnlessEnrolling,  // the first factor of all has nothing to be confirmed with
  kUnlessNoCodes,    // nor have the first recovery codes, right after it
  kWhenWider,        // the change lets an API key do more, or from elsewhere, or longer
  kWhenManyOthers,   // a mass action over more than one API key of others, or that lets in again
};

// Rights is one row's column of the route table. There is no default: a route without rights does
// not compile.
struct Rights {
  constexpr Rights(Who who_may, Object about) : who(who_may), object(about) {}
  // `change` is what the person is asked to confirm, see change_text.h.
  constexpr Rights(Who who_may, Object about, StepUp when, std::string_view change_text)
      : who(who_may), object(about), step_up(when), change(change_text) {}

  Who who;
  Object object;
  StepUp step_up = StepUp::kNo;
  std::string_view change = {};
};

// check_who: 401 not_signed_in; 403 second_factor_wanted, role_not_allowed, socket_only,
// session_only; person_wanted and scope_not_allowed for API keys.
[[nodiscard]] std::expected<void, ApiFault> check_who(const Rights& rights, const Asker& asker);

// check_object refuses a holder what is not theirs as if it did not exist.
// Who::kHolder and kHolderInPerson have everybody act for the account they hold, and for no other:
// 403 not_your_account for those who see it all the same.
[[nodiscard]] std::expected<void, ApiFault> check_object(const Call& call, Object object, Who who);

[[nodiscard]] ApiFault second_factor_wanted();
// person_wanted: no API key may do this.
[[nodiscard]] ApiFault person_wanted();

}  // namespace counterfoil
