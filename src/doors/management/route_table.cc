#include "doors/management/route_table.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "doors/management/call.h"
#include "doors/management/management_api.h"
#include "doors/management/rights.h"
#include "wire/http/request_head.h"

namespace counterfoil {
namespace {

using enum http::Method;

// A literal path stands before the {name} that would match it too.
// clang-format off
constexpr auto kRows = std::to_array<RouteRow>({
    {{kGet,    "/api/v1/setup",                       "Say whether the node waits for its first owner."},
     show_setup, {Who::kAnybody, Object::kNone}},
    {{kPost,   "/api/v1/setup-link",                  "Make a new link with which the first owner is set up; older ones end."},
     make_setup_link, {Who::kSocket, Object::kNone}},
    {{kPost,   "/api/v1/setup",                       "Make the first owner with the token that the node printed."},
     set_up, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kGet,    "/api/v1/setup/checks",                "Look at what a node needs before people use it."},
     list_setup_checks, {Who::kAnybody, Object::kNone}},
    {{kPost,   "/api/v1/registration",                "Make a person out of an invitation."},
     register_person, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kGet,    "/api/v1/session",                     "Show who is signed in."},
     show_session, {Who::kEnrolling, Object::kNone}},
    {{kPost,   "/api/v1/session",                     "Sign in. Password and second factor are judged together; a passkey may come alone."},
     sign_in, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kDelete, "/api/v1/session",                     "End this session."},
     sign_out, {Who::kEnrolling, Object::kNone}},
    {{kPost,   "/api/v1/session/passkey-options",     "Ask for what a passkey signs to sign in."},
     make_passkey_options, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kPost,   "/api/v1/password-reset",              "Set a new password with the link that an owner gave, and with a second factor."},
     reset_password, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kGet,    "/api/v1/session/oidc",                "Say by which name the identity provider is known, if there is one."},
     show_provider, {Who::kAnybody, Object::kNone}},
    {{kPost,   "/api/v1/session/oidc/begin",          "Ask where the identity provider signs people in."},
     begin_oidc, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kPost,   "/api/v1/session/oidc",                "Sign in with what the identity provider sent back; a second factor may be wanted then."},
     finish_oidc, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kPost,   "/api/v1/session/oidc/factor",         "Give the second factor that a sign-in at the identity provider wants."},
     give_oidc_factor, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kPatch,  "/api/v1/me",                          "Change one's own name, language, time zone or theme."},
     edit_me, {Who::kPerson, Object::kNone}},
    {{kPost,   "/api/v1/me/password",                 "Change one's own password."},
     change_password, {Who::kPerson, Object::kNone, StepUp::kYes, "Change your password"}},
    {{kPost,   "/api/v1/me/totp",                     "Begin to add an authenticator app."},
     begin_totp, {Who::kEnrolling, Object::kNone, StepUp::kUnlessEnrolling, "Add an authenticator app"}},
    {{kDelete, "/api/v1/me/totp",                     "Remove the authenticator app. Never the last factor."},
     remove_totp, {Who::kPerson, Object::kNone, StepUp::kYes, "Remove your authenticator app"}},
    {{kPost,   "/api/v1/me/totp/confirm",             "Prove that the authenticator app was fed."},
     confirm_totp, {Who::kEnrolling, Object::kNone}},
    {{kGet,    "/api/v1/me/passkeys",                 "List one's own passkeys."},
     list_passkeys, {Who::kPerson, Object::kNone}},
    {{kPost,   "/api/v1/me/passkeys",                 "Add the passkey that was made for the options."},
     add_passkey, {Who::kEnrolling, Object::kNone, StepUp::kUnlessEnrolling, "Add the passkey {name}"}},
    {{kPost,   "/api/v1/me/passkeys/options",         "Ask for what a new passkey is made from."},
     make_passkey_creation, {Who::kEnrolling, Object::kNone}},
    {{kPatch,  "/api/v1/me/passkeys/{id}",            "Give a passkey another name."},
     rename_passkey, {Who::kPerson, Object::kPasskey}},
    {{kDelete, "/api/v1/me/passkeys/{id}",            "Remove a passkey. Never the last factor."},
     remove_passkey, {Who::kPerson, Object::kPasskey, StepUp::kYes, "Remove your passkey {object}"}},
    {{kGet,    "/api/v1/me/identities",               "List one's own accounts at the identity provider."},
     list_identities, {Who::kPerson, Object::kNone}},
    {{kPost,   "/api/v1/me/identities/begin",         "Begin to link an account at the identity provider."},
     begin_link, {Who::kPerson, Object::kNone, StepUp::kYes, "Link an account at the identity provider, to sign in with"}},
    {{kPost,   "/api/v1/me/identities",               "Link the account that the identity provider sent back."},
     finish_link, {Who::kPerson, Object::kNone}, BodyForm::kSmallObject},
    {{kDelete, "/api/v1/me/identities/{id}",          "Unlink an account at the identity provider."},
     unlink_identity, {Who::kPerson, Object::kIdentity, StepUp::kYes, "Unlink your account {object} at the identity provider"}},
    {{kPost,   "/api/v1/me/recovery-codes",           "Make ten new recovery codes; the old ones end."},
     make_recovery_codes, {Who::kPerson, Object::kNone, StepUp::kUnlessNoCodes, "Make new recovery codes; the old ones end"}},
    {{kPost,   "/api/v1/me/step-up/options",          "Ask which factors may confirm a change."},
     show_step_up, {Who::kPerson, Object::kNone}},
    {{kPost,   "/api/v1/me/step-up",                  "Confirm one change with a fresh second factor."},
     grant_step_up, {Who::kPerson, Object::kNone}},
    {{kGet,    "/api/v1/me/sessions",                 "List one's own sessions."},
     list_sessions, {Who::kPerson, Object::kNone}},
    {{kDelete, "/api/v1/me/sessions",                 "End all of one's sessions but this one."},
     end_other_sessions, {Who::kPerson, Object::kNone}},
    {{kDelete, "/api/v1/me/sessions/{id}",            "End one of one's sessions."},
     end_session, {Who::kPerson, Object::kNone}},
    {{kGet,    "/api/v1/me/notices",                  "List what was done in one's name or to what is one's own, newest first."},
     list_notices, {Who::kPerson, Object::kNone}},
    {{kPost,   "/api/v1/me/notices/seen",             "Say that one has seen all notices there are now."},
     see_notices, {Who::kPerson, Object::kNone}},
    {{kGet,    "/api/v1/people",                      "List who may sign in."},
     list_people, {Who::kPeopleLister, Object::kNone}},
    {{kPost,   "/api/v1/people/invitations",          "Invite somebody. The token is in this answer only."},
     invite_person, {Who::kPeopleOwner, Object::kNone, StepUp::kYes, "Invite {email} as {role}[ of account {account}]"}},
    {{kGet,    "/api/v1/people/{id}",                 "Show one person."},
     show_person, {Who::kPeopleReader, Object::kPerson}},
    {{kPost,   "/api/v1/people/{id}/disable",         "Let somebody no longer sign in; their sessions end."},
     disable_person, {Who::kOwner, Object::kPerson, StepUp::kYes, "Let {object} no longer sign in"}},
    {{kPost,   "/api/v1/people/{id}/enable",          "Let somebody sign in again."},
     enable_person, {Who::kOwner, Object::kPerson, StepUp::kYes, "Let {object} sign in again"}},
    {{kPost,   "/api/v1/people/{id}/force-new-factor", "Take somebody's factors; the next sign-in sets up new ones."},
     force_new_factor, {Who::kPeopleOwner, Object::kPerson, StepUp::kYes, "Have {object} set up a new second factor; the present ones go"}},
    {{kPost,   "/api/v1/people/{id}/unlink-identity", "Unlink somebody's account at the identity provider; their sessions end."},
     unlink_person, {Who::kOwner, Object::kPerson, StepUp::kYes, "Unlink an account of {object} at the identity provider; their sessions end"}},
    {{kPost,   "/api/v1/people/{id}/offer-reset",     "Give somebody a link to set a new password; their sessions end. The token is in this answer only."},
     offer_reset, {Who::kOwner, Object::kPerson, StepUp::kYes, "Give {object} a link to set a new password; their sessions end"}},
    {{kGet,    "/api/v1/accounts",                    "List accounts, by id."},
     list_accounts, {Who::kSeer, Object::kList}},
    {{kPost,   "/api/v1/accounts",                    "Create an account."},
     create_account, {Who::kOperator, Object::kNone, StepUp::kYes, "Create the account {id}[, a sub-account of {master}]"}},
    {{kGet,    "/api/v1/accounts/{account}",          "Show one account."},
     show_account, {Who::kSeer, Object::kAccount}},
    {{kPost,   "/api/v1/accounts/{account}/suspend",  "Refuse every API key of an account until it is resumed."},
     suspend_account, {Who::kOperator, Object::kAccount}},
    {{kPost,   "/api/v1/accounts/{account}/resume",   "Let an account's API keys be accepted again."},
     resume_account, {Who::kOperator, Object::kAccount, StepUp::kYes, "Let the API keys of account {object} be accepted again"}},
    {{kGet,    "/api/v1/keys",                        "List API keys, or find those that a word may mean."},
     list_keys, {Who::kSeer, Object::kList}},
    {{kPost,   "/api/v1/keys",                        "Create an API key. The secret of an HMAC key is in this answer only."},
     create_key, {Who::kHolder, Object::kAccountInBody, StepUp::kYes, "Create an API key ({type}) for account {account}[, labelled {label}][, which may {permissions}][, from {allow_list}][, for {symbols}][, until {expires_at}]"}},
    {{kPost,   "/api/v1/keys/import",                 "Take over an API key and its pair that were made elsewhere."},
     import_key, {Who::kSocket, Object::kNone}},
    {{kPost,   "/api/v1/keys/import-batch",           "Take over up to 1,000 API keys and their pairs, one a line."},
     import_keys, {Who::kSocket, Object::kNone}, BodyForm::kRows},
    {{kGet,    "/api/v1/keys/{api_key}",              "Show one API key."},
     show_key, {Who::kSeer, Object::kKey}},
    {{kGet,    "/api/v1/keys/{api_key}/descendants",  "List the API keys that an API key made and that are not revoked."},
     list_descendants, {Who::kSeer, Object::kKey}},
    {{kPatch,  "/api/v1/keys/{api_key}",              "Change what an API key may do, its label or its expiry."},
     edit_key, {Who::kHolder, Object::kKey, StepUp::kWhenWider, "Change API key {object}[: label {label}][; may {permissions}][; from {allow_list}][; for {symbols}][; vendor {vendor}][; until {expires_at}]"}},
    {{kPost,   "/api/v1/keys/{api_key}/rotate",       "Add a new key pair; the old one verifies for the overlap."},
     rotate_key, {Who::kHolder, Object::kKey, StepUp::kYes, "Rotate API key {object} to a new pair ({type})[, the old one ending after {overlap_s} s]"}},
    {{kPost,   "/api/v1/keys/{api_key}/end-retiring", "End the retiring key pair now."},
     end_retiring, {Who::kHolder, Object::kKey}},
    {{kPost,   "/api/v1/keys/{api_key}/back-out",     "Give up the new key pair of a rotation; the old one stays."},
     back_out, {Who::kHolder, Object::kKey, StepUp::kYes, "Give up the new key pair of {object}; the old one stays"}},
    {{kPost,   "/api/v1/keys/{api_key}/suspend",      "Refuse an API key until it is resumed."},
     suspend_key, {Who::kStopper, Object::kKey}},
    {{kPost,   "/api/v1/keys/{api_key}/resume",       "Let a suspended API key be accepted again."},
     resume_key, {Who::kStopper, Object::kKey, StepUp::kYes, "Let API key {object} be accepted again"}},
    {{kPost,   "/api/v1/keys/{api_key}/revoke",       "End an API key for good. Answers once no gateway accepts it."},
     revoke_key, {Who::kStopper, Object::kKey}},
    {{kGet,    "/api/v1/keys/{api_key}/usage",        "Show who used an API key, from where, for what, and how often."},
     show_usage, {Who::kSeer, Object::kKey}},
    {{kGet,    "/api/v1/keys/{api_key}/requests",     "List the accepted requests of an API key, newest first."},
     list_requests, {Who::kSeer, Object::kKey}},
    {{kGet,    "/api/v1/keys/{api_key}/findings",     "Show for what causes requests of an API key are refused, and how often."},
     show_causes, {Who::kSeer, Object::kKey}},
    {{kGet,    "/api/v1/keys/{api_key}/fix",          "Say what is wrong with an API key now and what to do about it, the most pressing first."},
     show_fix, {Who::kSeer, Object::kKey}},
    {{kGet,    "/api/v1/mass-actions",                "List the changes of many API keys at once, latest first."},
     list_mass_actions, {Who::kSeer, Object::kList}},
    {{kPost,   "/api/v1/mass-actions",                "Prepare and preview one change of many API keys."},
     prepare_mass_action, {Who::kStopper, Object::kList}},
    {{kGet,    "/api/v1/mass-actions/{mass_action}",  "Show how far a mass action is."},
     show_mass_action, {Who::kSeer, Object::kMassAction}},
    {{kPost,   "/api/v1/mass-actions/{mass_action}/keys", "Add API keys to the list of a prepared mass action."},
     add_to_mass_action, {Who::kStopper, Object::kOwnMassAction}},
    {{kPost,   "/api/v1/mass-actions/{mass_action}/start", "Begin a prepared mass action."},
     start_mass_action, {Who::kStopper, Object::kOwnMassAction, StepUp::kWhenManyOthers, "Begin the mass action: {object}"}},
    {{kPost,   "/api/v1/mass-actions/{mass_action}/stop", "Stop a mass action; what it has done stays."},
     stop_mass_action, {Who::kStopper, Object::kOwnMassAction}},
    {{kGet,    "/api/v1/mass-actions/{mass_action}/results", "Export what became of each API key of a mass action."},
     export_mass_results, {Who::kSeer, Object::kMassAction}},
    {{kGet,    "/api/v1/receipts",                    "List the receipts of an API key or account, newest first."},
     list_receipts, {Who::kSeer, Object::kList}},
    {{kGet,    "/api/v1/receipts/{receipt}",          "Show one receipt: the signed proof that a change is in force."},
     show_receipt, {Who::kSeer, Object::kReceipt}},
    {{kGet,    "/api/v1/receipt-key",                 "Show the public key with which receipts of this node are checked."},
     show_receipt_key, {Who::kEveryone, Object::kNone}},
    {{kPost,   "/api/v1/challenges",                  "Ask for the text whose signature proves possession of a private key."},
     make_challenge, {Who::kHolder, Object::kAccountInBody}},
    {{kGet,    "/api/v1/enrolment-links",             "List the links by which others get an API key, newest first."},
     list_enrolment_links, {Who::kSeer, Object::kList}},
    {{kPost,   "/api/v1/enrolment-links",             "Prepare an API key whose pair the bearer of a one-time link makes. The token is in this answer only."},
     prepare_enrolment_link, {Who::kHolder, Object::kAccountInBody, StepUp::kYes, "Let whoever opens a one-time link make an API key ({type}) of account {account}[, labelled {label}][, which may {permissions}][, from {allow_list}][, for {symbols}][, until {expires_at}]"}},
    {{kPost,   "/api/v1/enrolment-links/{id}/withdraw", "End an enrolment link that nobody used."},
     withdraw_enrolment_link, {Who::kStopper, Object::kEnrolmentLink}},
    {{kPost,   "/api/v1/enrolment",                   "Show the bearer of an enrolment link what the API key will be."},
     show_enrolment, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kPost,   "/api/v1/enrolment/challenge",         "Ask, as the bearer of an enrolment link, for the text whose signature proves possession of a private key."},
     challenge_enrolment, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kPost,   "/api/v1/enrolment/key",               "Make the key pair of a prepared API key. The secret of an HMAC key is in this answer only."},
     enrol_key, {Who::kAnybody, Object::kNone}, BodyForm::kSmallObject},
    {{kGet,    "/api/v1/webhooks",                    "List the webhooks by which accounts are told of events."},
     list_webhooks, {Who::kSeer, Object::kList}},
    {{kPost,   "/api/v1/webhooks",                    "Create a webhook. Its secret is in this answer only."},
     create_webhook, {Who::kHolder, Object::kAccountInBody, StepUp::kYes, "Tell {url} of what happens to account {account}[: {events}]"}},
    {{kPatch,  "/api/v1/webhooks/{id}",               "Change where a webhook goes or what it is told of, stop it, or let it go on."},
     edit_webhook, {Who::kHolder, Object::kWebhook, StepUp::kYes, "Change the webhook {object}[: tell {url}][: of {events}][: {state}]"}},
    {{kDelete, "/api/v1/webhooks/{id}",               "Delete a webhook, with what was to be told."},
     delete_webhook, {Who::kHolder, Object::kWebhook, StepUp::kYes, "Delete the webhook {object}"}},
    {{kPost,   "/api/v1/webhooks/{id}/rotate-secret", "Make a new secret for a webhook; the old one signs, too, for a day. The new one is in this answer only."},
     rotate_webhook_secret, {Who::kHolder, Object::kWebhook, StepUp::kYes, "Make a new secret for the webhook {object}"}},
    {{kPost,   "/api/v1/webhooks/{id}/test",          "Send a test to a webhook."},
     test_webhook, {Who::kHolder, Object::kWebhook}},
    {{kGet,    "/api/v1/webhooks/{id}/deliveries",    "List what a webhook was told and is to be told, newest first."},
     list_deliveries, {Who::kSeer, Object::kWebhook}},
    {{kPost,   "/api/v1/webhooks/{id}/redeliver",     "Send something to a webhook once more, under the same webhook-id."},
     redeliver, {Who::kHolder, Object::kWebhook}},
    {{kPost,   "/api/v1/relay",                       "Send a request that was signed in the page to this node's gateway."},
     relay_request, {Who::kHolderInPerson, Object::kKeyInBody}},
    {{kGet,    "/api/v1/refusals",                    "List refused requests with their true reasons, newest first."},
     list_refusals, {Who::kSeer, Object::kList}},
    {{kGet,    "/api/v1/refusals/{request_id}",       "Show one refused request."},
     show_refusal, {Who::kSeer, Object::kRefusal}},
    {{kPost,   "/api/v1/doctor",                      "Explain the requests in a pasted text. Nothing of it is kept."},
     examine_text, {Who::kPerson, Object::kNone}, BodyForm::kTextObject},
    {{kGet,    "/api/v1/events",                      "Follow what happens, as server-sent events."},
     follow_events, {Who::kSeer, Object::kList}},
    {{kGet,    "/api/v1/audit",                       "Read the audit log page by page."},
     list_audit, {Who::kReader, Object::kNone}},
    {{kGet,    "/api/v1/audit/export",                "Export the whole audit log, for `counterfoil audit verify`."},
     export_audit, {Who::kReader, Object::kNone, StepUp::kYes, "Export the whole audit log"}},
    {{kPost,   "/api/v1/backups",                     "Back the node up into one sealed file on its own machine."},
     create_backup, {Who::kSocket, Object::kNone}},
    {{kGet,    "/api/v1/secrets",                     "Show the keys that secrets are sealed with, and how far a change is."},
     show_secrets, {Who::kReader, Object::kNone}},
    {{kPost,   "/api/v1/secrets/rotate-kek",          "Make a new sealing key (KEK); the node wraps everything by it and destroys the old one."},
     rotate_kek, {Who::kOwner, Object::kNone, StepUp::kYes, "Make a new sealing key and wrap everything by it"}},
    {{kPost,   "/api/v1/secrets/rotate-root",         "Change the root key for the one in a key file on the node's own machine."},
     rotate_root, {Who::kSocket, Object::kNone}},
    {{kPost,   "/api/v1/secrets/scrub",               "Write the registry's file anew, so that no copy of what was replaced stays."},
     scrub_secrets, {Who::kOwner, Object::kNone, StepUp::kYes, "Write the registry's file anew"}},
    {{kGet,    "/api/v1/status",                      "Show what the node is doing and what troubles it."},
     show_status, {Who::kReader, Object::kNone}},
    {{kPost,   "/api/v1/reload",                      "Take over the configuration as it is now, without a restart."},
     reload, {Who::kOwner, Object::kNone, StepUp::kYes, "Have the node take over its configuration as it is now"}},
    {{kPost,   "/api/v1/clock/confirm",               "Say that a clock in doubt is right: signed requests go on."},
     confirm_clock, {Who::kOperator, Object::kNone, StepUp::kYes, "Take the node's clock for right[, with its step of {step_ms} ms]"}},
    {{kGet,    "/api/v1/profile",                     "Show the profile's permissions and the types of key pairs."},
     show_profile, {Who::kEveryone, Object::kNone}},
});
// clang-format on

