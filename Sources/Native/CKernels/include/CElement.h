#ifndef CELEMENT_H
#define CELEMENT_H

/// The number format of an activation.
typedef enum {
  CELEMENT_FLOAT32,
  CELEMENT_BFLOAT16  // the upper half of a 32-bit float, rounded to nearest
} CElement;

#endif
