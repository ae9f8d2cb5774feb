/* failing_disk.so, for tests alone: loaded before a program (LD_PRELOAD), it makes calls on files fail below one folder.
 *
 * Environment: FAILING_DISK_FOLDER (absolute, without symbolic links) and FAILING_DISK_PLAN, a file of the size of
 * `struct plan` that the test writes to at any time, through a map of its own (failing_disk.py). Without a plan, and
 * while its `calls` is 0, everything goes through.
 *
 * Of a full disk it knows what matters to whoever holds space back: nothing can be written, but what is
 * removed or cut off gives room to those that write next.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

/* failing_disk.py lays it out the same way. */
struct plan {
  _Atomic uint32_t calls; /* bits of enum call: those that count and may fail; 0: disarmed */
  _Atomic uint32_t first; /* the first one to fail, from 1 */
  _Atomic uint32_t last;  /* the last one */
  _Atomic int32_t error;  /* errno */
  _Atomic uint32_t seen;
  _Atomic uint32_t failed;
  _Atomic int64_t room;   /* bytes; -1: this is no full disk */
  _Atomic uint32_t all[4]; /* calls seen since the start, armed or not, by the number of their bit */
};
enum call { kWrite = 1, kSync = 2, kTruncate = 4, kOpen = 8 };

static struct plan* plan;
static char folder[PATH_MAX];
static size_t folder_size;

