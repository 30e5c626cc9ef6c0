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

/// What lies past a length is NaN where no element before it shares its memory. A part of the keys
/// is all of them.
Tensors makeTensors(const Description &description, const Call &call);

/// Says which part of the keys a call is for.
void setPart(const Description &description, Tensors &tensors, int begin, int end);

/// For the kernel that merges what calls for two parts have given.
Tensors makeMergeTensors(const Description &description, const Call &call, Tensors first,
                         Tensors second);

} // namespace heed::property
