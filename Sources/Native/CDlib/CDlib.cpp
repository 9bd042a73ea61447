#include "CDlib.h"

#include <dlib/array2d.h>
#include <dlib/image_processing.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/image_transforms.h>
#include <dlib/revision.h>

#include <cstdio>
#include <cstring>
#include <vector>

namespace {

template <typename Pixel>
dlib::array2d<Pixel> copy(const uint8_t *pixels, int width, int height) {
  dlib::array2d<Pixel> image(height, width);
  for (int y = 0; y < height; y++)
    std::memcpy(
        &image[y][0], pixels + static_cast<size_t>(y) * width * sizeof(Pixel),
        width * sizeof(Pixel));
  return image;
}

template <typename Pixel>
void cut(
    const uint8_t *pixels, int width, int height, const dlib::chip_details &details,
    uint8_t *chip) {
  dlib::array2d<Pixel> out;
  dlib::extract_image_chip(copy<Pixel>(pixels, width, height), details, out);
  for (long y = 0; y < out.nr(); y++)
    std::memcpy(chip + y * out.nc() * sizeof(Pixel), &out[y][0], out.nc() * sizeof(Pixel));
}

}  // namespace

struct CDlibPredictor {
  dlib::shape_predictor predictor;
};

struct CDlibDetector {
  dlib::frontal_face_detector detector;
};

CDlibDetector *cdlib_detector_create(void) {
  try {
    return new CDlibDetector{dlib::get_frontal_face_detector()};
  } catch (...) {
    return nullptr;
  }
}

void cdlib_detector_destroy(CDlibDetector *detector) { delete detector; }

int cdlib_detect(
    CDlibDetector *detector, const uint8_t *gray, int width, int height, double threshold,
    CDlibFace *faces, int capacity) {
  if (detector == nullptr || gray == nullptr || width <= 0 || height <= 0) return -1;
  // An exception must not propagate through a C function.
  try {
    auto image = copy<unsigned char>(gray, width, height);
    std::vector<dlib::rect_detection> found;
    detector->detector(image, found, threshold);
    for (size_t i = 0; i < found.size() && i < static_cast<size_t>(capacity); i++) {
      const dlib::rectangle &box = found[i].rect;
      faces[i] = {
          box.left(), box.top(), static_cast<long>(box.width()), static_cast<long>(box.height()),
          found[i].detection_confidence};
    }
    return static_cast<int>(found.size());
  } catch (...) {
    return -1;
  }
}

CDlibPredictor *cdlib_predictor_read(const char *path) {
  try {
    auto predictor = new CDlibPredictor;
    try {
      dlib::deserialize(path) >> predictor->predictor;
      return predictor;
    } catch (...) {
      delete predictor;
      return nullptr;
    }
  } catch (...) {
    return nullptr;
  }
}

void cdlib_predictor_destroy(CDlibPredictor *predictor) { delete predictor; }

int cdlib_predictor_points(const CDlibPredictor *predictor) {
  return static_cast<int>(predictor->predictor.num_parts());
}

int cdlib_landmarks(
    const CDlibPredictor *predictor, const uint8_t *gray, int width, int height, CDlibFace face,
    CDlibPoint *points) {
  if (predictor == nullptr || gray == nullptr || width <= 0 || height <= 0) return -1;
  try {
    dlib::rectangle box(
        face.left, face.top, face.left + face.width - 1, face.top + face.height - 1);
    auto shape = predictor->predictor(copy<unsigned char>(gray, width, height), box);
    for (unsigned long i = 0; i < shape.num_parts(); i++)
      points[i] = {static_cast<double>(shape.part(i).x()), static_cast<double>(shape.part(i).y())};
    return 0;
  } catch (...) {
    return -1;
  }
}

int cdlib_chip(
    const uint8_t *pixels, int width, int height, int channels, double centre_x, double centre_y,
    int side, double angle, uint8_t *chip) {
  if (pixels == nullptr || width <= 0 || height <= 0 || side <= 0) return -1;
  try {
    dlib::chip_details details(
        dlib::centered_drect(dlib::dpoint(centre_x, centre_y), side, side),
        dlib::chip_dims(side, side), angle);
    if (channels == 1) cut<unsigned char>(pixels, width, height, details, chip);
    else if (channels == 3) cut<dlib::rgb_pixel>(pixels, width, height, details, chip);
    else return -1;
    return 0;
  } catch (...) {
    return -1;
  }
}

// The name of this function in OpenBLAS; other BLAS libraries do not have it.
extern "C" __attribute__((weak)) int blas_thread_shutdown_(void);

void cdlib_end_idle_threads(void) {
  if (blas_thread_shutdown_ != nullptr) blas_thread_shutdown_();
}

const char *cdlib_version(void) {
  static char version[32];
  std::snprintf(
      version, sizeof version, "%d.%d.%d", DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION,
      DLIB_PATCH_VERSION);
  return version;
}
