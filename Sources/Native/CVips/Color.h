#ifndef CVIPS_COLOR_H
#define CVIPS_COLOR_H

#include <vips/vips.h>

/// Replaces `*image` with the result of an operation and releases the previous image.
int cvips_step(VipsImage **image, VipsImage *next, int failed);

/// Applies orientation, alpha, profile, colour space and depth, in this order. Alpha is dropped,
/// not blended, as in Pillow's convert("RGB"). Writes to libvips's error buffer.
int cvips_to_eight_bit_color(VipsImage **image);

/// Held by calls that may write to libvips's error buffer; many can hold it at once.
void cvips_lock(void);
void cvips_unlock(void);

#endif
