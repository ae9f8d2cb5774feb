# accounts, keys, audit against a node that the test starts, each case counted.
add_executable(node_commands_test node_commands_test.cc program.cc)
target_link_libraries(node_commands_test PRIVATE counterfoil_flags GTest::gtest_main nlohmann_json::nlohmann_json)
target_compile_definitions(node_commands_test PRIVATE COUNTERFOIL_PROGRAM="$<TARGET_FILE:counterfoil>")
add_dependencies(node_commands_test counterfoil)
counterfoil_gtest(node_commands node_commands_test)
