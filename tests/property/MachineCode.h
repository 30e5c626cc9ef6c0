// A stage's machine code in this process: what a library ships, loaded without a file.
#pragma once

#include "schedules/families/Families.h"

#include <heed/kernel.h>

#include <memory>

namespace llvm::orc {
class LLJIT;
}

namespace heed::property {

/// What the code calls, in place of the runtime's functions of these names.
struct Surroundings {
  void *(*halide_malloc)(void *, size_t);
  void (*halide_free)(void *, void *);
  int (*halide_do_par_for)(void *, int (*)(void *, int, uint8_t *), int, int, uint8_t *);
};

class MachineCode {
public:
  static llvm::Expected<MachineCode> of(const Stage &stage, const Surroundings &surroundings);

  /// Takes the buffers of the stage's arguments.
  decltype(heed_stage::call) call = nullptr;

private:
  std::shared_ptr<llvm::orc::LLJIT> loaded;
};

} // namespace heed::property
