#include "tests/property/Kernel.h"
#include "tests/Workspaces.h"

#include <heed/kernel.h>

#include <cstring>

using Halide::JITUserContext;

namespace heed::property {
namespace {

test::Workspaces workspaces;

// One task after the other: a forked child has no threads.
int runSerially(JITUserContext *context, int (*task)(JITUserContext *, int, uint8_t *), int first,
                int count, uint8_t *closure) {
  for (int i = 0; i < count; i++)
    if (int error = task(context, first + i, closure))
      return error;
  return 0;
}

const Surroundings surroundings = {
    [](void *, size_t bytes) { return workspaces.allocate(bytes); },
    [](void *, void *memory) { workspaces.release(memory); },
    [](void *context, int (*task)(void *, int, uint8_t *), int first, int count, uint8_t *closure) {
      auto own = reinterpret_cast<int (*)(JITUserContext *, int, uint8_t *)>(task);
      return runSerially(static_cast<JITUserContext *>(context), own, first, count, closure);
    }};

JITUserContext &userContext() {
  static JITUserContext context = [] {
    JITUserContext c;
    c.handlers.custom_malloc = [](JITUserContext *, size_t bytes) {
      return workspaces.allocate(bytes);
    };
    c.handlers.custom_free = [](JITUserContext *, void *memory) { workspaces.release(memory); };
    c.handlers.custom_do_par_for = runSerially;
    return c;
  }();
  return context;
}

// heed_stage.call has no context: these find theirs here.
const std::vector<CompiledStage> *current;

// The buffers' memory on a device, for as long as this lives.
class OnDevice {
public:
  OnDevice(const Halide::Target &target, void **buffers, size_t count) {
    interface = Halide::get_device_interface_for_device_api(Halide::DeviceAPI::OpenCL, target);
    for (size_t i = 0; i < count; i++) {
      auto *buffer = static_cast<halide_buffer_t *>(buffers[i]);
      if (buffer->number_of_elements() == 0)
        giveAPlace(*buffer);
      else
        buffer->set_host_dirty();
      all.push_back(buffer);
    }
  }
  OnDevice(const OnDevice &) = delete;
  ~OnDevice() {
    for (halide_buffer_t *buffer : all) {
      if (buffer->number_of_elements() != 0)
        interface->copy_to_host(&userContext(), buffer);
      interface->device_free(&userContext(), buffer);
    }
  }

private:
  const halide_device_interface_t *interface;
  std::vector<halide_buffer_t *> all;

  // A device has no memory of no size.
  void giveAPlace(halide_buffer_t &buffer) {
    halide_dimension_t one = {0, 1, 1, 0};
    halide_buffer_t place{};
    place.type = buffer.type, place.dimensions = 1, place.dim = &one;
    interface->device_malloc(&userContext(), &place, interface);
    buffer.device = place.device, buffer.device_interface = place.device_interface;
  }
};

template <int number> int callOnDevice(void **buffers) {
  const CompiledStage &stage = (*current)[number];
  OnDevice onDevice(stage.target, buffers, stage.arguments.size());
  JITUserContext *context = &userContext();
  std::vector<const void *> arguments = {&context};
  arguments.insert(arguments.end(), buffers, buffers + stage.arguments.size());
  return stage.onDevice->call_argv_fast(arguments.size(), arguments.data());
}
// One for each result there can be.
constexpr decltype(heed_stage::call) trampolines[] = {
    callOnDevice<0>, callOnDevice<1>, callOnDevice<2>, callOnDevice<3>, callOnDevice<4>,
    callOnDevice<5>, callOnDevice<6>, callOnDevice<7>, callOnDevice<8>, callOnDevice<9>};

struct DLType {
  uint8_t code, bits;
};
DLType typeOf(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return {kDLFloat, 16};
  case ElementType::BF16:
    return {kDLBfloat, 16};
  case ElementType::F32:
    return {kDLFloat, 32};
  case ElementType::F64:
    return {kDLFloat, 64};
  case ElementType::I8:
    return {kDLInt, 8};
  case ElementType::I32:
    return {kDLInt, 32};
  case ElementType::I64:
    return {kDLInt, 64};
  case ElementType::U8:
    return {kDLUInt, 8};
  }
  std::abort();
}

heed_argument argumentOf(const SignatureArgument &argument) {
  DLType type = typeOf(argument.type);
  return {.name = argument.name.c_str(),
          .type_code = type.code,
          .type_bits = type.bits,
          .rank = uint8_t(argument.shape.size()),
          .role = uint8_t(argument.role),
          .shape = argument.shape.data(),
          .limit = argument.limit,
          .inner_contiguous = argument.innerContiguous,
          .nonempty_axes = uint8_t(argument.nonEmptyAxes)};
}

} // namespace

