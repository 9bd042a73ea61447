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

/// Orientation, colour space, alpha and depth, in this order.
static int to_eight_bit_color(VipsImage **image) {
  VipsImage *next = NULL;
  int orientation = vips_image_get_orientation(*image);
  if (orientation > 1) {
    int failed = vips_autorot(*image, &next, NULL);
    if (step(image, next, failed) != 0) return -1;
  }
  VipsInterpretation space = vips_image_guess_interpretation(*image);
  int gray = space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16;
  VipsInterpretation target = gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
  if (space != target) {
    int failed = vips_colourspace(*image, &next, target, NULL);
    if (step(image, next, failed) != 0) return -1;
  }
  if (vips_image_hasalpha(*image)) {
    int failed = vips_flatten(*image, &next, NULL);
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

static CVipsOutcome decode(
    VipsSource *bytes, int64_t max_pixels, CVipsImage *image, char *detail, size_t capacity) {
  const char *loader = vips_foreign_find_load_source(bytes);
  if (loader == NULL) return fail(CVIPS_NOT_AN_IMAGE, detail, capacity);
  if (is_blocked(loader)) {
    snprintf(detail, capacity, "only %s reads it, which is unsafe", loader);
    return CVIPS_UNSUPPORTED;
  }
  VipsImage *source = vips_image_new_from_source(
      bytes, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
  if (source == NULL) return fail(CVIPS_DAMAGED, detail, capacity);
  CVipsOutcome outcome = CVIPS_DECODED;
  if ((int64_t)source->Xsize * (int64_t)source->Ysize > max_pixels) {
    snprintf(detail, capacity, "%d x %d pixels", source->Xsize, source->Ysize);
    outcome = CVIPS_TOO_LARGE;
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
  CVipsOutcome outcome = decode(source, max_pixels, image, detail, detail_capacity);
  g_object_unref(source);
  return outcome;
}

void cvips_free(CVipsImage *image) {
  free(image->pixels);
  image->pixels = NULL;
}
