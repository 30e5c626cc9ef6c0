#include "compiler/emit/DeviceRuntime.h"
#include "compiler/emit/Stages.h"

#include "Halide.h"

namespace heed {

llvm::Expected<std::string> deviceRuntime(const TargetInfo &target) {
  return writtenByHalide(target.name + "'s runtime", [&](const std::string &path) {
    Halide::compile_standalone_runtime({{Halide::OutputFileType::object, path}},
                                       Halide::Target(target.halideName));
  });
}

} // namespace heed
