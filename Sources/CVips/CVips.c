// memmem is an extension.
#define _GNU_SOURCE
#include "CVips.h"

#include <string.h>
#include <vips/vips.h>

static void silent(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data) {}

int cvips_start(void) {
  if (VIPS_INIT("twinset") != 0) return -1;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  // Libraries below libvips warn on standard error in words of their own; what matters is returned.
  g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, silent, NULL);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoadPpm", FALSE);
  // libvips reads BMP through ImageMagick alone. Its loaders take files and memory but no sources,
  // so that nothing but open_bmp, which looks at the first bytes, ever comes to them.
  vips_operation_block_set("VipsForeignLoadMagick", FALSE);
  vips_operation_block_set("VipsForeignLoadMagick7", FALSE);
  return 0;
}

const char *cvips_version(void) {
  static char version[32];
  snprintf(
      version, sizeof version, "%d.%d.%d", vips_version(0), vips_version(1), vips_version(2));
  return version;
}

/// Replaces `*image` by the result of one operation and drops the reference to what it came from.
static int step(VipsImage **image, VipsImage *next, int failed) {
  if (failed) return -1;
  g_object_unref(*image);
  *image = next;
  return 0;
}

/// Whether an embedded profile says that the pixels are sRGB already, in whatever spelling; turning
/// such pixels would only round them.
static int has_own_profile(VipsImage *image) {
  const void *profile;
  size_t length;
  if (!vips_image_get_typeof(image, VIPS_META_ICC_NAME)) return 0;
  if (vips_image_get_blob(image, VIPS_META_ICC_NAME, &profile, &length) != 0) return 0;
  return memmem(profile, length, "sRGB", 4) == NULL &&
         memmem(profile, length, "s\0R\0G\0B", 7) == NULL;
}

/// The channels that are colour: gray has one, CMYK four, everything else three.
static int color_channels(VipsInterpretation space) {
  switch (space) {
    case VIPS_INTERPRETATION_B_W:
    case VIPS_INTERPRETATION_GREY16: return 1;
    case VIPS_INTERPRETATION_CMYK: return 4;
    default: return 3;
  }
}

/// Orientation, alpha, profile, colour space and depth, in this order. Alpha is dropped, not
/// blended, as Pillow's convert("RGB") does.
static int to_eight_bit_color(VipsImage **image) {
  VipsImage *next = NULL;
  int orientation = vips_image_get_orientation(*image);
  if (orientation > 1) {
    int failed = vips_autorot(*image, &next, NULL);
    if (step(image, next, failed) != 0) return -1;
  }
  VipsInterpretation space = vips_image_guess_interpretation(*image);
  int channels = color_channels(space);
  if ((*image)->Bands > channels) {
    int failed = vips_extract_band(*image, &next, 0, "n", channels, NULL);
    if (step(image, next, failed) != 0) return -1;
  }
  if (has_own_profile(*image)) {
    // A profile of another colour space than the pixels is a mistake of the file: it is left out.
    if (vips_icc_transform(*image, &next, "srgb", "embedded", TRUE, NULL) == 0) {
      if (step(image, next, 0) != 0) return -1;
      space = vips_image_guess_interpretation(*image);
    } else {
      vips_error_clear();
    }
  }
  if (space == VIPS_INTERPRETATION_GREY16 || space == VIPS_INTERPRETATION_RGB16) {
    // The upper eight bits, as Pillow takes them; vips_colourspace rounds gray otherwise.
    int failed = vips_cast(*image, &next, VIPS_FORMAT_UCHAR, "shift", TRUE, NULL);
    if (step(image, next, failed) != 0) return -1;
    space = vips_image_guess_interpretation(*image);
  }
  int gray = space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16;
  VipsInterpretation target = gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (space != target) {
    int failed = vips_colourspace(*image, &next, target, NULL);
    if (step(image, next, failed) != 0) return -1;
  }
  if (vips_image_get_format(*image) != VIPS_FORMAT_UCHAR) {
    int failed = vips_cast_uchar(*image, &next, NULL);
    if (step(image, next, failed) != 0) return -1;
  }
  return 0;
}

/// Computes the whole picture in the calling thread: a region avoids the hand-overs between
/// threads that vips_image_write_to_memory costs on small pictures.
static int copy_pixels(VipsImage *source, CVipsImage *image) {
  VipsRect whole = {0, 0, source->Xsize, source->Ysize};
  VipsRegion *region = vips_region_new(source);
  if (region == NULL) return -1;
  int result = -1;
  size_t line = (size_t)source->Xsize * (size_t)source->Bands;
  if (vips_region_prepare(region, &whole) == 0) {
    image->pixels = malloc(line * (size_t)source->Ysize);
    if (image->pixels != NULL) {
      for (int y = 0; y < source->Ysize; y++)
        memcpy(image->pixels + line * (size_t)y, VIPS_REGION_ADDR(region, 0, y), line);
      image->width = source->Xsize;
      image->height = source->Ysize;
      image->channels = source->Bands;
      result = 0;
    }
  }
  g_object_unref(region);
  return result;
}

static CVipsOutcome fail(CVipsOutcome outcome, char *detail, size_t capacity) {
  if (capacity > 0) {
    strncpy(detail, vips_error_buffer(), capacity - 1);
    detail[capacity - 1] = 0;
  }
  vips_error_clear();
  return outcome;
}

