#include "CTurboJPEG.h"

#include <stdio.h>
// jpeglib.h, which defines the version, requires stdio.h before it.
#include <jpeglib.h>
#include <turbojpeg.h>

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

const char *cturbojpeg_version(void) { return TEXT(LIBJPEG_TURBO_VERSION); }

CTurboJPEGDecoder *cturbojpeg_create(void) { return (CTurboJPEGDecoder *)tjInitDecompress(); }

void cturbojpeg_destroy(CTurboJPEGDecoder *decoder) {
  if (decoder != NULL) tjDestroy(decoder);
}

int cturbojpeg_decode(
    CTurboJPEGDecoder *decoder, const void *bytes, size_t length, int width, int height,
    int channels, uint8_t *pixels) {
  int found_width, found_height, subsampling, space;
  if (tjDecompressHeader3(
          decoder, bytes, length, &found_width, &found_height, &subsampling, &space) != 0)
    return -1;
  // The library would scale the image to the requested size, so a different size must be rejected.
  if (found_width != width || found_height != height) return -1;
  int format = channels == 1 ? TJPF_GRAY : TJPF_RGB;
  int flags = TJFLAG_ACCURATEDCT | TJFLAG_STOPONWARNING | TJFLAG_LIMITSCANS;
  return tjDecompress2(decoder, bytes, length, pixels, width, 0, height, format, flags);
}
