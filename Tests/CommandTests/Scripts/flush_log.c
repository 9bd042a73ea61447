// Writes every fsync, rename and making of a file of a program to the file FLUSH_LOG, one line each: for
// LD_PRELOAD.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

typedef int (*Open)(const char *, int, ...);

static void append(const char *line, int length) {
  const char *path = getenv("FLUSH_LOG");
  Open real = (Open)dlsym(RTLD_NEXT, "open");
  int log = path ? real(path, O_WRONLY | O_APPEND | O_CREAT, 0600) : -1;
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

static int opened(const char *name, const char *path, int flags, mode_t mode) {
  Open real = (Open)dlsym(RTLD_NEXT, name);
  char line[PATH_MAX + 32];
  int result = real(path, flags, mode);
  if (result >= 0 && (flags & O_CREAT) != 0) {
    int is_new = (flags & O_EXCL) != 0;
    append(line, snprintf(line, sizeof line, "%s\t%s\n", is_new ? "create" : "open", path));
  }
  return result;
}

#define LOGGED(name)                                              \
  int name(const char *path, int flags, ...) {                    \
    va_list rest;                                                 \
    va_start(rest, flags);                                        \
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0; \
    va_end(rest);                                                 \
    return opened(#name, path, flags, mode);                      \
  }

LOGGED(open)
LOGGED(open64)
