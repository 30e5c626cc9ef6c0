// Rows made while they are loaded: rotary positions, norms, bytes with a scale, pages, a past and
// new keys, a matrix.
#include "tests/property/Operand.h"
#include "tests/property/Writer.h"

namespace heed::property {
namespace {

struct Rows {
  Random &random;
  int dim;
  bool isQuery;
  Made made;
  Writer w;

  Rows(Random &random, const std::string &prefix, int dim, bool isQuery)
      : random(random), dim(dim), isQuery(isQuery), made{}, w(random, made.component, prefix) {}

  Axis heads() const { return {isQuery ? Over::Head : Over::KeyHead}; }
  Axis positions() const { return {isQuery ? Over::Query : Over::Key}; }
  std::vector<Axis> axes(int columns) const {
    return {{Over::Batch}, positions(), heads(), {Over::Fixed, columns}};
  }
  /// The element at the place, of a new capture of `dim` columns.
  Value here() {
    return w.load(ElementType::F32, axes(dim), 1, {"%batch", "%position", "%head", "%column"});
  }
  Value column(Value index) { return w.loadFrom(0, {"%batch", "%position", "%head", index}); }
};

using Maker = void (*)(Rows &);

// x cos(a p) + partner sin(a p), of the columns c and c + dim / 2, or 2 c and 2 c + 1 (Su et al.
// 2021). The last column of an odd number stays.
void rotary(Rows &r) {
  Writer &w = r.w;
  Value x = r.here();
  int half = r.dim / 2;
  Value isFirst, partner, pair;
  bool isInterleaved = !r.random.oneIn(2);
  if (!isInterleaved) {
    isFirst = w.compare("slt", "%column", w.index(half));
    Value up = w.integer("arith.addi", "%column", w.index(half)),
          down = w.integer("arith.subi", "%column", w.index(half));
    partner = w.selectIndex(isFirst, up, down);
    pair = w.selectIndex(isFirst, "%column", down);
  } else {
    Value rest = w.integer("arith.remsi", "%column", w.index(2));
    isFirst = w.compare("eq", rest, w.index(0));
    partner = w.selectIndex(isFirst, w.integer("arith.addi", "%column", w.index(1)),
                            w.integer("arith.subi", "%column", w.index(1)));
    pair = w.integer("arith.divsi", "%column", w.index(2));
  }
  Value y = r.column(partner), cos, sin;
  Value place = "%position";
  if (r.isQuery && r.random.oneIn(2))
    place = w.integer("arith.addi", place, w.surrounding("query_offset"));
  if (r.random.oneIn(2)) { // angles of at most a tenth a position
    Value step = w.binary("arith.mulf", w.toReal(pair), w.real(0.1 / r.dim));
    Value angle = w.binary("arith.mulf", w.toReal(place), step);
    cos = w.unary("math.cos", angle), sin = w.unary("math.sin", angle);
    r.made.component.errorPerPosition = 0.2;
  } else {
    std::vector<Axis> table = {{Over::Fixed, 30}, {Over::Fixed, r.dim}};
    place = w.integer("arith.addi", place, w.index(r.random.between(1, 3))); // clamped
    cos = w.load(ElementType::F32, table, 0.5, {place, pair});
    sin = w.load(ElementType::F32, table, 0.5, {place, pair});
  }
  Value turned = w.binary("arith.mulf", y, sin);
  turned = w.select(isFirst, w.unary("arith.negf", turned), turned);
  Value sum = w.binary("arith.addf", w.binary("arith.mulf", x, cos), turned);
  w.yield(w.select(w.compare("slt", pair, w.index(half)), sum, x));
  r.made.component.kind = isInterleaved ? "rotary interleaved" : "rotary";
  r.made.component.error = 8;
}

// x over the root of the mean square, times gamma; of rows near 0 not too much (Zhang and Sennrich
// 2019).
void norm(Rows &r) {
  Writer &w = r.w;
  Value x = r.here();
  Value sum = w.rowSum(w.binary("arith.mulf", x, x));
  Value mean = w.binary("arith.mulf", sum, w.real(1.0 / r.dim));
  Value root = w.unary("math.rsqrt", w.binary("arith.addf", mean, w.real(0.01)));
  Value gamma = w.load(ElementType::F32, {{Over::Fixed, r.dim}}, 1, {"%column"});
  w.yield(w.binary("arith.mulf", w.binary("arith.mulf", x, root), gamma));
  r.made.component.kind = "norm", r.made.component.error = 10;
}

// int8 times a scale: of a token and head, or of a head and channel.
void bytes(Rows &r) {
  Writer &w = r.w;
  Value byte =
      w.load(ElementType::I8, r.axes(r.dim), 1, {"%batch", "%position", "%head", "%column"});
  Value number = w.byteToReal(byte);
  std::vector<Axis> axes = {r.heads(), {Over::Fixed, r.dim}};
  std::vector<Value> indices = {"%head", "%column"};
  bool isPerToken = r.random.oneIn(2);
  if (isPerToken)
    axes = {{Over::Batch}, r.positions(), r.heads()}, indices = {"%batch", "%position", "%head"};
  w.yield(w.binary("arith.mulf", number, w.load(ElementType::F32, axes, 0.02, indices)));
  r.made.component.kind = isPerToken ? "int8 per token" : "int8 per channel";
  r.made.component.error = 1;
}

// Rows of pages that a table lists.
void pages(Rows &r) {
  Writer &w = r.w;
  int size = r.made.page = r.random.pick({1, 2, 4, 8, 16}), pool = r.random.between(1, 9);
  Value page = w.integer("arith.divsi", "%position", w.index(size)),
        slot = w.integer("arith.remsi", "%position", w.index(size));
  Value entry =
      w.load(ElementType::I32, {{Over::Batch}, {Over::Page, size}}, pool, {"%batch", page});
  r.made.positions = fmt::format("%{}[1] * {}", r.made.component.captures[0].name, size);
  Value number = w.asIndex(entry, ElementType::I32);
  w.yield(w.load(ElementType::F32,
                 {{Over::Fixed, pool}, {Over::Fixed, size}, r.heads(), {Over::Fixed, r.dim}}, 1,
                 {number, slot, "%head", "%column"}));
  r.made.component.kind = "pages";
}

// Rows of a ring, from where it begins on.
void ring(Rows &r) {
  Writer &w = r.w;
  Value begin =
      w.asIndex(w.load(ElementType::I32, {{Over::Batch}}, 300, {"%batch"}), ElementType::I32);
  std::vector<Axis> axes = r.axes(r.dim);
  axes[1] = {Over::Ring};
  w.declare(ElementType::F32, axes, 1);
  Value row = w.integer("arith.remsi", w.integer("arith.addi", "%position", begin), w.extent(1, 1));
  r.made.positions = fmt::format("%{}[1]", r.made.component.captures[1].name);
  w.yield(w.loadFrom(1, {"%batch", row, "%head", "%column"}));
  r.made.component.kind = "ring";
}

// Those of the past, each a position late, then new ones.
void joined(Rows &r) {
  Writer &w = r.w;
  auto part = [&](Over over, Value position) {
    std::vector<Axis> axes = r.axes(r.dim);
    axes[1] = {over};
    return w.load(ElementType::F32, axes, 1, {"%batch", position, "%head", "%column"});
  };
  Value past = part(Over::Past, w.integer("arith.subi", "%position", w.index(1)));
  Value length = w.extent(0, 1);
  Value fresh = part(Over::New, w.integer("arith.subi", "%position", length));
  const auto &captures = r.made.component.captures;
  r.made.positions = fmt::format("%{}[1] + %{}[1]", captures[0].name, captures[1].name);
  w.yield(w.select(w.compare("slt", "%position", length), past, fresh));
  r.made.component.kind = "joined";
}

// A matrix of each head, or one for all.
void projection(Rows &r) {
  int from = r.random.between(1, 20);
  Axis heads = r.random.oneIn(2) ? Axis{Over::Fixed, 1} : r.heads();
  r.w.declare(ElementType::F32, r.axes(from), 1);
  r.w.declare(ElementType::F32, {heads, {Over::Fixed, from}, {Over::Fixed, r.dim}},
              1 / std::sqrt(from));
  r.made.isProjection = true;
  r.made.component.kind = "projection", r.made.component.error = 4 + from;
}

} // namespace

Made randomMade(Random &random, const std::string &prefix, int dim, bool isQuery) {
  std::vector<Maker> makers = {rotary, norm, bytes, projection};
  if (!isQuery)
    makers.insert(makers.end(), {pages, joined});
  Rows rows(random, prefix, dim, isQuery);
  random.pick(makers)(rows);
  return rows.made;
}

Made ringMade(Random &random, const std::string &prefix, int dim) {
  Rows rows(random, prefix, dim, false);
  ring(rows);
  return rows.made;
}

} // namespace heed::property
