#include "CVips.h"

#include <vips/vips.h>

void *cvips_render_svg(const char *svg, size_t length, double scale, size_t *png_length) {
  VipsImage *drawn = NULL, *flat = NULL;
  void *png = NULL;
  if (cvips_start() != 0) return NULL;
  if (vips_svgload_buffer((void *)svg, length, &drawn, "scale", scale, NULL) == 0) {
    VipsArrayDouble *white = vips_array_double_newv(1, 255.0);
    if (vips_flatten(drawn, &flat, "background", white, NULL) == 0 &&
        vips_pngsave_buffer(flat, &png, png_length, "strip", TRUE, NULL) != 0)
      png = NULL;
    vips_area_unref(VIPS_AREA(white));
  }
  if (flat != NULL) g_object_unref(flat);
  if (drawn != NULL) g_object_unref(drawn);
  return png;
}

void *cvips_encode(
    const uint8_t *pixels, int width, int height, int channels, const char *suffix,
    size_t *encoded_length) {
  if (cvips_start() != 0) return NULL;
  size_t length = (size_t)width * (size_t)height * (size_t)channels;
  VipsImage *memory =
      vips_image_new_from_memory(pixels, length, width, height, channels, VIPS_FORMAT_UCHAR);
  if (!memory) return NULL;
  VipsImage *image = NULL;
  void *encoded = NULL;
  VipsInterpretation kind =
      channels == 1 ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (vips_copy(memory, &image, "interpretation", kind, NULL) != 0 ||
      vips_image_write_to_buffer(image, suffix, &encoded, encoded_length, "strip", TRUE, NULL) != 0)
    encoded = NULL;
  if (image) g_object_unref(image);
  g_object_unref(memory);
  vips_error_clear();
  return encoded;
}

void cvips_free(void *png) { g_free(png); }
