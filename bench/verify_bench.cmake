# Signature verification and sealing against the plain use of the libraries, in one run: see verify_bench.cc.
find_package(benchmark REQUIRED)
add_executable(verify_bench ${CMAKE_CURRENT_LIST_DIR}/verify_bench.cc)
target_link_libraries(verify_bench PRIVATE counterfoil_crypto counterfoil_flags benchmark::benchmark_main OpenSSL::Crypto
  nlohmann_json::nlohmann_json)
target_compile_definitions(verify_bench PRIVATE COUNTERFOIL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
target_include_directories(verify_bench PRIVATE ${CMAKE_CURRENT_LIST_DIR})
