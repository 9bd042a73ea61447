// Everything that is compiled for one instruction set, with LANES floats a vector. Included by Level*.cpp
// only, within a namespace of its own.

// The order matters.
#include "../Shared/Vectors.hpp"
//
#include "Fourier.hpp"
//
#include "Images.hpp"
#include "Product.hpp"
//
#include "Tiles.hpp"
//
#include "Passes.hpp"
