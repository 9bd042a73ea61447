#ifndef CTURBOJPEG_H
#define CTURBOJPEG_H

#include <stddef.h>
#include <stdint.h>

/// A decoder with its memory. One for each worker.
typedef struct CTurboJPEGDecoder CTurboJPEGDecoder;

/// A decoder, or NULL when memory is out.
CTurboJPEGDecoder *cturbojpeg_create(void);
void cturbojpeg_destroy(CTurboJPEGDecoder *decoder);

/// The version of libjpeg-turbo this was compiled against, as "2.1.5".
const char *cturbojpeg_version(void);

/// Decodes a JPEG of one or three channels into `pixels`, of `width` x `height` x `channels` bytes,
/// row-major, with the accurate inverse DCT. 0 when the JPEG has that size and every byte was sound.
int cturbojpeg_decode(
    CTurboJPEGDecoder *decoder, const void *bytes, size_t length, int width, int height,
    int channels, uint8_t *pixels);

#endif
