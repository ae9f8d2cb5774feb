# embed_lines(<out.cc> <lines.txt>) writes a source file that holds the words of common_passwords.txt, so that the program needs
# no file beside it. Lines that begin with # are left out. Runs when CMake configures, and again when the file changes.
function(embed_lines out file)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} text)
  string(REGEX REPLACE "(^|\n)#[^\n]*" "" text "${text}")
  string(STRIP "${text}" text)
  if(text MATCHES "\\)words\"")
    message(FATAL_ERROR "embed_lines: ${file} holds the end mark of the string it becomes")
  endif()
  # A string literal may be 65,536 bytes long at least; pieces stay well below.
  string(LENGTH "${text}" size)
  set(at 0)
  set(literal "")
  while(at LESS size)
    string(SUBSTRING "${text}" ${at} 8000 piece)
    string(APPEND literal "R\"words(${piece})words\"\n")
    math(EXPR at "${at} + 8000")
  endwhile()
  file(CONFIGURE OUTPUT ${out} @ONLY CONTENT [[
// Generated from common_passwords.txt by src/accounts/embed_lines.cmake.
#include <string_view>

#include "accounts/common_passwords.h"

namespace counterfoil {
std::string_view common_password_lines() {
  return @literal@;
}
}  // namespace counterfoil
]])
endfunction()
