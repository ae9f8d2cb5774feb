# embed_profiles(<out.cc> <profile.toml>...) writes a source file that holds the profiles' texts, so that the program
# needs no file beside it. Runs when CMake configures, and again whenever one of the files changes.
function(embed_profiles out)
  set(rows "")
  foreach(file IN LISTS ARGN)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
    get_filename_component(name ${file} NAME_WE)
    file(READ ${file} text)
    if(text MATCHES "\\)profile\"")
      message(FATAL_ERROR "embed_profiles: ${file} holds the end mark of the string it becomes")
    endif()
    # A string literal may be 65,536 bytes long at least; pieces stay well below.
    string(LENGTH "${text}" size)
    set(at 0)
    set(literal "")
    while(at LESS size)
      string(SUBSTRING "${text}" ${at} 8000 piece)
      string(APPEND literal "R\"profile(${piece})profile\"\n")
      math(EXPR at "${at} + 8000")
    endwhile()
    string(APPEND rows "    {.name = \"${name}\", .text = ${literal}},\n")
  endforeach()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [[
// Generated from profiles/ by src/policy/embed_profiles.cmake.
#include <array>
#include <span>

#include "policy/shipped_profile.h"

namespace counterfoil {
namespace {
constexpr auto kProfiles = std::to_array<ShippedProfile>({
@rows@});
}  // namespace

std::span<const ShippedProfile> shipped_profiles() { return kProfiles; }
}  // namespace counterfoil
]])
endfunction()
