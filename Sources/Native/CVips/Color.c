// memmem is a GNU extension.
#define _GNU_SOURCE
#include "Color.h"

#include <string.h>

int cvips_step(VipsImage **image, VipsImage *next, int failed) {
  if (failed) return -1;
  g_object_unref(*image);
  *image = next;
  return 0;
}

/// Returns true if an embedded profile declares the pixels as sRGB, in any spelling. Converting
/// such pixels would only add rounding errors.
static int has_own_profile(VipsImage *image) {
  const void *profile;
  size_t length;
  if (!vips_image_get_typeof(image, VIPS_META_ICC_NAME)) return 0;
  if (vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &length) != 0) return 0;
  return memmem(profile, length, "sRGB", 4) == NULL &&
         memmem(profile, length, "s\0R\0G\0B", 7) == NULL;
}

/// Returns the number of colour channels: one for gray, four for CMYK, otherwise three.
static int color_channels(VipsInterpretation space) {
  switch (space) {
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16: return 1;
    case VIPS_INTERPRETATION_CMYK: return 4;
    default: return 3;
  }
}

int cvips_to_eight_bit_color(VipsImage **image) {
  VipsImage *next = NULL;
  int orientation = vips_image_get_orientation(*image);
  if (orientation > 1) {
    int failed = vips_autorot(*image, &next, NULL);
    if (cvips_step(image, next, failed) != 0) return -1;
  }
  VipsInterpretation space = vips_image_guess_interpretation(*image);
  int channels = color_channels(space);
  if ((*image)->Bands > channels) {
    int failed = vips_extract_band(*image, &next, 0, "n", channels, NULL);
    if (cvips_step(image, next, failed) != 0) return -1;
  }
  if (has_own_profile(*image)) {
    // A profile for another colour space than that of the pixels is an error in the file and is
    // ignored.
    if (vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, NULL) == 0) {
      if (cvips_step(image, next, 0) != 0) return -1;
      space = vips_image_guess_interpretation(*image);
    } else {
      vips_error_clear();
    }
  }
  if (space == VIPS_INTERPRETATION_GREY16 || space == VIPS_INTERPRETATION_RGB16) {
    // The upper eight bits, as in Pillow; vips_colourspace would round gray values.
    int failed = vips_cast(*image, &next, VIPS_FORMAT_UCHAR, "shift", TRUE, NULL);
    if (cvips_step(image, next, failed) != 0) return -1;
    space = vips_image_guess_interpretation(*image);
  }
  int gray = space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16;
  VipsInterpretation target = gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (space != target) {
    int failed = vips_colourspace(*image, &next, target, NULL);
    if (cvips_step(image, next, failed) != 0) return -1;
  }
  if (vips_image_get_format(*image) != VIPS_FORMAT_UCHAR) {
    int failed = vips_cast_uchar(*image, &next, NULL);
    if (cvips_step(image, next, failed) != 0) return -1;
  }
  return 0;
}
