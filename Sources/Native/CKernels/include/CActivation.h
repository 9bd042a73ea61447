#ifndef CACTIVATION_H
#define CACTIVATION_H

/// A function of one value whose derivative can be computed from its result.
typedef enum {
  CACTIVATION_LINEAR,
  CACTIVATION_RELU,
  CACTIVATION_LEAKY_RELU,   // x > 0 ? x : 0.01 x
  CACTIVATION_TANH,
  CACTIVATION_SCALED_TANH,  // 1.7159 tanh(2x / 3)
  CACTIVATION_SIGMOID
} CActivation;

#endif
