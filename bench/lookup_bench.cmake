# Finding an API key among a million, and the whole verdict on a request: see lookup_bench.cc.
add_executable(lookup_bench ${CMAKE_CURRENT_LIST_DIR}/lookup_bench.cc)
target_link_libraries(lookup_bench PRIVATE counterfoil_replica counterfoil_verify counterfoil_flags benchmark::benchmark_main
  OpenSSL::Crypto)
target_include_directories(lookup_bench PRIVATE ${CMAKE_CURRENT_LIST_DIR})
