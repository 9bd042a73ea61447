#ifndef CVIPS_COLOR_H
#define CVIPS_COLOR_H

#include <vips/vips.h>

/// Replaces `*image` by the result of one operation and drops the reference to what it came from.
int cvips_step(VipsImage **image, VipsImage *next, int failed);

/// Orientation, alpha, profile, colour space and depth, in this order. Alpha is dropped, not blended,
/// as Pillow's convert("RGB") does. Writes into libvips's buffer of error texts.
int cvips_to_eight_bit_color(VipsImage **image);

#endif
