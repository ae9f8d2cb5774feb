# The replay memory that one process leaves for the next, read from a file.
counterfoil_fuzz(replay_handover SOURCES replay_handover_fuzz.cc USES authority)
