# What `doctor --live` reads in the answers of servers that are not ours. One source of the room, for the fuzz build needs no more of it.
counterfoil_fuzz(server_answer SOURCES server_answer_fuzz.cc ${CMAKE_SOURCE_DIR}/src/app/server_answer.cc USES verify keys base
                 LINK_PRIVATE nlohmann_json::nlohmann_json)
