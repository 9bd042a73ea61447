#ifndef CDLIB_H
#define CDLIB_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A face found: the box in pixels, which may reach outside the picture, and the detector's score.
typedef struct {
  long left;
  long top;
  long width;
  long height;
  double score;
} CDlibFace;

/// dlib's frontal face detector (histograms of oriented gradients; the weights lie in the library).
/// Slow to build and not safe to share between threads: one for each worker.
typedef struct CDlibDetector CDlibDetector;

/// A detector, or NULL when memory is out.
CDlibDetector *cdlib_detector_create(void);
void cdlib_detector_destroy(CDlibDetector *detector);

/// Finds faces in gray pixels [height, width], best score first. Writes at most `capacity` of them
/// and returns how many there are; -1 when an argument makes no sense or memory is out.
int cdlib_detect(
    CDlibDetector *detector, const uint8_t *gray, int width, int height, double threshold,
    CDlibFace *faces, int capacity);

/// The version of dlib this was compiled against, as "19.24.0".
const char *cdlib_version(void);

#ifdef __cplusplus
}
#endif

#endif
