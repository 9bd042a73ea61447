#include "CDlib.h"

#include <dlib/array2d.h>
#include <dlib/image_processing/frontal_face_detector.h>
#include <dlib/revision.h>

#include <cstdio>
#include <cstring>
#include <vector>

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
  // An exception must not leave through C.
  try {
    dlib::array2d<unsigned char> image(height, width);
    for (int y = 0; y < height; y++)
      std::memcpy(&image[y][0], gray + static_cast<size_t>(y) * width, width);
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

const char *cdlib_version(void) {
  static char version[32];
  std::snprintf(
      version, sizeof version, "%d.%d.%d", DLIB_MAJOR_VERSION, DLIB_MINOR_VERSION,
      DLIB_PATCH_VERSION);
  return version;
}
