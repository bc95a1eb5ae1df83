/* A clock and a disk for redis-server that fail while it runs. CHAOS_FAULTS names a file of 48 bytes, which is mapped, so
 * that looking at it stays cheap:
 *    0  offset of the wall clock in microseconds
 *   24  what happens when the log is written or synced: 0 nothing, S<n> each sync takes n microseconds more,
 *       W<n> a write stores half of its bytes and the next one fails with errno n, F<n> a sync fails with errno n */
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
static int halved;
static int (*real_time)(struct timeval *, void *);
static ssize_t (*real_write)(int, const void *, size_t);
static int (*real_sync)(int);

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("CHAOS_FAULTS");
  int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
  real_time = (int (*)(struct timeval *, void *))dlsym(RTLD_NEXT, "gettimeofday");
  real_write = (ssize_t (*)(int, const void *, size_t))dlsym(RTLD_NEXT, "write");
  real_sync = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
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

/* Whether this fault is on and the file is the log. */
static int applies(char fault, int file) {
  char link[64], path[512];
  if (!faults || faults[24] != fault) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", file);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length < 4) return 0;
  return memcmp(path + length - 4, ".aof", 4) == 0;
}

ssize_t write(int file, const void *data, size_t length) {
  if (!real_write) return -1;
  if (applies('W', file)) {
    if (!halved && length > 1) {
      halved = 1;
      return real_write(file, data, length / 2);
    }
    errno = atoi(faults + 25);
    return -1;
  }
  return real_write(file, data, length);
}

int fdatasync(int file) {
  if (applies('S', file)) usleep(atoi(faults + 25));
  if (applies('F', file)) {
    errno = atoi(faults + 25);
    return -1;
  }
  return real_sync(file);
}
