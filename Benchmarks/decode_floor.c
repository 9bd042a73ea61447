// Decodes the JPEG files of a list with libjpeg-turbo and does nothing else; prints images a second.
// Reading the files is not timed.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <turbojpeg.h>

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int main(int argc, char **argv) {
  FILE *list = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (list == NULL) return 64;
  tjhandle decoder = tjInitDecompress();
  char path[4096];
  double seconds = 0;
  int count = 0;
  while (fgets(path, sizeof path, list) != NULL) {
    path[strcspn(path, "\n")] = 0;
    FILE *file = fopen(path, "rb");
    if (file == NULL) return 1;
    fseek(file, 0, SEEK_END);
    size_t length = (size_t)ftell(file);
    rewind(file);
    unsigned char *bytes = malloc(length);
    if (fread(bytes, 1, length, file) != length) return 1;
    fclose(file);
    int width, height, subsampling, space;
    double start = now();
    if (tjDecompressHeader3(decoder, bytes, length, &width, &height, &subsampling, &space) != 0)
      return 1;
    unsigned char *pixels = malloc((size_t)width * (size_t)height * 3);
    tjDecompress2(decoder, bytes, length, pixels, width, 0, height, TJPF_RGB, TJFLAG_ACCURATEDCT);
    seconds += now() - start;
    free(pixels);
    free(bytes);
    count++;
  }
  printf("%f\n", count / seconds);
}
