// Writes the body of a component: every function appends one operation and returns the name of its
// value.
#pragma once

#include "tests/property/Component.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>

namespace heed::property {

using Value = std::string;

class Writer {
public:
  Writer(Random &random, Component &component, std::string prefix)
      : random(random), component(component), prefix(std::move(prefix)) {}

  Random &random;
  Component &component;

  Value real(double value) { return append(fmt::format("arith.constant {:.9e} : $T", value)); }
  Value index(int64_t value) { return append(fmt::format("arith.constant {} : index", value)); }
  Value boolean(bool value) { return append(fmt::format("arith.constant {}", value)); }
  Value unary(const char *op, Value x) { return append(fmt::format("{} {} : $T", op, x)); }
  Value binary(const char *op, Value x, Value y) {
    return append(fmt::format("{} {}, {} : $T", op, x, y));
  }
  Value integer(const char *op, Value x, Value y) {
    return append(fmt::format("{} {}, {} : index", op, x, y));
  }
  Value absolute(Value x) { return append(fmt::format("math.absi {} : index", x)); }
  Value logic(const char *op, Value x, Value y) {
    return append(fmt::format("{} {}, {} : i1", op, x, y));
  }
  Value compare(const char *predicate, Value x, Value y, const char *type = "index") {
    return append(fmt::format("arith.cmpi {}, {}, {} : {}", predicate, x, y, type));
  }
  Value select(Value condition, Value x, Value y) {
    return append(fmt::format("arith.select {}, {}, {} : $T", condition, x, y));
  }
  Value toReal(Value x) {
    Value wide = append(fmt::format("arith.index_cast {} : index to i32", x));
    return append(fmt::format("arith.sitofp {} : i32 to $T", wide));
  }
  Value greater(Value x, Value y) {
    return append(fmt::format("arith.cmpf ogt, {}, {} : $T", x, y));
  }
  Value minusInfinity() { return append("arith.constant $MINUS_INFINITY : $T"); }
  Value selectIndex(Value condition, Value x, Value y) {
    return append(fmt::format("arith.select {}, {}, {} : index", condition, x, y));
  }
  /// Where the segment of `position` begins or ends, by new or the last cumulative lengths.
  Value segment(const char *op, Value position) {
    return append(fmt::format("attn.{} %{}_[{}] : TYPE({})", op, component.captures.back().name,
                              position, component.captures.back().name));
  }
  Value rowSum(Value x) { return append(fmt::format("attn.row_sum {} : $T", x)); }
  /// The extent of an axis of capture number `number`.
  Value extent(size_t number, int axis) {
    const std::string &name = component.captures[number].name;
    return append(fmt::format("attn.extent %{}_[{}] : TYPE({})", name, axis, name));
  }
  /// query_length, key_length, query_offset.
  Value surrounding(const char *name) { return append(fmt::format("attn.{}", name)); }

  /// One of the element types as MLIR spells it.
  static const char *spell(ElementType type) {
    switch (type) {
    case ElementType::F16:
      return "f16";
    case ElementType::BF16:
      return "bf16";
    case ElementType::F32:
      return "f32";
    case ElementType::F64:
      return "f64";
    case ElementType::I8:
      return "i8";
    case ElementType::I32:
      return "i32";
    case ElementType::I64:
      return "i64";
    case ElementType::U8:
      return "i1";
    }
    return "";
  }
  /// Loads from a new capture: an index for each axis. A description replaces TYPE(name) by the
  /// type.
  Value load(ElementType element, std::vector<Axis> axes, double limit,
             const std::vector<Value> &indices) {
    declare(element, std::move(axes), limit);
    return reload(indices);
  }
  /// A new capture.
  void declare(ElementType element, std::vector<Axis> axes, double limit) {
    component.captures.push_back(
        {fmt::format("{}{}", prefix, component.captures.size()), element, std::move(axes), limit});
  }
  Value byteToReal(Value x) { return append(fmt::format("arith.sitofp {} : i32 to $T", x)); }
  /// Loads once more from the last capture.
  Value reload(const std::vector<Value> &indices) {
    return loadFrom(component.captures.size() - 1, indices);
  }
  /// Loads from capture number `number`.
  Value loadFrom(size_t number, const std::vector<Value> &indices) {
    const Capture &capture = component.captures[number];
    return append(fmt::format("attn.load %{}_[{}] : TYPE({})", capture.name,
                              fmt::join(indices, ", "), capture.name));
  }
  /// An integer that was loaded, as an index.
  Value asIndex(Value x, ElementType type) {
    return append(fmt::format("arith.index_cast {} : {} to index", x, spell(type)));
  }
  void yield(Value x, const char *type = "$T") {
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
