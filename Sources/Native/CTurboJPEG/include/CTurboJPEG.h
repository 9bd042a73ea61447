#ifndef CTURBOJPEG_H
#define CTURBOJPEG_H

#include <stddef.h>
#include <stdint.h>

/// A decoder with its memory. Each worker has its own.
typedef struct CTurboJPEGDecoder CTurboJPEGDecoder;

/// Creates a decoder; returns NULL if there is not enough memory.
CTurboJPEGDecoder *cturbojpeg_create(void);
void cturbojpeg_destroy(CTurboJPEGDecoder *decoder);

/// The version of libjpeg-turbo used at compile time, as "2.1.5".
const char *cturbojpeg_version(void);

/// Decodes a JPEG of one or three channels into `pixels`, of `width` x `height` x `channels` bytes,
/// row-major, with the accurate inverse DCT. Returns 0 if the JPEG has that size and no errors.
int cturbojpeg_decode(
    CTurboJPEGDecoder *decoder, const void *bytes, size_t length, int width, int height,
    int channels, uint8_t *pixels);

#endif
