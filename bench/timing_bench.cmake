# Whether the time of a check tells anything of a wrong signature: see timing_bench.cc.
add_executable(timing_bench ${CMAKE_CURRENT_LIST_DIR}/timing_bench.cc)
target_link_libraries(timing_bench PRIVATE counterfoil_crypto counterfoil_flags)
