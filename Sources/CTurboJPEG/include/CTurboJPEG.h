#ifndef CTURBOJPEG_H
#define CTURBOJPEG_H

#include <stddef.h>
#include <stdint.h>

/// What a JPEG says of itself. `channels` is 1 (gray), 3 (YCbCr or RGB) or 4 (CMYK, YCCK).
typedef struct {
  int width;
  int height;
  int channels;
} CTurboJPEGHeader;

/// The version of libjpeg-turbo this was compiled against, as "2.1.5".
const char *cturbojpeg_version(void);

/// Reads the header of a JPEG. 0 when it is one.
int cturbojpeg_read_header(const void *bytes, size_t length, CTurboJPEGHeader *header);

/// Decodes a JPEG of one or three channels into `pixels`, of width x height x `channels` bytes,
/// row-major, with the accurate inverse DCT. 0 when every byte was sound.
int cturbojpeg_decode(const void *bytes, size_t length, int channels, uint8_t *pixels);

#endif
