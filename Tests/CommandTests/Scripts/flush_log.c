// Writes every fsync and rename of a program to the file FLUSH_LOG, one line each: for LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static void append(const char *line, int length) {
  const char *path = getenv("FLUSH_LOG");
  int log = path ? open(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
  if (log < 0) return;
  if (write(log, line, (size_t)length) != length) abort();
  close(log);
}

int fsync(int descriptor) {
  int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
  char link[64], path[PATH_MAX], line[PATH_MAX + 16];
  snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
  ssize_t length = readlink(link, path, sizeof path - 1);
  int result = real(descriptor);
  if (length > 0 && result == 0) {
    path[length] = 0;
    append(line, snprintf(line, sizeof line, "fsync\t%s\n", path));
  }
  return result;
}

int rename(const char *from, const char *to) {
  int (*real)(const char *, const char *) =
      (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
  char line[2 * PATH_MAX + 16];
  int result = real(from, to);
  if (result == 0) append(line, snprintf(line, sizeof line, "rename\t%s\t%s\n", from, to));
  return result;
}
