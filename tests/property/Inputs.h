// The tensors of one call: laid out and filled as the call says.
#pragma once

#include "tests/property/Case.h"
#include "tests/property/Tensor.h"

#include <memory>

namespace heed::property {

struct Tensors {
  std::vector<std::unique_ptr<Tensor>> inputs, outputs; ///< in the order of the kernel's parameters
  const Tensor *queryLengths = nullptr, *keyLengths = nullptr;
};

/// What lies past a length is NaN where no element before it shares its memory.
Tensors makeTensors(const Description &description, const Call &call);

} // namespace heed::property
