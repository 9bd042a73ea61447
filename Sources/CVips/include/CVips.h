#ifndef CVIPS_H
#define CVIPS_H

#include <stddef.h>
#include <stdint.h>

/// What became of one decoding.
typedef enum {
  CVIPS_DECODED = 0,
  CVIPS_NOT_AN_IMAGE = 1,
  CVIPS_TOO_LARGE = 2,
  CVIPS_DAMAGED = 3,
  CVIPS_UNSUPPORTED = 4,
} CVipsOutcome;

/// 8-bit pixels, row-major, `channels` (1 or 3) interleaved. `pixels` belongs to the caller.
typedef struct {
  uint8_t *pixels;
  int width;
  int height;
  int channels;
} CVipsImage;

/// Starts libvips for this process: one thread a pipeline, no cache, no loader that libvips holds
/// unsafe for strangers' files (but the PNM loader, which ORL needs). 0 when it worked.
int cvips_start(void);

/// The version of libvips, as "8.14.1".
const char *cvips_version(void);

/// Decodes the first frame of an image in memory to 8-bit gray or sRGB: EXIF orientation applied,
/// alpha dropped, an embedded profile turned into sRGB, 16 bits reduced to 8. The header is checked against `max_pixels`
/// before any pixel is computed. `detail` receives libvips's own words when it fails.
CVipsOutcome cvips_decode(
    const void *bytes, size_t length, int64_t max_pixels, CVipsImage *image, char *detail,
    size_t detail_capacity);

/// Resizes pixels [height, width, channels] with vips_resize and its kernel lanczos3 into `target`.
/// 0 when it worked.
int cvips_lanczos3(
    const uint8_t *pixels, int width, int height, int channels, int target_width,
    int target_height, uint8_t *target);

/// Releases the pixels of a decoded image.
void cvips_free(CVipsImage *image);

#endif
