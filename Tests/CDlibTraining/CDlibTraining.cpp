#include "CDlibTraining.h"

#include <dlib/image_processing.h>

#include <cstring>

int cdlibtraining_train(
    const uint8_t *pictures, int count, int width, int height, const double *landmarks, int points,
    int left, int top, int side, const char *path) {
  try {
    dlib::array<dlib::array2d<unsigned char>> images(count);
    std::vector<std::vector<dlib::full_object_detection>> faces;
    dlib::rectangle box(left, top, left + side - 1, top + side - 1);
    for (int i = 0; i < count; i++) {
      images[i].set_size(height, width);
      for (int y = 0; y < height; y++)
        std::memcpy(&images[i][y][0], pictures + (static_cast<size_t>(i) * height + y) * width, width);
      std::vector<dlib::point> parts;
      for (int p = 0; p < points; p++) {
        const double *at = landmarks + (static_cast<size_t>(i) * points + p) * 2;
        parts.push_back(dlib::point(std::lround(at[0]), std::lround(at[1])));
      }
      faces.push_back({dlib::full_object_detection(box, parts)});
    }
    dlib::shape_predictor_trainer trainer;
    trainer.set_cascade_depth(10);
    trainer.set_nu(0.3);
    trainer.set_tree_depth(3);
    trainer.set_num_trees_per_cascade_level(100);
    trainer.set_oversampling_amount(10);
    trainer.set_random_seed("twinset");
    trainer.set_num_threads(2);
    dlib::serialize(path) << trainer.train(images, faces);
    return 0;
  } catch (...) {
    return -1;
  }
}