__attribute__((constructor)) static void load_plan(void) {
  const char* const wanted = getenv("FAILING_DISK_FOLDER");
  const char* const path = getenv("FAILING_DISK_PLAN");
  if (wanted == NULL || path == NULL || strlen(wanted) >= sizeof folder) {
    return;
  }
  strcpy(folder, wanted);
  folder_size = strlen(folder);
  const int file = open(path, O_RDWR | O_CLOEXEC);
  void* const map = file < 0 ? MAP_FAILED
                             : mmap(NULL, sizeof(struct plan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (map == MAP_FAILED) {
    fputs("failing_disk: the plan cannot be mapped\n", stderr);
    abort();
  }
  close(file);
  plan = map;
}

static int is_below(const char* path) {
  return strncmp(path, folder, folder_size) == 0 && (path[folder_size] == '/' || path[folder_size] == '\0');
}

static int is_below_at(int directory, const char* path) {
  if (path[0] == '/') {
    return is_below(path);
  }
  char link[64];
  char base[PATH_MAX];
  if (directory == AT_FDCWD) {
    strcpy(link, "/proc/self/cwd");
  } else {
    snprintf(link, sizeof link, "/proc/self/fd/%d", directory);
  }
  const ssize_t size = readlink(link, base, sizeof base - 1);
  base[size < 0 ? 0 : size] = '\0';
  return is_below(base);
}

static int is_ours(int file) {
  const int kept = errno;
  char link[64];
  char path[PATH_MAX];
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  const ssize_t size = readlink(link, path, sizeof path - 1);
  errno = kept;
  path[size < 0 ? 0 : size] = '\0';
  return is_below(path);
}

/* Whether this call, one of the folder, is to fail; then errno is set. `bytes` is what a write wants. */
static int fails(enum call call, int64_t bytes) {
  atomic_fetch_add(&plan->all[__builtin_ctz(call)], 1);
  if ((atomic_load(&plan->calls) & call) == 0) {
    return 0;
  }
  const uint32_t number = atomic_fetch_add(&plan->seen, 1) + 1;
  if (number < atomic_load(&plan->first) || number > atomic_load(&plan->last)) {
    return 0;
  }
  if (atomic_load(&plan->room) >= 0) {
    if (atomic_fetch_sub(&plan->room, bytes) >= bytes) {
      return 0;
    }
    atomic_fetch_add(&plan->room, bytes);
  }
  atomic_fetch_add(&plan->failed, 1);
  errno = atomic_load(&plan->error);
  return 1;
}

static int file_fails(int file, enum call call, int64_t bytes) {
  return plan != NULL && is_ours(file) && fails(call, bytes);
}

#define REAL(name) ((__typeof__(&name))real(#name))
static void* real(const char* name) {
  void* const found = dlsym(RTLD_NEXT, name);
  if (found == NULL) {
    abort();
  }
  return found;
}

/* Writing. */

static int64_t bytes_of(const struct iovec* parts, int count) {
  int64_t bytes = 0;
  for (int i = 0; i < count; ++i) {
    bytes += (int64_t)parts[i].iov_len;
  }
  return bytes;
}

ssize_t write(int file, const void* bytes, size_t size) {
  return file_fails(file, kWrite, (int64_t)size) ? -1 : REAL(write)(file, bytes, size);
}

ssize_t pwrite(int file, const void* bytes, size_t size, off_t offset) {
  return file_fails(file, kWrite, (int64_t)size) ? -1 : REAL(pwrite)(file, bytes, size, offset);
}

ssize_t pwrite64(int file, const void* bytes, size_t size, off64_t offset) {
  return file_fails(file, kWrite, (int64_t)size) ? -1 : REAL(pwrite64)(file, bytes, size, offset);
}

ssize_t writev(int file, const struct iovec* parts, int count) {
  return file_fails(file, kWrite, bytes_of(parts, count)) ? -1 : REAL(writev)(file, parts, count);
}

int posix_fallocate(int file, off_t offset, off_t size) {
  return file_fails(file, kWrite, size) ? errno : REAL(posix_fallocate)(file, offset, size);
}

int posix_fallocate64(int file, off64_t offset, off64_t size) {
  return file_fails(file, kWrite, size) ? errno : REAL(posix_fallocate64)(file, offset, size);
}

/* Syncing. */

int fsync(int file) { return file_fails(file, kSync, 0) ? -1 : REAL(fsync)(file); }
int fdatasync(int file) { return file_fails(file, kSync, 0) ? -1 : REAL(fdatasync)(file); }

/* Truncating; what is cut off is room for others. */

static int is_full(void) { return plan != NULL && atomic_load(&plan->calls) != 0 && atomic_load(&plan->room) >= 0; }

static void gives_room(int64_t before, int64_t after) {
  if (before > after) {
    atomic_fetch_add(&plan->room, before - after);
  }
}

static int64_t size_of_file(int file) {
  struct stat facts;
  return is_full() && is_ours(file) && fstat(file, &facts) == 0 ? facts.st_size : 0;
}

static int64_t size_of_path(const char* path) {
  struct stat facts;
  return is_full() && is_below_at(AT_FDCWD, path) && lstat(path, &facts) == 0 ? facts.st_size : 0;
}

int ftruncate(int file, off_t size) {
  const int64_t before = size_of_file(file);
  const int done = file_fails(file, kTruncate, 0) ? -1 : REAL(ftruncate)(file, size);
  if (done == 0) {
    gives_room(before, size);
  }
  return done;
}

int ftruncate64(int file, off64_t size) {
  const int64_t before = size_of_file(file);
  const int done = file_fails(file, kTruncate, 0) ? -1 : REAL(ftruncate64)(file, size);
  if (done == 0) {
    gives_room(before, size);
  }
  return done;
}

int truncate(const char* path, off_t size) {
  const int64_t before = size_of_path(path);
  const int done = REAL(truncate)(path, size);
  if (done == 0) {
    gives_room(before, size);
  }
  return done;
}

/* Opening. */

#define TAKE_MODE(flags, mode)                          \
  mode_t mode = 0;                                      \
  if (((flags) & (O_CREAT | O_TMPFILE)) != 0) {         \
    va_list more;                                       \
    va_start(more, flags);                              \
    mode = va_arg(more, mode_t);                        \
    va_end(more);                                       \
  }

static int open_fails(int directory, const char* path) {
  return plan != NULL && is_below_at(directory, path) && fails(kOpen, 0);
}

int open(const char* path, int flags, ...) {
  TAKE_MODE(flags, mode)
  return open_fails(AT_FDCWD, path) ? -1 : REAL(open)(path, flags, mode);
}

int open64(const char* path, int flags, ...) {
  TAKE_MODE(flags, mode)
  return open_fails(AT_FDCWD, path) ? -1 : REAL(open64)(path, flags, mode);
}

int openat(int directory, const char* path, int flags, ...) {
  TAKE_MODE(flags, mode)
  return open_fails(directory, path) ? -1 : REAL(openat)(directory, path, flags, mode);
}

int openat64(int directory, const char* path, int flags, ...) {
  TAKE_MODE(flags, mode)
  return open_fails(directory, path) ? -1 : REAL(openat64)(directory, path, flags, mode);
}

/* What a full disk tells, and what a removed file gives back to it. */

static int64_t blocks_left(unsigned long size) { return atomic_load(&plan->room) / (int64_t)size; }

int statvfs(const char* path, struct statvfs* facts) {
  const int done = REAL(statvfs)(path, facts);
  if (done == 0 && is_full() && is_below(path)) {
    facts->f_bavail = facts->f_bfree = (fsblkcnt_t)blocks_left(facts->f_frsize);
  }
  return done;
}

int statvfs64(const char* path, struct statvfs64* facts) {
  const int done = REAL(statvfs64)(path, facts);
  if (done == 0 && is_full() && is_below(path)) {
    facts->f_bavail = facts->f_bfree = (fsblkcnt64_t)blocks_left(facts->f_frsize);
  }
  return done;
}

int unlink(const char* path) {
  const int64_t before = size_of_path(path);
  const int done = REAL(unlink)(path);
  if (done == 0) {
    gives_room(before, 0);
  }
  return done;
}
