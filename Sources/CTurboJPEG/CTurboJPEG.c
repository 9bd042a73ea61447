#include "CTurboJPEG.h"

#include <stdio.h>
// jpeglib.h, which carries the version, needs stdio.h before it.
#include <jpeglib.h>
#include <turbojpeg.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *cturbojpeg_version(void) { return TEXT(LIBJPEG_TURBO_VERSION); }

int cturbojpeg_read_header(const void *bytes, size_t length, CTurboJPEGHeader *header) {
  tjhandle handle = tjInitDecompress();
  if (handle == NULL) return -1;
  int subsampling, space;
  int failed = tjDecompressHeader3(
      handle, bytes, length, &header->width, &header->height, &subsampling, &space);
  header->channels = space == TJCS_GRAY ? 1 : (space == TJCS_CMYK || space == TJCS_YCCK) ? 4 : 3;
  tjDestroy(handle);
  return failed;
}

int cturbojpeg_decode(const void *bytes, size_t length, int channels, uint8_t *pixels) {
  tjhandle handle = tjInitDecompress();
  if (handle == NULL) return -1;
  int format = channels == 1 ? TJPF_GRAY : TJPF_RGB;
  int failed = tjDecompress2(
      handle, bytes, length, pixels, 0, 0, 0, format, TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING);
  tjDestroy(handle);
  return failed;
}
