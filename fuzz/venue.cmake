# The sandbox exchange: what bots send it, what a gateway proves and tells.
counterfoil_fuzz(venue_api SOURCES venue_api_fuzz.cc USES venue LINK_PRIVATE nlohmann_json::nlohmann_json)
counterfoil_fuzz(venue_proof SOURCES venue_proof_fuzz.cc USES venue)
counterfoil_fuzz(venue_key_event SOURCES venue_key_event_fuzz.cc USES venue LINK_PRIVATE nlohmann_json::nlohmann_json)
