// Random masks: bands, prefixes, chunks, tensors, and what and, or and not make of them.
#include "tests/property/Writer.h"

namespace heed::property {
namespace {

using Atom = Value (*)(Writer &);

// The query, or its place among the keys.
Value place(Writer &w) {
  return w.random.oneIn(2) ? "%query"
                           : w.integer("arith.addi", "%query", w.surrounding("query_offset"));
}

// key <= query + c, or what is below, above, or away from it.
Value diagonal(Writer &w) {
  Value edge = w.integer("arith.addi", place(w), w.index(w.random.between(-20, 20)));
  return w.compare(w.random.pick({"sle", "slt", "sge", "sgt", "ne"}), "%key", edge);
}

Value band(Writer &w) {
  Value difference = w.integer("arith.subi", place(w), "%key");
  Value low = w.compare("sge", difference, w.index(w.random.between(-10, 2)));
  Value high = w.compare("slt", difference, w.index(w.random.between(1, 60)));
  return w.logic("arith.andi", low, high);
}

// Keys below a constant, a loaded bound, or a bound in terms of the lengths.
Value prefix(Writer &w) {
  Value bound;
  if (int kind = w.random.between(0, 2); kind == 0) {
    bound = w.index(w.random.between(0, 100));
  } else if (kind == 1) {
    ElementType type = w.random.pick({ElementType::I32, ElementType::I64});
    bool byHead = w.random.oneIn(2);
    bound = w.asIndex(
        w.load(type, {{byHead ? Over::Head : Over::Batch}}, 120, {byHead ? "%head" : "%batch"}),
        type);
  } else {
    Value length = w.surrounding(w.random.pick({"key_length", "query_length"}));
    bound = w.integer("arith.subi", length, w.index(w.random.between(-5, 30)));
  }
  return w.compare(w.random.pick({"slt", "sge"}),
                   w.random.oneIn(4) ? Value("%query") : Value("%key"), bound);
}

Value dilated(Writer &w) {
  Value from = w.random.oneIn(2) ? Value("%key") : w.integer("arith.subi", place(w), "%key");
  Value rest = w.integer("arith.remsi", from, w.index(w.random.between(1, 6)));
  return w.compare("eq", rest, w.index(w.random.between(0, 1)));
}

Value chunk(Writer &w) {
  const char *divide = w.random.pick({"arith.divsi", "arith.floordivsi"});
  Value size = w.index(w.random.between(1, 50)), query = place(w);
  Value first = w.integer(divide, query, size), second = w.integer(divide, "%key", size);
  return w.compare(w.random.pick({"eq", "sge"}), first, second);
}

Value tensor(Writer &w) {
  std::vector<Axis> axes;
  std::vector<Value> indices;
  auto add = [&](Over over, const char *position) {
    axes.push_back({over}), indices.push_back(position);
  };
  if (w.random.oneIn(2))
    add(Over::Batch, "%batch");
  if (w.random.oneIn(2))
    add(Over::Head, "%head");
  if (w.random.oneIn(2))
    add(Over::Query, "%query");
  add(Over::Key, "%key");
  return w.load(ElementType::U8, axes, 2, indices);
}

// Squares of queries and keys.
Value blocks(Writer &w) {
  Value size = w.index(w.random.between(2, 40)); // by 1: the axes would be the positions themselves
  std::vector<Axis> axes = {{Over::Fixed, w.random.between(1, 8)},
                            {Over::Fixed, w.random.between(1, 8)}};
  std::vector<Value> indices = {w.integer("arith.divsi", "%query", size),
                                w.integer("arith.floordivsi", "%key", size)};
  if (w.random.oneIn(2)) {
    axes.insert(axes.begin(), {Over::Head});
    indices.insert(indices.begin(), "%head");
  }
  return w.load(ElementType::U8, axes, 2, indices);
}

// Keys of the query's own document.
Value document(Writer &w) {
  Value query = place(w);
  Value own = w.load(ElementType::I32, {{Over::Batch}, {Over::Key}}, 3,
                     {"%batch", w.integer("arith.addi", query, w.index(w.random.between(1, 3)))});
  return w.compare("eq", own, w.reload({"%batch", "%key"}), "i32");
}

struct Named {
  const char *name;
  Atom atom;
};
const std::vector<Named> atoms = {
    {"diagonal", diagonal}, {"band", band},     {"prefix", prefix}, {"dilated", dilated},
    {"chunk", chunk},       {"blocks", blocks}, {"tensor", tensor}, {"document", document},
};

Value combined(Writer &w, int depth) {
  int choice = depth == 0 ? 0 : w.random.between(0, 4);
  if (choice < 2) {
    Named named = w.random.pick(atoms);
    w.component.kind = w.component.kind.empty() ? named.name : "composed";
    return named.atom(w);
  }
  Value first = combined(w, depth - 1);
  if (choice == 2)
    return w.logic("arith.xori", first, w.boolean(true));
  Value second = combined(w, depth - 1);
  return w.logic(choice == 3 ? "arith.andi" : "arith.ori", first, second);
}

} // namespace

Component randomMask(Random &random, const std::string &prefix) {
  Component component;
  Writer writer(random, component, prefix);
  writer.yield(combined(writer, random.between(0, 2)), "i1");
  return component;
}

Component windowMask(Random &random, const std::string &prefix, int keys) {
  Component component;
  component.kind = "window";
  Writer w(random, component, prefix);
  Value own = w.integer("arith.addi", "%query", w.surrounding("query_offset"));
  Value back = w.integer("arith.subi", own, "%key");
  w.yield(w.logic("arith.andi", w.compare("sge", back, w.index(0)),
                  w.compare("slt", back, w.index(keys))),
          "i1");
  return component;
}

Component blockMask(Random &random, const std::string &prefix) {
  Component component;
  component.kind = "blocks";
  Writer writer(random, component, prefix);
  writer.yield(blocks(writer), "i1");
  return component;
}

Component documentsMask(Random &random, const std::string &prefix) {
  Component component;
  Writer w(random, component, prefix);
  w.declare(ElementType::I32, {{Over::Own, random.between(0, 6)}}, 0);
  component.captures.back().isSegments = true;
  Value own = place(w), begin = w.segment("segment_begin", own),
        end = w.segment("segment_end", own);
  Value keep =
      w.logic("arith.andi", w.compare("sge", "%key", begin), w.compare("slt", "%key", end));
  if (random.oneIn(3))
    keep = w.logic(random.pick({"arith.andi", "arith.ori"}), keep, combined(w, 1));
  w.yield(keep, "i1");
  component.kind = "packed documents";
  return component;
}

Component partMask(Random &random, const std::string &prefix) {
  Component component;
  component.kind = "part";
  Writer w(random, component, prefix);
  constexpr ElementType type = ElementType::I32;
  Value begin = w.asIndex(w.load(type, {{Over::Fixed, 2}}, 0, {w.index(0)}), type);
  Value end = w.asIndex(w.reload({w.index(1)}), type);
  component.captures.back().isPart = true;
  w.yield(w.logic("arith.andi", w.compare("sge", "%key", begin), w.compare("slt", "%key", end)),
          "i1");
  return component;
}

} // namespace heed::property