void warmUp() {
  Halide::Func f;
  f() = 0;
  Halide::Callable callable = f.compile_to_callable({}, Halide::get_host_target());
  Halide::Buffer<int> buffer = Halide::Buffer<int>::make_scalar();
  callable(buffer);
}

mlir::FailureOr<Kernel> Kernel::compile(attn::KernelOp op, const Plan &plan, bool extended) {
  mlir::FailureOr<TargetInfo> target = llvm::cantFail(findTarget(plan.target));
  if (extended)
    target = codeTarget(op, *target);
  if (failed(target))
    return mlir::failure();
  mlir::FailureOr<std::vector<Entry>> entries = buildEntries(op, plan, *target);
  if (failed(entries))
    return mlir::failure();
  Entry &entry = entries->front();
  Kernel kernel;
  kernel.signature = entry.signature;
  for (Stage &stage : entry.stages) {
    CompiledStage compiled{.arguments = {stage.arguments.begin(), stage.arguments.end()},
                           .target = stage.target.without_feature(Halide::Target::NoRuntime)};
    if (!stage.target.has_gpu_feature()) {
      auto code = MachineCode::of(stage, surroundings);
      if (!code)
        return op.emitError() << llvm::toString(code.takeError());
      compiled.code = std::move(*code);
    } else {
      try {
        compiled.onDevice = stage.pipeline.compile_to_callable(stage.inputs, compiled.target);
      } catch (const Halide::Error &error) {
        return op.emitError("Halide: ") << error.what();
      }
    }
    kernel.stages.push_back(std::move(compiled));
  }
  return kernel;
}

std::string Kernel::call(const Tensors &tensors) {
  std::vector<heed_argument> arguments;
  for (const SignatureArgument &argument : signature.arguments)
    arguments.push_back(argumentOf(argument));
  std::vector<heed_multiple> multiples;
  for (auto [a, b] : signature.multiples)
    multiples.push_back({a, b});
  std::vector<std::vector<heed_term>> terms;
  for (const DerivedExtent &sum : signature.derived) {
    terms.emplace_back();
    for (auto [extent, factor] : sum.terms)
      terms.back().push_back({extent, factor});
  }
  std::vector<heed_derived> derived;
  for (size_t i = 0; i < terms.size(); ++i)
    derived.push_back(
        {uint32_t(-signature.derived[i].symbol - 1), uint32_t(terms[i].size()), terms[i].data()});
  std::vector<const char *> symbols;
  for (const std::string &symbol : signature.symbols)
    symbols.push_back(symbol.c_str());
  std::vector<heed_stage> table;
  for (const CompiledStage &stage : stages)
    table.push_back({stage.onDevice ? trampolines[table.size()] : stage.code.call,
                     uint32_t(stage.arguments.size()), stage.arguments.data()});
  heed_variant variant = {"test", kDLCPU, 0, 0, nullptr, uint32_t(table.size()), table.data()};
  heed_kernel kernel = {HEED_ABI_VERSION,
                        signature.name.c_str(),
                        uint32_t(arguments.size()),
                        arguments.data(),
                        uint32_t(symbols.size()),
                        symbols.data(),
                        uint32_t(multiples.size()),
                        multiples.data(),
                        uint32_t(derived.size()),
                        derived.data(),
                        1,
                        &variant};
  std::vector<const DLTensor *> given;
  for (const auto *list : {&tensors.inputs, &tensors.outputs})
    for (const auto &tensor : *list)
      given.push_back(tensor->dlpack());
  current = &stages;
  return heed_call(&kernel, given.data()) == HEED_OK ? "" : heed_last_error();
}

} // namespace heed::property
