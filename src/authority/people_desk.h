#pragma once

#include "accounts/passkey.h"     // IWYU pragma: export
#include "accounts/person.h"      // IWYU pragma: export
#include "accounts/session.h"     // IWYU pragma: export
#include "authority/oidc_desk.h"  // IWYU pragma: export
#include "authority/people.h"     // IWYU pragma: export
#include "authority/sessions.h"   // IWYU pragma: export
#include "authority/sign_in.h"    // IWYU pragma: export

namespace counterfoil {

// PeopleDesk is everything a door needs that lets people in. Everything must outlive it.
struct PeopleDesk {
  SignIn& sign_in;
  Sessions& sessions;
  People& people;
  const RelyingParty& party;  // as which passkeys know us
  OidcDesk* oidc = nullptr;   // nullptr: there is no identity provider
};

}  // namespace counterfoil
