#include "doors/management/call.h"
#include "doors/management/views.h"

namespace counterfoil {

Outcome show_status(const Call& call) { return reply(to_json(call.parts.status())); }

Outcome show_profile(const Call& call) { return reply(to_json(call.parts.profile)); }

}  // namespace counterfoil
