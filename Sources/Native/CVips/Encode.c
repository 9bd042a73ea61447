#include "CVips.h"

#include "Color.h"

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

static void *encode(
    const uint8_t *pixels, int width, int height, int channels, const char *suffix,
    size_t *encoded_length) {
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

void *cvips_encode(
    const uint8_t *pixels, int width, int height, int channels, const char *suffix,
    size_t *encoded_length) {
  if (cvips_start() != 0) return NULL;
  // Workers of an ingest encode while others read error texts.
  cvips_lock();
  void *encoded = encode(pixels, width, height, channels, suffix, encoded_length);
  cvips_unlock();
  return encoded;
}

void *cvips_thumbnail(const void *bytes, size_t length, int side, CVipsSize *size) {
  if (cvips_start() != 0) return NULL;
  cvips_lock();
  void *pixels = NULL;
  VipsImage *image = NULL;
  VipsSource *source = vips_source_new_from_memory(bytes, length);
  if (source != NULL &&
      vips_thumbnail_source(source, &image, side, "height", side, "size", VIPS_SIZE_DOWN, NULL) == 0 &&
      cvips_to_eight_bit_color(&image) == 0 && (image->Bands == 1 || image->Bands == 3)) {
    size_t count;
    pixels = vips_image_write_to_memory(image, &count);
    *size = (CVipsSize){image->Xsize, image->Ysize, image->Bands};
  }
  if (image != NULL) g_object_unref(image);
  if (source != NULL) g_object_unref(source);
  vips_error_clear();
  cvips_unlock();
  return pixels;
}

void cvips_free(void *png) { g_free(png); }
