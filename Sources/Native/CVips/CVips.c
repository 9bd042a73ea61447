#include "CVips.h"

#include <pthread.h>
#include <string.h>

#include "Color.h"

/// libvips has one error buffer for the whole process. Calls that may write to it hold this lock
/// for reading, so that many threads can make them at once; the call that reads it holds the lock
/// for writing.
static pthread_rwlock_t error_texts;

static void make_lock(void) {
  pthread_rwlockattr_t attributes;
  pthread_rwlockattr_init(&attributes);
  // Otherwise the thread that reads the texts could wait indefinitely while other threads decode.
  pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
  pthread_rwlock_init(&error_texts, &attributes);
  pthread_rwlockattr_destroy(&attributes);
}

static void silent(const gchar *domain, GLogLevelFlags level, const gchar *text, gpointer data) {}

static int start_status = -1;

static void start(void) {
  make_lock();
  if (VIPS_INIT("twinset") != 0) return;
  vips_concurrency_set(1);
  vips_cache_set_max(0);
  // Libraries used by libvips print warnings on standard error; all relevant information is
  // returned.
  g_log_set_handler("VIPS", G_LOG_LEVEL_WARNING, silent, NULL);
  vips_block_untrusted_set(TRUE);
  vips_operation_block_set("VipsForeignLoadPpm", FALSE);
  // libvips reads BMP only through ImageMagick. Its loaders accept files and memory but no sources,
  // so that only open_bmp, which checks the first bytes, ever uses them.
  vips_operation_block_set("VipsForeignLoadMagick", FALSE);
  vips_operation_block_set("VipsForeignLoadMagick7", FALSE);
  // Only for the charts of this project: pictures are loaded through sources.
  vips_operation_block_set("VipsForeignLoadSvgBuffer", FALSE);
  start_status = 0;
}

int cvips_start(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, start);
  return start_status;
}

const char *cvips_version(void) {
  static char version[32];
  snprintf(
      version, sizeof version, "%d.%d.%d", vips_version(0), vips_version(1), vips_version(2));
  return version;
}

struct CVipsPicture {
  VipsSource *bytes;
  VipsImage *image;
  /// True if rows can be computed from top to bottom, a few at a time.
  int is_sequential;
  CVipsFile file;
};

void cvips_lock(void) { pthread_rwlock_rdlock(&error_texts); }

void cvips_unlock(void) { pthread_rwlock_unlock(&error_texts); }

/// Computes the pixels in the calling thread. A region avoids the thread switches of
/// vips_image_write_to_memory, which are slow for small images. `target` may be NULL to decode only
/// for errors.
static int copy_pixels(VipsImage *source, int is_sequential, uint8_t *target) {
  VipsRegion *region = vips_region_new(source);
  if (region == NULL) return -1;
  size_t line = (size_t)source->Xsize * (size_t)source->Bands;
  // A strip of about one megabyte, so that little memory is used twice for images of any size.
  int strip = line < (1 << 20) / 16 ? (int)((1 << 20) / line) : 16;
  if (!is_sequential) strip = source->Ysize;
  int result = 0;
  for (int top = 0; top < source->Ysize && result == 0; top += strip) {
    int rows = source->Ysize - top < strip ? source->Ysize - top : strip;
    VipsRect part = {0, top, source->Xsize, rows};
    result = vips_region_prepare(region, &part);
    for (int y = top; result == 0 && target != NULL && y < top + rows; y++)
      memcpy(target + line * (size_t)y, VIPS_REGION_ADDR(region, 0, y), line);
  }
  g_object_unref(region);
  return result;
}

/// Returns true if libvips marks this loader as unsafe for untrusted files.
static int is_blocked(const char *loader) {
  GType type = g_type_from_name(loader);
  if (type == 0) return 0;
  VipsOperationClass *operation = g_type_class_ref(type);
  int blocked = (operation->flags & VIPS_OPERATION_BLOCKED) != 0;
  g_type_class_unref(operation);
  return blocked;
}

