// Everything that is compiled for one instruction set, with LANES floats a vector. Included by Level*.cpp
// only, within a namespace of its own.

// The order matters.
#include "../Shared/Vectors.hpp"
//
#include "Product.hpp"
#include "Transforms.hpp"
//
#include "Tiles.hpp"
//
#include "Passes.hpp"
