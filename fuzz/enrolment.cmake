# What `enroll` reads: the link that somebody sent, and the answers of a console that somebody else runs.
counterfoil_fuzz(enrolment_answer SOURCES enrolment_answer_fuzz.cc ${CMAKE_SOURCE_DIR}/src/app/remote/enrolment_answer.cc
                 ${CMAKE_SOURCE_DIR}/src/app/remote/enrolment_url.cc USES outbound wire keys crypto base)
