#ifndef CVIPS_H
#define CVIPS_H

#include <stddef.h>
#include <stdint.h>

/// The outcome of decoding an image.
typedef enum {
  CVIPS_DECODED = 0,
  CVIPS_NOT_AN_IMAGE = 1,
  CVIPS_TOO_LARGE = 2,
  CVIPS_DAMAGED = 3,
  CVIPS_UNSUPPORTED = 4,
} CVipsOutcome;

/// An opened image: its size is known, its pixels are not computed yet.
typedef struct CVipsPicture CVipsPicture;

/// Width and height in pixels, and number of channels (1 or 3).
typedef struct {
  int width;
  int height;
  int channels;
} CVipsSize;

/// The file of an opened image: its format as libvips names the loader ("jpegload_source"), the number
/// of its channels with alpha, and its EXIF orientation, 1 if there is none.
typedef struct {
  char loader[64];
  int channels;
  int orientation;
} CVipsFile;

/// Starts libvips for this process: one thread per pipeline, no cache, no loader that libvips marks
/// as unsafe for untrusted files (except the PNM loader, which ORL needs). Further calls do nothing.
/// Returns 0 on success.
int cvips_start(void);

/// Draws SVG text of this project as PNG on white, `scale` times its own size. Returns the bytes of
/// the file, to be freed with `cvips_free`, or NULL if libvips cannot draw it.
void *cvips_render_svg(const char *svg, size_t length, double scale, size_t *png_length);

/// Encodes pixels [height, width, channels] of 8 bits; `suffix` chooses the format and its options, as
/// ".png" or ".jpg[Q=88]". Returns the bytes, to be freed with `cvips_free`, or NULL.
void *cvips_encode(
    const uint8_t *pixels, int width, int height, int channels, const char *suffix,
    size_t *encoded_length);

/// Decodes an image in memory, upright and at most `side` pixels wide and high, as 8-bit gray or RGB.
/// Returns the pixels [height, width, channels], to be freed with `cvips_free`, or NULL.
void *cvips_thumbnail(const void *bytes, size_t length, int side, CVipsSize *size);

void cvips_free(void *png);

/// The version of libvips, as "8.14.1".
const char *cvips_version(void);

/// Opens the first frame of an image in memory as 8-bit gray or sRGB: EXIF orientation is applied,
/// alpha is dropped, an embedded profile is converted to sRGB, and 16 bits are reduced to 8. The
/// header is checked against `max_pixels`. `bytes` must stay unchanged until `cvips_close`.
/// `detail` receives information other than libvips's own error texts, which `cvips_explain` reads.
CVipsOutcome cvips_open(
    const void *bytes, size_t length, int64_t max_pixels, CVipsPicture **opened, char *detail,
    size_t detail_capacity);

/// Returns the size of an opened image, after orientation.
CVipsSize cvips_size(const CVipsPicture *picture);

/// Describes the file of an opened image.
CVipsFile cvips_file(const CVipsPicture *picture);

/// Computes the pixels, [height, width, channels], into the caller's memory. Returns 0 on success.
int cvips_read(CVipsPicture *picture, uint8_t *pixels);

void cvips_close(CVipsPicture *picture);

/// Decodes a failed image again to get libvips's error texts. No other thread decodes meanwhile,
/// because the error buffer belongs to the process and other threads would write to it.
void cvips_explain(
    const void *bytes, size_t length, int64_t max_pixels, char *detail, size_t detail_capacity);

/// Returns the number of pixels stated in the header of a BMP file; 0 for other files. The BMP
/// loader decodes the pixels while opening the file.
int64_t cvips_bmp_pixels(const void *bytes, size_t length);

/// Resizes pixels [height, width, channels] with vips_resize and its kernel lanczos3 into `target`.
/// Returns 0 on success.
int cvips_lanczos3(
    const uint8_t *pixels, int width, int height, int channels, int target_width,
    int target_height, uint8_t *target);

#endif
