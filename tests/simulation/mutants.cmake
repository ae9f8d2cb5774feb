# simulation_mutant(<name> FILE <room/file.cc> FIND <text> REPLACE <text>) builds the simulation with one guard of the protocol
# taken out, and a test that some seed catches it. The text must stand in the file exactly once, so that a guard that
# moved is noticed. FIRST <seed>: where the seeds begin, for a guard that few of them need.
function(simulation_mutant name)
  cmake_parse_arguments(ARG "" "FILE;FIND;REPLACE;FIRST" "" ${ARGN})
  set(first_seed 1)
  if(ARG_FIRST)
    set(first_seed ${ARG_FIRST})
  endif()
  set(source ${CMAKE_SOURCE_DIR}/src/${ARG_FILE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  string(FIND "${text}" "${ARG_FIND}" first)
  string(FIND "${text}" "${ARG_FIND}" last REVERSE)
  if(first EQUAL -1 OR NOT first EQUAL last)
    message(FATAL_ERROR "simulation_mutant(${name}): the guard does not stand exactly once in ${ARG_FILE}: ${ARG_FIND}")
  endif()
  string(REPLACE "${ARG_FIND}" "${ARG_REPLACE}" text "${text}")
  get_filename_component(file ${ARG_FILE} NAME)
  set(mutant ${CMAKE_CURRENT_BINARY_DIR}/mutants/${name}/${file})
  set(before "")
  if(EXISTS ${mutant})
    file(READ ${mutant} before)
  endif()
  if(NOT text STREQUAL before)
    file(WRITE ${mutant} "${text}")
  endif()
  # Listed before the room's library, this object's symbols are the ones that are linked.
  add_executable(revocation_simulation_without_${name} ${mutant})
  target_link_libraries(revocation_simulation_without_${name} PRIVATE simulation_parts counterfoil_authority counterfoil_flags)
  counterfoil_check(revocation_simulation_without_${name}
    COMMAND revocation_simulation_without_${name} --first ${first_seed} --seeds 4000 --expect-violation)
endfunction()

simulation_mutant(short_right FILE authority/right_to_accept.cc
  FIND "waiting.sent_at + times_.right_lasts" REPLACE "waiting.sent_at + times_.right_lasts + times_.right_lasts")
simulation_mutant(applied_before_right FILE authority/right_to_accept.cc
  FIND "waiting.read->number > applied_.number" REPLACE "false")
simulation_mutant(incarnation_of_right FILE authority/right_to_accept.cc
  FIND "waiting.read->incarnation != applied_.incarnation ||" REPLACE "")
simulation_mutant(waiting FILE authority/revocation_wait.cc
  FIND "answer.second.kind == GatewayAnswer::Kind::kWaiting" REPLACE "answer.second.gateway.empty()")
simulation_mutant(full_wait FILE authority/revocation_wait.cc
  FIND "now < ends_at()" REPLACE "now < committed_at_ + times_.beat_interval")
simulation_mutant(whole_roll FILE authority/revocation_wait.cc
  FIND "(was_whole_ &&" REPLACE "(has_read_ &&")
simulation_mutant(revision_reported FILE authority/revocation_wait.cc
  FIND "entry.applied.number < committed_.number" REPLACE "false")
simulation_mutant(loops_passed FILE authority/feed_follower.cc
  FIND "  shown_ = at;" REPLACE "  shown_ = at, applied_ = at;")
simulation_mutant(load_not_behind FILE replica/replica.cc
  FIND "stands_at->number < known.number" REPLACE "false")
simulation_mutant(load_not_behind_what_is_shown FILE replica/replica.cc
  FIND "is_before(applied_) ||" REPLACE "" FIRST 15072)
simulation_mutant(current_at_last_look FILE replica/live_key_table.cc
  FIND "replaced->current.store(false, std::memory_order_release)" REPLACE "replaced->current.load()")
simulation_mutant(only_the_silent_struck FILE authority/revocation_wait.cc
  FIND "entry.is_as_silent_as(answer->second.first_read)" REPLACE "true")
simulation_mutant(silent_in_the_same_roll FILE authority/revocation_wait.cc
  FIND "entry.is_as_silent_as(answer->second.first_read)" REPLACE "answer->second.first_read.beats == entry.beats" FIRST 142953)
