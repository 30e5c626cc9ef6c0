// Random modifies: a few steps, each one continuous in the score and of slope 1 at most, so that an
// error of the score does not grow.
#include "tests/property/Writer.h"

namespace heed::property {
namespace {

using Step = Value (*)(Writer &, Value);

Value affine(Writer &w, Value x) {
  double offset = w.random.real(-3, 3);
  w.component.error += 4 + std::abs(offset);
  return w.binary("arith.addf", w.binary("arith.mulf", x, w.real(w.random.real(-1, 1))),
                  w.real(offset));
}

Value softCap(Writer &w, Value x) {
  double cap = w.random.real(1, 30);
  w.component.error += 10 * cap; // tanh is good to 1e-6
  Value bounded = w.unary("math.tanh", w.binary("arith.divf", x, w.real(cap)));
  return w.binary("arith.mulf", bounded, w.real(cap));
}

// The key's place relative to the query's.
Value distance(Writer &w) {
  Value place = "%query";
  if (w.random.oneIn(2))
    place = w.integer("arith.addi", place, w.surrounding("query_offset"));
  return w.integer("arith.subi", "%key", place);
}

Value slope(Writer &w, Value x) {
  std::vector<Axis> axes = {{Over::Head}};
  std::vector<Value> indices = {"%head"};
  if (w.random.oneIn(3))
    axes.insert(axes.begin(), {Over::Batch}), indices.insert(indices.begin(), "%batch");
  Value loaded = w.load(ElementType::F32, axes, 0.2, indices);
  w.component.errorPerPosition += 1;
  return w.binary("arith.addf", x, w.binary("arith.mulf", loaded, w.toReal(distance(w))));
}

// A tensor over any of the positions.
Value bias(Writer &w, Value x) {
  std::vector<Axis> axes;
  std::vector<Value> indices;
  auto add = [&](Over over, const char *position) {
    if (w.random.oneIn(2))
      axes.push_back({over}), indices.push_back(position);
  };
  add(Over::Batch, "%batch"), add(Over::Head, "%head"), add(Over::Query, "%query"),
      add(Over::Key, "%key");
  if (axes.empty())
    axes.push_back({Over::Key}), indices.push_back("%key");
  w.component.error += 10;
  return w.binary("arith.addf", x, w.load(ElementType::F32, axes, 2, indices));
}

// A table of clamped relative distances.
Value relative(Writer &w, Value x) {
  int extent = w.random.between(1, 9);
  Value difference = w.integer("arith.subi", "%key", "%query");
  Value index = w.integer("arith.addi", difference, w.index(extent / 2));
  w.component.error += 10;
  return w.binary(
      "arith.addf", x,
      w.load(ElementType::F32, {{Over::Head}, {Over::Fixed, extent}}, 2, {"%head", index}));
}

// A bias by the bucket of the distance: near ones have a bucket each, far ones share; keys ahead
// have buckets of their own, or count as no distance (Raffel et al. 2020, section 2.1; MPNet).
Value buckets(Writer &w, Value x) {
  bool isBothWays = w.random.oneIn(2);
  int single = w.random.between(1, 8), shared = w.random.between(1, 6), side = single + shared;
  double growth = w.random.real(1.5, 16);
  Value away = distance(w), zero = w.index(0), one = w.index(1);
  Value steps = isBothWays ? w.absolute(away)
                           : w.integer("arith.maxsi", w.integer("arith.subi", zero, away), zero);
  Value bucket = w.integer("arith.minsi", steps, w.index(single));
  for (int i = 1; i < shared; i++) {
    auto begin = int64_t(std::ceil(single * std::pow(growth, double(i) / shared)));
    Value isBehind = w.compare("sge", steps, w.index(begin));
    bucket = w.integer("arith.addi", bucket, w.selectIndex(isBehind, one, zero));
  }
  if (isBothWays) {
    Value ofSide = w.selectIndex(w.compare("sgt", away, zero), w.index(side), zero);
    bucket = w.integer("arith.addi", bucket, ofSide);
  }
  w.component.error += 10;
  int extent = isBothWays ? 2 * side : side;
  return w.binary(
      "arith.addf", x,
      w.load(ElementType::F32, {{Over::Head}, {Over::Fixed, extent}}, 2, {"%head", bucket}));
}

// A bias by the kind of the key.
Value byKind(Writer &w, Value x) {
  int kinds = w.random.between(1, 5);
  ElementType type = w.random.pick({ElementType::I32, ElementType::I64});
  Value kind = w.load(type, {{Over::Batch}, {Over::Key}}, kinds, {"%batch", "%key"});
  Value index = w.asIndex(kind, type);
  w.component.error += 10;
  return w.binary("arith.addf", x, w.load(ElementType::F32, {{Over::Fixed, kinds}}, 2, {index}));
}

Value bounded(Writer &w, Value x) {
  bool strict = w.random.oneIn(2);
  x = w.binary(strict ? "arith.maximumf" : "arith.maxnumf", x, w.real(w.random.real(-20, 0)));
  return w.random.oneIn(2) ? x
                           : w.binary(strict ? "arith.minimumf" : "arith.minnumf", x,
                                      w.real(w.random.real(0, 20)));
}

// x + c e^-|x|.
Value bump(Writer &w, Value x) {
  w.component.error += 8;
  Value decay = w.unary("math.exp", w.unary("arith.negf", w.unary("math.absf", x)));
  return w.binary("arith.addf", x, w.binary("arith.mulf", decay, w.real(w.random.real(-1, 0))));
}

// log(1 + x^2), and half of sqrt(1 + x^2).
Value smooth(Writer &w, Value x) {
  w.component.error += 16;
  Value square = w.binary("arith.addf", w.binary("arith.mulf", x, x), w.real(1));
  if (w.random.oneIn(2))
    return w.unary("math.log", square);
  return w.binary("arith.mulf", w.unary("math.sqrt", square), w.real(0.5));
}

Value leaky(Writer &w, Value x) {
  Value negative = w.binary("arith.mulf", x, w.real(0.1));
  Value zero = w.real(0);
  return w.select(w.greater(x, zero), x, negative);
}

// Some keys weigh less, or nothing at all.
Value chosen(Writer &w, Value x) {
  Value rest = w.integer("arith.remsi", "%key", w.index(w.random.between(2, 5)));
  Value condition = w.compare("eq", rest, w.index(w.random.between(0, 1)));
  double value = w.random.oneIn(2) ? -5.0 : -INFINITY;
  if (std::isinf(value))
    return w.select(condition, w.minusInfinity(), x);
  w.component.error += 6;
  return w.select(condition, w.binary("arith.addf", x, w.real(value)), x);
}

struct Named {
  const char *name;
  Step step;
};
const std::vector<Named> steps = {
    {"affine", affine},     {"soft cap", softCap}, {"slope", slope},    {"bias", bias},
    {"relative", relative}, {"buckets", buckets},  {"by kind", byKind}, {"bounded", bounded},
    {"bump", bump},         {"smooth", smooth},    {"leaky", leaky},    {"chosen", chosen},
};

} // namespace

Component randomModify(Random &random, const std::string &prefix) {
  Named named = random.pick(steps);
  Component component;
  component.kind = named.name;
  Writer writer(random, component, prefix);
  writer.yield(named.step(writer, "%x"));
  return component;
}

} // namespace heed::property
