// Weights into panels, once, when a model is loaded: what linear kernels read with unit stride.
#pragma once

#include "Halide.h"

namespace heed {

struct PackProgram {
  int inputs = 0, outputs = 0;
  int panel = 0; ///< columns of a panel
  Halide::ImageParam
      weights; ///< (output, input), any strides: (out, in) storage is passed as strides
};

struct PackStages {
  Halide::Func packed; ///< (column in panel, input, panel), zero past the last output
};

PackStages buildPack(const PackProgram &program);

} // namespace heed
