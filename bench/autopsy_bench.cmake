# What an autopsy costs: see autopsy_bench.cc.
add_executable(autopsy_bench ${CMAKE_CURRENT_LIST_DIR}/autopsy_bench.cc)
target_link_libraries(autopsy_bench PRIVATE counterfoil_app counterfoil_autopsy nlohmann_json::nlohmann_json counterfoil_flags)
