/* A clock and a disk that fail while a process runs. CHAOS_FAULTS names a file of 48 bytes, which is mapped, so that
 * looking at it stays cheap:
 *    0  offset of the wall clock in microseconds
 *   24  what happens when an affected file is used: 0 nothing, S<n> each sync takes n microseconds more,
 *       W<n> a write stores half of its bytes and the next one fails with errno n, F<n> a sync fails with errno n,
 *       R<n> a read fails with errno n
 * CHAOS_DISK is a part of the paths of the affected files. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

static const char *faults;
static const char *affected;
static int halved;
static int (*real_time)(struct timeval *, void *);
static ssize_t (*real_read)(int, void *, size_t);
static ssize_t (*real_pread)(int, void *, size_t, off64_t);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off64_t);
static int (*real_datasync)(int);
static int (*real_sync)(int);

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("CHAOS_FAULTS");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  affected = getenv("CHAOS_DISK");
  real_time = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
  real_read = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
  real_pread = (ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
  real_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  real_pwrite = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
  real_datasync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
  real_sync = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  if (file < 0) return;
  void *mapped = mmap(0, 48, PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) faults = mapped;
  close(file);
}

int gettimeofday(struct timeval *restrict now, void *restrict zone) {
  int answer = real_time(now, zone);
  if (answer == 0 && faults) {
    long long at = now->tv_sec * 1000000LL + now->tv_usec + atoll(faults);
    now->tv_sec = at / 1000000;
    now->tv_usec = at % 1000000;
  }
  return answer;
}

/* Whether this fault is on and affects the file. */
static int applies(char fault, int file) {
  char link[64], path[512];
  if (!faults || !affected || faults[24] != fault) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 0) return 0;
  path[length] = 0;
  return strstr(path, affected) != 0;
}

/* Returns how many bytes a write may store: half of them the first time that the fault meets it, then none. */
static size_t allow(int file, size_t length) {
  if (faults && faults[24] != 'W') halved = 0;
  if (!applies('W', file)) return length;
  if (halved || length < 2) return 0;
  halved = 1;
  return length / 2;
}

static int fail(void) {
  errno = atoi(faults + 25);
  return -1;
}

ssize_t write(int file, const void *data, size_t length) {
  if (!real_write) return -1;
  size_t allowed = allow(file, length);
  return allowed || !length ? real_write(file, data, allowed) : fail();
}

ssize_t pwrite64(int file, const void *data, size_t length, off64_t offset) {
  size_t allowed = allow(file, length);
  return allowed || !length ? real_pwrite(file, data, allowed, offset) : fail();
}

ssize_t pwrite(int file, const void *data, size_t length, off_t offset) {
  return pwrite64(file, data, length, offset);
}

ssize_t read(int file, void *data, size_t length) {
  if (!real_read) return -1;
  return applies('R', file) ? fail() : real_read(file, data, length);
}

ssize_t pread64(int file, void *data, size_t length, off64_t offset) {
  return applies('R', file) ? fail() : real_pread(file, data, length, offset);
}

ssize_t pread(int file, void *data, size_t length, off_t offset) {
  return pread64(file, data, length, offset);
}

static int sync_with(int (*real)(int), int file) {
  if (applies('S', file)) usleep(atoi(faults + 25));
  return applies('F', file) ? fail() : real(file);
}

int fdatasync(int file) { return sync_with(real_datasync, file); }

int fsync(int file) { return sync_with(real_sync, file); }
