#ifndef CDLIB_H
#define CDLIB_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A detected face: its box in pixels, which may extend outside the image, and the detector's
/// score.
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

/// dlib's frontal face detector (histograms of oriented gradients; the weights are part of the
/// library). It is slow to create and not thread-safe; each worker has its own.
typedef struct CDlibDetector CDlibDetector;

/// Creates a detector; returns NULL if there is not enough memory.
CDlibDetector *cdlib_detector_create(void);
void cdlib_detector_destroy(CDlibDetector *detector);

/// Finds faces in gray pixels [height, width], by descending score. Writes at most `capacity` of
/// them and returns the number of faces found, which may be larger; returns -1 if an argument is
/// invalid or there is not enough memory.
int cdlib_detect(
    CDlibDetector *detector, const uint8_t *gray, int width, int height, double threshold,
    CDlibFace *faces, int capacity);

/// A shape predictor: regression trees that find the landmarks of a face. It can be shared between
/// threads.
typedef struct CDlibPredictor CDlibPredictor;

/// Reads a predictor in dlib's file format; returns NULL if the file is not valid.
CDlibPredictor *cdlib_predictor_read(const char *path);
void cdlib_predictor_destroy(CDlibPredictor *predictor);

/// Returns the number of landmarks.
int cdlib_predictor_points(const CDlibPredictor *predictor);

/// Finds the landmarks of the face in a box of gray pixels [height, width]; `points` has room for
/// all landmarks of the predictor. Returns 0 on success.
int cdlib_landmarks(
    const CDlibPredictor *predictor, const uint8_t *gray, int width, int height, CDlibFace face,
    CDlibPoint *points);

/// Extracts the square of `side` pixels around a centre, rotated about it by `angle` radians, from
/// pixels [height, width, channels] into `chip` [side, side, channels], with bilinear
/// interpolation; pixels outside the image are black. `channels` is 1 or 3. Returns 0 on success.
int cdlib_chip(
    const uint8_t *pixels, int width, int height, int channels, double centre_x, double centre_y,
    int side, double angle, uint8_t *chip);

/// Ends the threads of OpenBLAS, which dlib depends on: while idle, they spin for a tenth of a
/// second after program start. OpenBLAS restarts them when needed.
void cdlib_end_idle_threads(void);

/// The version of dlib used at compile time, as "19.24.0".
const char *cdlib_version(void);

#ifdef __cplusplus
}
#endif

#endif
