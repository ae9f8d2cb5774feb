# What a sign-in costs, and what its time tells: see sign_in_bench.cc.
add_executable(sign_in_bench ${CMAKE_CURRENT_LIST_DIR}/sign_in_bench.cc)
target_link_libraries(sign_in_bench PRIVATE counterfoil_authority counterfoil_registry_sqlite counterfoil_flags)
