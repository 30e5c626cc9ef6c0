// Writes the body of a component: every function appends one operation and returns the name of its
// value.
#pragma once

#include "tests/property/Component.h"

#include <fmt/format.h>

namespace heed::property {

using Value = std::string;

class Writer {
public:
  Writer(Random &random, Component &component, std::string prefix)
      : random(random), component(component), prefix(std::move(prefix)) {}

  Random &random;
  Component &component;

  Value real(double value) { return append(fmt::format("arith.constant {:.9e} : f32", value)); }
  Value index(int64_t value) { return append(fmt::format("arith.constant {} : index", value)); }
  Value boolean(bool value) { return append(fmt::format("arith.constant {}", value)); }
  Value unary(const char *op, Value x) { return append(fmt::format("{} {} : f32", op, x)); }
  Value binary(const char *op, Value x, Value y) {
    return append(fmt::format("{} {}, {} : f32", op, x, y));
  }
  Value integer(const char *op, Value x, Value y) {
    return append(fmt::format("{} {}, {} : index", op, x, y));
  }
  Value logic(const char *op, Value x, Value y) {
    return append(fmt::format("{} {}, {} : i1", op, x, y));
  }
  Value compare(const char *predicate, Value x, Value y, const char *type = "index") {
    return append(fmt::format("arith.cmpi {}, {}, {} : {}", predicate, x, y, type));
  }
  Value select(Value condition, Value x, Value y) {
    return append(fmt::format("arith.select {}, {}, {} : f32", condition, x, y));
  }
  Value toReal(Value x) {
    Value wide = append(fmt::format("arith.index_cast {} : index to i32", x));
    return append(fmt::format("arith.sitofp {} : i32 to f32", wide));
  }
  /// query_length, key_length, query_offset.
  Value surrounding(const char *name) { return append(fmt::format("attn.{}", name)); }

  /// One of the element types as MLIR spells it.
  static const char *spell(ElementType type) {
    return type == ElementType::F32   ? "f32"
           : type == ElementType::I32 ? "i32"
           : type == ElementType::I64 ? "i64"
                                      : "i1";
  }
  /// Loads from a new capture: an index for each axis. A description replaces TYPE(name) by the
  /// type.
  Value load(ElementType element, std::vector<Axis> axes, double limit,
             const std::vector<Value> &indices) {
    Capture capture{fmt::format("{}{}", prefix, component.captures.size()), element,
                    std::move(axes), limit};
    component.captures.push_back(capture);
    return reload(indices);
  }
  /// Loads once more from the last capture.
  Value reload(const std::vector<Value> &indices) {
    const Capture &capture = component.captures.back();
    return append(fmt::format("attn.load %{}_[{}] : TYPE({})", capture.name,
                              fmt::join(indices, ", "), capture.name));
  }
  /// An integer that was loaded, as an index.
  Value asIndex(Value x, ElementType type) {
    return append(fmt::format("arith.index_cast {} : {} to index", x, spell(type)));
  }
  void yield(Value x, const char *type) {
    component.body += fmt::format("    attn.yield {} : {}\n", x, type);
  }

private:
  std::string prefix;
  int count = 0;

  Value append(const std::string &operation) {
    Value name = fmt::format("%t{}", count++);
    component.body += fmt::format("    {} = {}\n", name, operation);
    return name;
  }
};

} // namespace heed::property
