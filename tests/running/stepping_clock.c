// Loaded before a program, it moves the program's wall clock, and nothing else, by the microseconds that stand in the file
// COUNTERFOIL_CLOCK_STEP: eight bytes, looked at with every reading, so a test steps the clock of a process that runs. No time
// service vouches for that clock. The boot-time clock is the machine's.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* step_us;
static int (*real_clock_gettime)(clockid_t, struct timespec*);

__attribute__((constructor)) static void begin(void) {
  real_clock_gettime = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  const char* const path = getenv("COUNTERFOIL_CLOCK_STEP");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  void* const seen = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *step_us, PROT_READ, MAP_SHARED, file, 0);
  if (real_clock_gettime == NULL || seen == MAP_FAILED) {
    abort();
  }
  step_us = seen;
  close(file);
}

int clock_gettime(clockid_t clock, struct timespec* time) {
  if (real_clock_gettime == NULL) {  // asked before begin()
    real_clock_gettime = (int (*)(clockid_t, struct timespec*))dlsym(RTLD_NEXT, "clock_gettime");
  }
  const int answer = real_clock_gettime(clock, time);
  if (answer == 0 && clock == CLOCK_REALTIME && step_us != NULL) {
    const int64_t us = (int64_t)time->tv_sec * 1000000 + time->tv_nsec / 1000 + *step_us;
    time->tv_sec = (time_t)(us / 1000000);
    time->tv_nsec = (long)(us % 1000000) * 1000;
  }
  return answer;
}

int adjtimex(struct timex* state) {
  state->status = STA_UNSYNC;
  return TIME_ERROR;
}
