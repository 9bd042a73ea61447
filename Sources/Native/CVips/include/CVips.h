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

/// An image that is opened: its size is known, its pixels are not computed yet.
typedef struct CVipsPicture CVipsPicture;

/// Pixels in a row, rows, and channels (1 or 3).
typedef struct {
  int width;
  int height;
  int channels;
} CVipsSize;

/// Starts libvips for this process: one thread a pipeline, no cache, no loader that libvips holds
/// unsafe for strangers' files (but the PNM loader, which ORL needs). 0 when it worked.
int cvips_start(void);

/// The version of libvips, as "8.14.1".
const char *cvips_version(void);

/// Opens the first frame of an image in memory as 8-bit gray or sRGB: EXIF orientation applied, alpha
/// dropped, an embedded profile turned into sRGB, 16 bits reduced to 8. The header is checked against
/// `max_pixels`. `bytes` must stay as they are until `cvips_close`. `detail` receives what is known
/// without libvips's own texts, which `cvips_explain` reads.
CVipsOutcome cvips_open(
    const void *bytes, size_t length, int64_t max_pixels, CVipsPicture **opened, char *detail,
    size_t detail_capacity);

/// The size of an opened image, after orientation.
CVipsSize cvips_size(const CVipsPicture *picture);

/// Computes the pixels, [height, width, channels], into memory of the caller's. 0 when it worked.
int cvips_read(CVipsPicture *picture, uint8_t *pixels);

void cvips_close(CVipsPicture *picture);

/// Decodes an image that cannot be decoded once more, alone in the process, for libvips's own texts:
/// their buffer belongs to the process, so that other threads would mix theirs in.
void cvips_explain(
    const void *bytes, size_t length, int64_t max_pixels, char *detail, size_t detail_capacity);

/// How many pixels the header of a BMP file claims; 0 for other files. Its loader decodes it when it
/// is opened.
int64_t cvips_bmp_pixels(const void *bytes, size_t length);

/// Resizes pixels [height, width, channels] with vips_resize and its kernel lanczos3 into `target`.
/// 0 when it worked.
int cvips_lanczos3(
    const uint8_t *pixels, int width, int height, int channels, int target_width,
    int target_height, uint8_t *target);

#endif
