#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

#include "authority/issuer.h"
#include "authority/people_desk.h"
#include "base/wiped_text.h"
#include "doors/management/api_call.h"
#include "doors/management/api_fault.h"
#include "doors/management/caller.h"
#include "doors/management/json.h"
#include "doors/management/json_value.h"
#include "doors/management/management_api.h"
#include "doors/management/query.h"

namespace counterfoil {

// Inside the room: what the handlers of the routes are given, and how they answer.

// Call is one call whose route was found and whose body was read.
struct Call {
  const ManagementApi::Parts& parts;
  const ApiRequest& request;
  std::string id;   // what stood at the {name} of the path, or empty
  Query& query;     // the handler asks for its parameters, then finish()
  JsonValue& body;  // an object; empty when no body came
  const Asker& asker;
  // proof: the asker has proved again that it is them. Set where the route's rights want that.
  std::optional<SteppedUp> proof = std::nullopt;
  // compared_with is the version of the API key by which it was judged what the change does to it;
  // on another it may do more than was allowed.
  OnlyIf compared_with = std::nullopt;

  [[nodiscard]] const Actor& actor() const { return asker.actor; }
  // is_session: a person calls, in a session; false: the admin socket or a stranger.
  [[nodiscard]] bool is_session() const { return asker.caller.has_value(); }
  // caller, desk, browser and stepped_up are there on the routes whose rights ask for a person.
  [[nodiscard]] const Caller& caller() const { return *asker.caller; }
  [[nodiscard]] const PeopleDesk& desk() const { return *parts.people; }
  [[nodiscard]] const BrowserCall& browser() const { return *request.browser; }
  [[nodiscard]] const SteppedUp& stepped_up() const { return proof.value(); }
};

using Outcome = std::expected<ApiAnswer, ApiFault>;

// reply writes `json` as the body.
[[nodiscard]] ApiAnswer reply(const Json& json, int status = 200);
// reply_list wraps the items of a list: {"items", "next", "as_of"}.
[[nodiscard]] ApiAnswer reply_list(const Call& call, Json items,
                                   const std::optional<std::string>& next);
// reply_once adds a secret that is shown in this answer and never again (control S-03), and forbids
// everybody on the way to keep it.
[[nodiscard]] ApiAnswer reply_once(const Json& json, const SecretBytes& secret, int status);

// no_content answers a change that leaves nothing to say.
[[nodiscard]] ApiAnswer no_content();
// append_once puts a text that is shown once behind what the body has: the object then has one
// member more. The text has nothing that JSON escapes: letters, digits, and "-_.~:/?&=%".
void append_once(std::string_view name, std::string_view text, ApiAnswer& answer);
// with_session has the browser go on under a session's new token, and tells the page the token that
// belongs to it (X-Counterfoil-CSRF).
[[nodiscard]] ApiAnswer with_session(ApiAnswer answer, WipedText token, std::string device = {});

// key_json is an API key with the time of its last accepted request, "last_used_at": null when
// there was none, absent when the journal does not answer.
[[nodiscard]] Json key_json(const Call& call, const ApiKey& key);

// Every answer with one API key carries its version as ETag.
[[nodiscard]] ApiAnswer reply_key(const Call& call, const VersionedKey& stored, int status = 200);
// reply_changed answers a change: the key as it is now, and the receipt of the change if it has
// one.
[[nodiscard]] ApiAnswer reply_changed(const Call& call, const ApiKey& key,
                                      const std::optional<std::string>& receipt, int status = 200);
// add_receipt puts the receipt of a change into the answer to it, as its member "receipt".
void add_receipt(const std::optional<std::string>& receipt, Json& json);
// tag adds the ETag of a key that was just changed, unless it is another's by now.
void tag(const Call& call, const ApiKey& key, ApiAnswer& answer);
[[nodiscard]] std::string etag_of(std::uint64_t version);
// only_if reads If-Match: one strong ETag of ours, "*", or nothing; then what the change was
// compared with counts.
[[nodiscard]] std::expected<OnlyIf, ApiFault> only_if(const Call& call);

// check_console: no_console. Somebody wants to sign in to a node on which nobody can.
[[nodiscard]] std::expected<void, ApiFault> check_console(const Call& call);

// no_parameters and no_members are for routes that take none.
[[nodiscard]] std::expected<void, ApiFault> no_parameters(const Call& call);

// add_findings puts what the autopsy of a refused request found into the answer that shows it.
[[nodiscard]] std::expected<void, ApiFault> add_findings(const Call& call, Json& json);

// page_size reads "limit".
[[nodiscard]] std::size_t page_size(Query& query);

[[nodiscard]] ApiFault no_such_refusal();

// ---- the handlers, one per route
[[nodiscard]] Outcome list_accounts(const Call& call);
[[nodiscard]] Outcome create_account(const Call& call);
[[nodiscard]] Outcome show_account(const Call& call);
[[nodiscard]] Outcome suspend_account(const Call& call);
[[nodiscard]] Outcome resume_account(const Call& call);

[[nodiscard]] Outcome list_keys(const Call& call);
[[nodiscard]] Outcome show_key(const Call& call);
[[nodiscard]] Outcome list_descendants(const Call& call);
[[nodiscard]] Outcome create_key(const Call& call);
[[nodiscard]] Outcome import_key(const Call& call);
[[nodiscard]] Outcome import_keys(const Call& call);
[[nodiscard]] Outcome make_challenge(const Call& call);
[[nodiscard]] Outcome relay_request(const Call& call);
[[nodiscard]] Outcome list_enrolment_links(const Call& call);
[[nodiscard]] Outcome prepare_enrolment_link(const Call& call);
[[nodiscard]] Outcome withdraw_enrolment_link(const Call& call);
[[nodiscard]] Outcome show_enrolment(const Call& call);
[[nodiscard]] Outcome challenge_enrolment(const Call& call);
[[nodiscard]] Outcome enrol_key(const Call& call);
[[nodiscard]] Outcome list_webhooks(const Call& call);
[[nodiscard]] Outcome create_webhook(const Call& call);
[[nodiscard]] Outcome edit_webhook(const Call& call);
[[nodiscard]] Outcome delete_webhook(const Call& call);
[[nodiscard]] Outcome rotate_webhook_secret(const Call& call);
[[nodiscard]] Outcome test_webhook(const Call& call);
[[nodiscard]] Outcome list_deliveries(const Call& call);
[[nodiscard]] Outcome redeliver(const Call& call);
[[nodiscard]] Outcome edit_key(const Call& call);
[[nodiscard]] Outcome rotate_key(const Call& call);
[[nodiscard]] Outcome end_retiring(const Call& call);
[[nodiscard]] Outcome back_out(const Call& call);
[[nodiscard]] Outcome suspend_key(const Call& call);
[[nodiscard]] Outcome resume_key(const Call& call);
[[nodiscard]] Outcome revoke_key(const Call& call);

[[nodiscard]] Outcome list_mass_actions(const Call& call);
[[nodiscard]] Outcome prepare_mass_action(const Call& call);
[[nodiscard]] Outcome show_mass_action(const Call& call);
[[nodiscard]] Outcome add_to_mass_action(const Call& call);
[[nodiscard]] Outcome start_mass_action(const Call& call);
[[nodiscard]] Outcome stop_mass_action(const Call& call);
[[nodiscard]] Outcome export_mass_results(const Call& call);

[[nodiscard]] Outcome list_receipts(const Call& call);
[[nodiscard]] Outcome show_receipt(const Call& call);
[[nodiscard]] Outcome show_receipt_key(const Call& call);

[[nodiscard]] Outcome show_usage(const Call& call);
[[nodiscard]] Outcome list_requests(const Call& call);
[[nodiscard]] Outcome show_causes(const Call& call);
[[nodiscard]] Outcome show_fix(const Call& call);
[[nodiscard]] Outcome examine_text(const Call& call);
[[nodiscard]] Outcome list_refusals(const Call& call);
[[nodiscard]] Outcome show_refusal(const Call& call);
[[nodiscard]] Outcome follow_events(const Call& call);
[[nodiscard]] Outcome list_audit(const Call& call);
[[nodiscard]] Outcome export_audit(const Call& call);
[[nodiscard]] Outcome create_backup(const Call& call);
[[nodiscard]] Outcome show_secrets(const Call& call);
[[nodiscard]] Outcome rotate_kek(const Call& call);
[[nodiscard]] Outcome rotate_root(const Call& call);
[[nodiscard]] Outcome scrub_secrets(const Call& call);
[[nodiscard]] Outcome show_status(const Call& call);
[[nodiscard]] Outcome show_profile(const Call& call);
[[nodiscard]] Outcome reload(const Call& call);
[[nodiscard]] Outcome confirm_clock(const Call& call);

[[nodiscard]] Outcome show_setup(const Call& call);
[[nodiscard]] Outcome list_setup_checks(const Call& call);
[[nodiscard]] Outcome set_up(const Call& call);
[[nodiscard]] Outcome register_person(const Call& call);
[[nodiscard]] Outcome show_session(const Call& call);
[[nodiscard]] Outcome sign_in(const Call& call);
[[nodiscard]] Outcome sign_out(const Call& call);
[[nodiscard]] Outcome make_passkey_options(const Call& call);

[[nodiscard]] Outcome show_provider(const Call& call);
[[nodiscard]] Outcome begin_oidc(const Call& call);
[[nodiscard]] Outcome finish_oidc(const Call& call);
[[nodiscard]] Outcome give_oidc_factor(const Call& call);

[[nodiscard]] Outcome edit_me(const Call& call);
[[nodiscard]] Outcome change_password(const Call& call);
[[nodiscard]] Outcome begin_totp(const Call& call);
[[nodiscard]] Outcome confirm_totp(const Call& call);
[[nodiscard]] Outcome remove_totp(const Call& call);
[[nodiscard]] Outcome list_passkeys(const Call& call);
[[nodiscard]] Outcome make_passkey_creation(const Call& call);
[[nodiscard]] Outcome add_passkey(const Call& call);
[[nodiscard]] Outcome rename_passkey(const Call& call);
[[nodiscard]] Outcome remove_passkey(const Call& call);
[[nodiscard]] Outcome list_identities(const Call& call);
[[nodiscard]] Outcome begin_link(const Call& call);
[[nodiscard]] Outcome finish_link(const Call& call);
[[nodiscard]] Outcome unlink_identity(const Call& call);
[[nodiscard]] Outcome make_recovery_codes(const Call& call);
[[nodiscard]] Outcome show_step_up(const Call& call);
[[nodiscard]] Outcome grant_step_up(const Call& call);
[[nodiscard]] Outcome list_sessions(const Call& call);
[[nodiscard]] Outcome end_session(const Call& call);
[[nodiscard]] Outcome end_other_sessions(const Call& call);

[[nodiscard]] Outcome list_people(const Call& call);
[[nodiscard]] Outcome show_person(const Call& call);
[[nodiscard]] Outcome invite_person(const Call& call);
[[nodiscard]] Outcome disable_person(const Call& call);
[[nodiscard]] Outcome enable_person(const Call& call);
[[nodiscard]] Outcome force_new_factor(const Call& call);
[[nodiscard]] Outcome unlink_person(const Call& call);
[[nodiscard]] Outcome offer_reset(const Call& call);
[[nodiscard]] Outcome reset_password(const Call& call);
[[nodiscard]] Outcome make_setup_link(const Call& call);
[[nodiscard]] Outcome list_notices(const Call& call);
[[nodiscard]] Outcome see_notices(const Call& call);

}  // namespace counterfoil
