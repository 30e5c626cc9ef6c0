// Dot products, and sums of what a region makes of two numbers.
#include "tests/property/Score.h"
#include "tests/property/Writer.h"

namespace heed::property {
namespace {

struct Body {
  const char *name;
  Value (*write)(Writer &w, int dim);
  double (*magnitude)(double x, double y);
};

// Weights beyond this are rare enough never to be drawn.
constexpr double largestWeight = 6;

Value weight(Writer &w, int dim) {
  bool byHead = w.random.oneIn(3);
  std::vector<Axis> axes = {{Over::Fixed, dim}};
  std::vector<Value> indices = {"%column"};
  if (byHead)
    axes.insert(axes.begin(), {Over::Head}), indices.insert(indices.begin(), "%head");
  return w.load(ElementType::F32, axes, 1, indices);
}

Value difference(Writer &w) { return w.binary("arith.subf", "%x", "%y"); }

const Body bodies[] = {
    // -(x - y)^2, which may be computed as 2xy - x^2 - y^2
    {"distance",
     [](Writer &w, int) {
       Value away = difference(w);
       return w.unary("arith.negf", w.binary("arith.mulf", away, away));
     },
     [](double x, double y) { return (std::abs(x) + std::abs(y)) * (std::abs(x) + std::abs(y)); }},
    // -w (x - y)^2
    {"weighted distance",
     [](Writer &w, int dim) {
       Value away = difference(w), square = w.binary("arith.mulf", away, away);
       return w.unary("arith.negf", w.binary("arith.mulf", weight(w, dim), square));
     },
     [](double x, double y) {
       return largestWeight * (std::abs(x) + std::abs(y)) * (std::abs(x) + std::abs(y));
     }},
    // -|x - y|
    {"absolute distance",
     [](Writer &w, int) { return w.unary("arith.negf", w.unary("math.absf", difference(w))); },
     [](double x, double y) { return std::abs(x) + std::abs(y); }},
    // w tanh(x + y): tanh is good to 1e-6, and its argument's error counts
    {"additive",
     [](Writer &w, int dim) {
       Value feature = w.unary("math.tanh", w.binary("arith.addf", "%x", "%y"));
       return w.binary("arith.mulf", weight(w, dim), feature);
     },
     [](double, double) { return largestWeight * 4; }},
    // w x y
    {"weighted product",
     [](Writer &w, int dim) {
       return w.binary("arith.mulf", weight(w, dim), w.binary("arith.mulf", "%x", "%y"));
     },
     [](double x, double y) { return largestWeight * std::abs(x * y); }},
};

} // namespace

Score randomScore(Random &random, const std::string &prefix, int dim) {
  Score score;
  if (random.oneIn(4)) {
    const Body &body = bodies[random.between(0, int(std::size(bodies)) - 1)];
    score.pairwise.emplace();
    score.pairwise->kind = body.name;
    Writer writer(random, *score.pairwise, prefix);
    writer.yield(body.write(writer, dim));
    score.isScaled = false;
    score.isTanhOfSum = body.name == std::string_view("additive");
    score.magnitude = body.magnitude;
    return score;
  }
  score.isScaled = !random.oneIn(4);
  if (score.isScaled && random.oneIn(2))
    score.scale = random.real(-2, 2);
  return score;
}

} // namespace heed::property
