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

/// A point in pixels.
typedef struct {
  double x;
  double y;
} CDlibPoint;

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

/// A shape predictor: regression trees that find the landmarks of a face. May be shared.
typedef struct CDlibPredictor CDlibPredictor;

/// Reads a predictor from dlib's own file format; NULL when the file is none.
CDlibPredictor *cdlib_predictor_read(const char *path);
void cdlib_predictor_destroy(CDlibPredictor *predictor);

/// How many landmarks it finds.
int cdlib_predictor_points(const CDlibPredictor *predictor);

/// Finds the landmarks of the face in a box of gray pixels [height, width]; `points` holds as many
/// as the predictor has. 0 when it worked.
int cdlib_landmarks(
    const CDlibPredictor *predictor, const uint8_t *gray, int width, int height, CDlibFace face,
    CDlibPoint *points);

/// Cuts the square of `side` pixels about a centre, turned by `angle` radians about it, out of
/// pixels [height, width, channels] into `chip` [side, side, channels], bilinear; black outside
/// the picture. `channels` is 1 or 3. 0 when it worked.
int cdlib_chip(
    const uint8_t *pixels, int width, int height, int channels, double centre_x, double centre_y,
    int side, double angle, uint8_t *chip);

/// Ends the threads of OpenBLAS, which dlib brings with it: idle, they spin for a tenth of a second
/// after the program begins. They come back should anything need them.
void cdlib_end_idle_threads(void);

/// The version of dlib this was compiled against, as "19.24.0".
const char *cdlib_version(void);

#ifdef __cplusplus
}
#endif

#endif
