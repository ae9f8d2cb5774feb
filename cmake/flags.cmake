# counterfoil_flags: the warnings and hardening every target of ours is compiled with.
add_library(counterfoil_flags INTERFACE)
target_compile_options(counterfoil_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Wold-style-cast
  # Designated initializers leave out what keeps its default: that is their point.
  -Wno-missing-field-initializers)
if(COUNTERFOIL_WERROR)
  target_compile_options(counterfoil_flags INTERFACE -Werror)
endif()
target_compile_definitions(counterfoil_flags INTERFACE TOML_EXCEPTIONS=0)

# What a shipped binary is built with (controls S-90). Sanitizer builds leave the hardening to the sanitizer.
if(CMAKE_BUILD_TYPE STREQUAL "Release" OR CMAKE_BUILD_TYPE STREQUAL "RelWithDebInfo")
  target_compile_options(counterfoil_flags INTERFACE
    -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -fstack-protector-strong -fstack-clash-protection -fcf-protection
    -ftrivial-auto-var-init=zero)
  target_compile_definitions(counterfoil_flags INTERFACE _GLIBCXX_ASSERTIONS)
  target_link_options(counterfoil_flags INTERFACE -pie -Wl,-z,relro,-z,now)
else()
  # Absent from release binaries: clocks a test can move, hooks a test can pull.
  target_compile_definitions(counterfoil_flags INTERFACE COUNTERFOIL_TEST_HOOKS)
endif()

find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  add_link_options(-fuse-ld=mold)
endif()
