// Runs a kernel's stages, compiled into memory, on float64 arrays.
#pragma once

#include "compiler/reference/Array.h"
#include "schedules/families/Families.h"
#include "tests/Workspaces.h"

#include <heed/kernel.h>

namespace heed::test {

/// The row-major tensor that `buffer` is passed for, dimensions in reverse.
class Tensor {
public:
  Tensor(ElementType type, const std::vector<int64_t> &shape)
      : buffer(halideType(type), std::vector<int>(shape.rbegin(), shape.rend())), shape(shape) {}

  void fill(const Array &array) {
    dispatch(
        [&]<typename T>(T *data) { std::copy(array.values.begin(), array.values.end(), data); });
  }
  Array read() {
    std::vector<double> values(buffer.number_of_elements());
    dispatch([&]<typename T>(T *data) { std::copy_n(data, values.size(), values.begin()); });
    return Array(shape, values);
  }
  /// As HEED_PER_ROW says: (any, head, query, batch) of (batch, head, query).
  Halide::Buffer<> perRow(int columns) {
    halide_dimension_t dims[] = {{0, columns, 0},
                                 {0, int(shape[1]), int(shape[2])},
                                 {0, int(shape[2]), 1},
                                 {0, int(shape[0]), int(shape[1] * shape[2])}};
    return Halide::Buffer<>(buffer.type(), buffer.data(), 4, dims);
  }

  Halide::Buffer<> buffer;
  std::vector<int64_t> shape;

private:
  static Halide::Type halideType(ElementType type) {
    return type == ElementType::F32   ? Halide::Float(32)
           : type == ElementType::F64 ? Halide::Float(64)
           : type == ElementType::I32 ? Halide::Int(32)
                                      : Halide::UInt(8);
  }
  template <typename Visitor> void dispatch(Visitor visit) {
    void *data = buffer.data();
    if (buffer.type() == Halide::Float(32))
      visit(static_cast<float *>(data));
    else if (buffer.type() == Halide::Float(64))
      visit(static_cast<double *>(data));
    else if (buffer.type() == Halide::Int(32))
      visit(static_cast<int32_t *>(data));
    else
      visit(static_cast<uint8_t *>(data));
  }
};

/// Halide's exceptions are no std::exception.
inline Halide::Callable compile(Stage &stage) {
  auto target = Halide::get_jit_target_from_environment()
                    .with_feature(Halide::Target::NoAsserts)
                    .with_feature(Halide::Target::NoBoundsQuery);
  for (auto feature : {Halide::Target::OpenCL, Halide::Target::CLDoubles})
    if (stage.target.has_feature(feature))
      target.set_feature(feature);
  try {
    return stage.pipeline.compile_to_callable(stage.inputs, target);
  } catch (const Halide::Error &error) {
    throw std::runtime_error(error.what());
  }
}

inline Halide::JITUserContext guardedContext() {
  static Workspaces workspaces;
  Halide::JITUserContext context;
  context.handlers.custom_malloc = [](Halide::JITUserContext *, size_t bytes) {
    return workspaces.allocate(bytes);
  };
  context.handlers.custom_free = [](Halide::JITUserContext *, void *memory) {
    workspaces.release(memory);
  };
  return context;
}

/// The results, of the shapes given.
inline std::vector<Array> runEntry(const Entry &entry, const std::vector<Array> &inputs,
                                   const std::vector<std::vector<int64_t>> &resultShapes) {
  std::vector<Tensor> tensors;
  for (size_t i = 0; i < entry.signature.arguments.size(); i++) {
    bool isInput = i < inputs.size();
    tensors.emplace_back(entry.signature.arguments[i].type,
                         isInput ? inputs[i].shape : resultShapes[i - inputs.size()]);
    if (isInput)
      tensors.back().fill(inputs[i]);
  }
  for (Stage stage : entry.stages) {
    Halide::Callable kernel = compile(stage);
    Halide::JITUserContext context = guardedContext(), *pointer = &context;
    std::vector<Halide::Buffer<>> buffers;
    for (unsigned argument : stage.arguments)
      buffers.push_back(argument & HEED_PER_ROW ? tensors[argument & ~HEED_PER_ROW].perRow(
                                                      int(tensors[inputs.size()].shape.back()))
                                                : tensors[argument].buffer);
    std::vector<const void *> arguments = {&pointer};
    for (Halide::Buffer<> &buffer : buffers) {
      buffer.set_host_dirty();
      arguments.push_back(buffer.raw_buffer());
    }
    if (int error = kernel.call_argv_fast(arguments.size(), arguments.data()))
      throw std::runtime_error("a kernel returned " + std::to_string(error));
    for (Halide::Buffer<> &buffer : buffers)
      buffer.copy_to_host();
  }
  std::vector<Array> results;
  for (size_t i = inputs.size(); i < tensors.size(); i++)
    results.push_back(tensors[i].read());
  return results;
}

} // namespace heed::test