/// Whether libvips holds this loader unsafe for strangers' files.
static int is_blocked(const char *loader) {
  GType type = g_type_from_name(loader);
  if (type == 0) return 0;
  VipsOperationClass *operation = g_type_class_ref(type);
  int blocked = (operation->flags & VIPS_OPERATION_BLOCKED) != 0;
  g_type_class_unref(operation);
  return blocked;
}

/// CMYK with alpha has five; more is a measurement, not a photograph.
enum { MAX_BANDS = 5 };

/// Opens a BMP file in memory; its sides stand at a fixed place, so that a bomb is seen before
/// ImageMagick, which decodes at once, is asked.
static CVipsOutcome open_bmp(
    const uint8_t *bytes, size_t length, int64_t max_pixels, VipsImage **image, char *detail,
    size_t capacity) {
  int32_t sides[2];
  if (length < 54) return fail(CVIPS_DAMAGED, detail, capacity);
  memcpy(sides, bytes + 18, sizeof sides);
  int64_t width = llabs((int64_t)sides[0]), height = llabs((int64_t)sides[1]);
  if (width > 0 && height > max_pixels / width) {
    snprintf(detail, capacity, "%lld x %lld pixels", (long long)width, (long long)height);
    return CVIPS_TOO_LARGE;
  }
  *image = NULL;
  if (vips_magickload_buffer((void *)bytes, length, image, NULL) != 0)
    return fail(CVIPS_DAMAGED, detail, capacity);
  return CVIPS_DECODED;
}

static CVipsOutcome open_any(
    VipsSource *bytes, VipsImage **image, char *detail, size_t capacity) {
  const char *loader = vips_foreign_find_load_source(bytes);
  if (loader == NULL) return fail(CVIPS_NOT_AN_IMAGE, detail, capacity);
  if (is_blocked(loader)) {
    snprintf(detail, capacity, "only %s reads it, which is unsafe", loader);
    return CVIPS_UNSUPPORTED;
  }
  *image = vips_image_new_from_source(
      bytes, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
  return *image != NULL ? CVIPS_DECODED : fail(CVIPS_DAMAGED, detail, capacity);
}

/// Brings an opened image to gray or RGB of 8 bits and takes its pixels.
static CVipsOutcome finish(
    VipsImage *source, int64_t max_pixels, CVipsImage *image, char *detail, size_t capacity) {
  CVipsOutcome outcome = CVIPS_DECODED;
  if ((int64_t)source->Xsize * (int64_t)source->Ysize > max_pixels) {
    snprintf(detail, capacity, "%d x %d pixels", source->Xsize, source->Ysize);
    outcome = CVIPS_TOO_LARGE;
  } else if (source->Bands > MAX_BANDS) {
    snprintf(detail, capacity, "%d channels", source->Bands);
    outcome = CVIPS_UNSUPPORTED;
  } else if (to_eight_bit_color(&source) != 0 || copy_pixels(source, image) != 0) {
    outcome = fail(CVIPS_DAMAGED, detail, capacity);
  } else if (image->channels != 1 && image->channels != 3) {
    snprintf(detail, capacity, "%d channels", image->channels);
    cvips_free(image);
    outcome = CVIPS_UNSUPPORTED;
  }
  g_object_unref(source);
  return outcome;
}

CVipsOutcome cvips_decode(
    const void *bytes, size_t length, int64_t max_pixels, CVipsImage *image, char *detail,
    size_t detail_capacity) {
  memset(image, 0, sizeof *image);
  if (detail_capacity > 0) detail[0] = 0;
  // The loader for PGM, which ORL needs, reads sources and files but not plain memory.
  VipsSource *source = vips_source_new_from_memory(bytes, length);
  if (source == NULL) return fail(CVIPS_DAMAGED, detail, detail_capacity);
  VipsImage *opened = NULL;
  int is_bmp = length >= 2 && memcmp(bytes, "BM", 2) == 0;
  CVipsOutcome outcome =
      is_bmp ? open_bmp(bytes, length, max_pixels, &opened, detail, detail_capacity)
             : open_any(source, &opened, detail, detail_capacity);
  if (outcome == CVIPS_DECODED)
    outcome = finish(opened, max_pixels, image, detail, detail_capacity);
  g_object_unref(source);
  return outcome;
}

int cvips_lanczos3(
    const uint8_t *pixels, int width, int height, int channels, int target_width,
    int target_height, uint8_t *target) {
  size_t length = (size_t)width * (size_t)height * (size_t)channels;
  VipsImage *source =
      vips_image_new_from_memory(pixels, length, width, height, channels, VIPS_FORMAT_UCHAR);
  if (source == NULL) return -1;
  VipsImage *resized = NULL;
  int failed = vips_resize(
      source, &resized, (double)target_width / width, "vscale", (double)target_height / height,
      "kernel", VIPS_KERNEL_LANCZOS3, NULL);
  CVipsImage image = {0};
  if (step(&source, resized, failed) == 0) failed = copy_pixels(source, &image);
  if (!failed && (image.width != target_width || image.height != target_height)) failed = -1;
  if (!failed)
    memcpy(target, image.pixels, (size_t)target_width * (size_t)target_height * (size_t)channels);
  cvips_free(&image);
  g_object_unref(source);
  vips_error_clear();
  return failed;
}

void cvips_free(CVipsImage *image) {
  free(image->pixels);
  image->pixels = NULL;
}