constexpr auto kRoutes = [] {
  std::array<ManagementRoute, kRows.size()> routes{};
  std::ranges::transform(kRows, routes.begin(), &RouteRow::route);
  return routes;
}();

// match gives what stands at the {name} of `pattern` ("" when it has none), or nullopt.
std::optional<std::string_view> match(std::string_view pattern, std::string_view path) {
  const std::size_t open = pattern.find('{');
  if (open == std::string_view::npos) {
    return pattern == path ? std::optional(std::string_view{}) : std::nullopt;
  }
  const std::string_view tail = pattern.substr(pattern.find('}') + 1);
  if (!path.starts_with(pattern.substr(0, open)) || !path.ends_with(tail) ||
      path.size() <= open + tail.size()) {
    return std::nullopt;
  }
  const std::string_view id = path.substr(open, path.size() - open - tail.size());
  return id.contains('/') ? std::nullopt : std::optional(id);
}

}  // namespace

std::span<const ManagementRoute> management_routes() { return kRoutes; }

std::span<const RouteRow> route_rows() { return kRows; }

FoundRoute find_route(http::Method method, std::string_view path) {
  const http::Method wanted = method == kHead ? kGet : method;
  for (const RouteRow& row : kRows) {
    if (row.route.method != wanted) {
      continue;
    }
    if (const auto id = match(row.route.path, path)) {
      return {.row = &row, .id = *id};
    }
  }
  return {};
}

std::string methods_for(std::string_view path) {
  std::string methods;
  for (const RouteRow& row : kRows) {
    const std::string_view name = http::method_name(row.route.method);
    if (match(row.route.path, path) && !methods.contains(name)) {
      methods += (methods.empty() ? "" : ", ") + std::string(name);
    }
  }
  return methods;
}

}  // namespace counterfoil