/// CMYK with alpha has five bands; an image with more is a measurement, not a photograph.
enum { MAX_BANDS = 5 };

/// Reads the width and height of a BMP image from its header: 16 bits each in the 12-byte header of
/// OS/2, 32 bits in all others. Source: the format as read by ImageMagick's coders/bmp.c.
static int bmp_sides(const uint8_t *bytes, size_t length, int64_t *width, int64_t *height) {
  uint32_t header;
  if (length < 26) return -1;
  memcpy(&header, bytes + 14, sizeof header);
  if (header == 12) {
    uint16_t sides[2];
    memcpy(sides, bytes + 18, sizeof sides);
    *width = sides[0];
    *height = sides[1];
    return 0;
  }
  int32_t sides[2];
  memcpy(sides, bytes + 18, sizeof sides);
  *width = llabs((int64_t)sides[0]);
  *height = llabs((int64_t)sides[1]);
  return 0;
}

static int is_bmp(const uint8_t *bytes, size_t length) {
  return length >= 2 && memcmp(bytes, "BM", 2) == 0;
}

int64_t cvips_bmp_pixels(const void *bytes, size_t length) {
  int64_t width, height;
  if (!is_bmp(bytes, length) || bmp_sides(bytes, length, &width, &height) != 0) return 0;
  return width * height;
}

/// Opens a BMP file in memory. The size is at a fixed position in the header, so that a
/// decompression bomb is detected before ImageMagick, which decodes the pixels immediately, is
/// called.
static CVipsOutcome open_bmp(
    const void *bytes, size_t length, int64_t max_pixels, VipsImage **image, char *detail,
    size_t capacity) {
  int64_t width, height;
  if (bmp_sides(bytes, length, &width, &height) != 0) return CVIPS_DAMAGED;
  if (width > 0 && height > max_pixels / width) {
    snprintf(detail, capacity, "%lld x %lld pixels", (long long)width, (long long)height);
    return CVIPS_TOO_LARGE;
  }
  return vips_magickload_buffer((void *)bytes, length, image, NULL) == 0 ? CVIPS_DECODED
                                                                          : CVIPS_DAMAGED;
}

static CVipsOutcome open_any(VipsSource *bytes, VipsImage **image, char *detail, size_t capacity) {
  const char *loader = vips_foreign_find_load_source(bytes);
  if (loader == NULL) return CVIPS_NOT_AN_IMAGE;
  if (is_blocked(loader)) {
    snprintf(detail, capacity, "only %s reads it, which is unsafe", loader);
    return CVIPS_UNSUPPORTED;
  }
  *image = vips_image_new_from_source(
      bytes, "", "access", VIPS_ACCESS_SEQUENTIAL, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
  return *image != NULL ? CVIPS_DECODED : CVIPS_DAMAGED;
}

/// Checks the header of an opened image and converts it to 8-bit gray or RGB; no pixel is computed.
static CVipsOutcome prepare(
    CVipsPicture *picture, int64_t max_pixels, char *detail, size_t capacity) {
  VipsImage *source = picture->image;
  if ((int64_t)source->Xsize * (int64_t)source->Ysize > max_pixels) {
    snprintf(detail, capacity, "%d x %d pixels", source->Xsize, source->Ysize);
    return CVIPS_TOO_LARGE;
  }
  if (source->Bands > MAX_BANDS) {
    snprintf(detail, capacity, "%d channels", source->Bands);
    return CVIPS_UNSUPPORTED;
  }
  picture->file.channels = source->Bands;
  picture->file.orientation = vips_image_get_orientation(source);
  const char *loader = "";
  if (vips_image_get_typeof(source, VIPS_META_LOADER) &&
      vips_image_get_string(source, VIPS_META_LOADER, &loader) == 0)
    snprintf(picture->file.loader, sizeof picture->file.loader, "%s", loader);
  // A rotated image reads columns of the file, which require all rows at once.
  picture->is_sequential = vips_image_get_orientation(source) <= 1;
  if (cvips_to_eight_bit_color(&picture->image) != 0) return CVIPS_DAMAGED;
  int channels = picture->image->Bands;
  if (channels != 1 && channels != 3) {
    snprintf(detail, capacity, "%d channels", channels);
    return CVIPS_UNSUPPORTED;
  }
  return CVIPS_DECODED;
}

static CVipsOutcome open_picture(
    const void *bytes, size_t length, int64_t max_pixels, CVipsPicture *picture, char *detail,
    size_t capacity) {
  // The loader for PGM, which ORL needs, reads sources and files but not plain memory.
  picture->bytes = vips_source_new_from_memory(bytes, length);
  if (picture->bytes == NULL) return CVIPS_DAMAGED;
  CVipsOutcome outcome =
      is_bmp(bytes, length)
          ? open_bmp(bytes, length, max_pixels, &picture->image, detail, capacity)
          : open_any(picture->bytes, &picture->image, detail, capacity);
  return outcome == CVIPS_DECODED ? prepare(picture, max_pixels, detail, capacity) : outcome;
}

static void release(CVipsPicture *picture) {
  if (picture->image != NULL) g_object_unref(picture->image);
  if (picture->bytes != NULL) g_object_unref(picture->bytes);
}

CVipsOutcome cvips_open(
    const void *bytes, size_t length, int64_t max_pixels, CVipsPicture **opened, char *detail,
    size_t detail_capacity) {
  *opened = NULL;
  if (detail_capacity > 0) detail[0] = 0;
  CVipsPicture *picture = calloc(1, sizeof *picture);
  if (picture == NULL) return CVIPS_UNSUPPORTED;
  cvips_lock();
  CVipsOutcome outcome =
      open_picture(bytes, length, max_pixels, picture, detail, detail_capacity);
  if (outcome != CVIPS_DECODED) release(picture);
  pthread_rwlock_unlock(&error_texts);
  if (outcome == CVIPS_DECODED)
    *opened = picture;
  else
    free(picture);
  return outcome;
}

CVipsSize cvips_size(const CVipsPicture *picture) {
  CVipsSize size = {picture->image->Xsize, picture->image->Ysize, picture->image->Bands};
  return size;
}

CVipsFile cvips_file(const CVipsPicture *picture) { return picture->file; }

int cvips_read(CVipsPicture *picture, uint8_t *pixels) {
  pthread_rwlock_rdlock(&error_texts);
  int status = copy_pixels(picture->image, picture->is_sequential, pixels);
  pthread_rwlock_unlock(&error_texts);
  return status;
}

void cvips_close(CVipsPicture *picture) {
  pthread_rwlock_rdlock(&error_texts);
  release(picture);
  pthread_rwlock_unlock(&error_texts);
  free(picture);
}

void cvips_explain(
    const void *bytes, size_t length, int64_t max_pixels, char *detail, size_t detail_capacity) {
  if (detail_capacity == 0) return;
  detail[0] = 0;
  pthread_rwlock_wrlock(&error_texts);
  vips_error_clear();
  CVipsPicture picture = {0};
  if (open_picture(bytes, length, max_pixels, &picture, detail, detail_capacity) == CVIPS_DECODED)
    copy_pixels(picture.image, picture.is_sequential, NULL);
  strncpy(detail, vips_error_buffer(), detail_capacity - 1);
  detail[detail_capacity - 1] = 0;
  vips_error_clear();
  release(&picture);
  pthread_rwlock_unlock(&error_texts);
}

static int resize(
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
  failed = cvips_step(&source, resized, failed);
  if (!failed && (source->Xsize != target_width || source->Ysize != target_height)) failed = -1;
  if (!failed) failed = copy_pixels(source, 0, target);
  g_object_unref(source);
  return failed;
}

int cvips_lanczos3(
    const uint8_t *pixels, int width, int height, int channels, int target_width,
    int target_height, uint8_t *target) {
  pthread_rwlock_rdlock(&error_texts);
  int failed = resize(pixels, width, height, channels, target_width, target_height, target);
  pthread_rwlock_unlock(&error_texts);
  return failed;
}
