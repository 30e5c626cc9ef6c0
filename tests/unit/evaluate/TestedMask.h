// Masks for tests of their ranges and status: one in a kernel with captures of every kind,
// evaluated on numbers, and random bodies.
#pragma once

#include "compiler/evaluate/IntervalDomain.h"
#include "compiler/evaluate/NumbersDomain.h"
#include "compiler/evaluate/StatusDomain.h"
#include "tests/unit/Parse.h"

#include <algorithm>
#include <limits>
#include <random>

namespace heed {

/// A kernel with one mask, whose body yields %keep. Captures: lengths by batch entry and widths by
/// head, flags by either, pairs by (query, key), documents by (batch, key) and cumulative lengths.
inline std::string maskText(const std::string &body) {
  return R"(
attn.kernel @k(%q: tensor<?x?x?x1xf32>, %k: tensor<?x?x?x1xf32>, %v: tensor<?x?x?x1xf32>,
               %lengths: tensor<?xi32>, %widths: tensor<?xi64>, %flags: tensor<?xi1>, %pairs: tensor<?x?xi1>,
               %documents: tensor<?x?xi32>, %starts: tensor<?xi32> {attn.segments})
    -> tensor<?x?x?x1xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x?x1xf32>, tensor<?x?x?x1xf32>) -> tensor<?x?x?x?xf32>
  %m = attn.mask %s captures(%lengths, %widths, %flags, %pairs, %documents, %starts
      : tensor<?xi32>, tensor<?xi64>, tensor<?xi1>, tensor<?x?xi1>, tensor<?x?xi32>, tensor<?xi32>) {
  ^bb0(%batch: index, %head: index, %query: index, %key: index,
       %tl: tensor<?xi32>, %tw: tensor<?xi64>, %tf: tensor<?xi1>, %tp: tensor<?x?xi1>,
       %td: tensor<?x?xi32>, %ts: tensor<?xi32>):
    %ql = attn.query_length
    %kl = attn.key_length
    %offset = attn.query_offset
)" + body +
         R"(
    attn.yield %keep : i1
  } : tensor<?x?x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x?x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x?x?x?xf32>, tensor<?x?x?x1xf32>) -> tensor<?x?x?x1xf32>
  attn.return %o : tensor<?x?x?x1xf32>
})";
}

struct Interval {
  int64_t begin, end;
};

/// A block of queries and keys, both ends inclusive.
struct MaskBlock {
  int64_t first, last, firstKey, lastKey;
};

/// A mask with its ranges and, where it has one, its status.
class TestedMask {
public:
  static constexpr int64_t queries = 20, keys = 24;
  static constexpr int64_t noLimit =
      std::numeric_limits<int32_t>::max(); ///< widths of heads from 2 on

  explicit TestedMask(const std::string &body) : parsed(maskText(body)) {
    EXPECT_TRUE(parsed) << parsed.errors << body;
    mask = *parsed.kernel().getBody().getOps<attn::MaskOp>().begin();
    mlir::Block &ranges = addBlock(mask.getRanges(), 4);
    yield(ranges, evaluateRanges(mask, &ranges));
    mlir::Block &status = addBlock(mask.getStatus(), 6);
    if (auto mayAndAll = evaluateStatus(mask, &status); succeeded(mayAndAll))
      yield(status, *mayAndAll);
    else
      mask.getStatus().getBlocks().clear();
    describe();
  }

  bool hasStatus() { return !mask.getStatus().empty(); }
  bool leavesUndecided() { return heed::leavesUndecided(mask); }

  bool keeps(int64_t batch, int64_t head, int64_t query, int64_t key) {
    return values(mask.getBody(), {batch, head, query, key})[0].asBoolean();
  }
  /// Hull and full range, cut to the keys there are.
  std::pair<Interval, Interval> ranges(int64_t batch, int64_t head, int64_t first, int64_t last) {
    auto bounds = values(mask.getRanges(), {batch, head, first, last});
    auto cut = [&](int i) {
      return Interval{std::max<int64_t>(bounds[i].asInteger(), 0),
                      std::min(bounds[i + 1].asInteger(), keys)};
    };
    return {cut(0), cut(2)};
  }
  /// May, all.
  std::pair<bool, bool> status(int64_t batch, int64_t head, MaskBlock block) {
    auto truths = values(mask.getStatus(),
                         {batch, head, block.first, block.last, block.firstKey, block.lastKey});
    return {truths[0].asBoolean(), truths[1].asBoolean()};
  }
  /// What a region of the mask yields.
  llvm::SmallVector<Number> values(mlir::Region &region, llvm::ArrayRef<int64_t> parameters) {
    llvm::SmallVector<Number> numbers(parameters.begin(), parameters.end());
    return *evaluate(region, numbers, context);
  }

  int64_t offset = 4;
  Parsed parsed;
  attn::MaskOp mask;

private:
  Context<Number> context;

  mlir::Block &addBlock(mlir::Region &region, int indices) {
    mlir::Block &block = region.emplaceBlock();
    for (int i = 0; i < indices; ++i)
      block.addArgument(mlir::IndexType::get(&parsed.context), mask.getLoc());
    for (mlir::BlockArgument capture : mask.getCaptureArguments())
      block.addArgument(capture.getType(), capture.getLoc());
    return block;
  }
  void yield(mlir::Block &block, llvm::ArrayRef<mlir::Value> values) {
    mlir::OpBuilder builder = mlir::OpBuilder::atBlockEnd(&block);
    attn::YieldOp::create(builder, mask.getLoc(), values);
  }

  static constexpr int64_t starts[] = {0, 5, 5, 13};

  static Number element(unsigned capture, llvm::ArrayRef<int64_t> at) {
    switch (capture) {
    case 0:
      return int64_t(5 + 4 * at[0]);
    case 1:
      return at[0] < 2 ? int64_t(3 + 2 * at[0]) : noLimit;
    case 2:
      return at[0] % 2 == 1;
    case 3:
      return at[0] / 4 == at[1] / 6 || (at[0] * 7 + at[1] * 3) % 11 < 2;
    case 4:
      return int64_t((at[1] + 3 * at[0]) / 7);
    default:
      return starts[at[0]];
    }
  }

  /// The smallest or the largest element of a box.
  static Number extreme(unsigned capture, llvm::ArrayRef<Number> first, llvm::ArrayRef<Number> last,
                        bool largest) {
    llvm::SmallVector<int64_t> at;
    for (Number index : first)
      at.push_back(index.asInteger());
    Number best = element(capture, at);
    auto value = [](Number n) { return n.isBoolean() ? int64_t(n.asBoolean()) : n.asInteger(); };
    for (size_t axis = 0; axis < at.size();) {
      Number here = element(capture, at);
      if (largest ? value(here) > value(best) : value(here) < value(best))
        best = here;
      for (axis = 0; axis < at.size() && ++at[axis] > last[axis].asInteger(); ++axis)
        at[axis] = first[axis].asInteger();
    }
    return best;
  }

  void describe() {
    context.load = [](unsigned capture, llvm::ArrayRef<Number> at) {
      auto place = llvm::map_to_vector(at, [](Number index) { return index.asInteger(); });
      return element(capture, place);
    };
    context.loadMin = [](unsigned capture, llvm::ArrayRef<Number> first,
                         llvm::ArrayRef<Number> last) {
      return extreme(capture, first, last, false);
    };
    context.loadMax = [](unsigned capture, llvm::ArrayRef<Number> first,
                         llvm::ArrayRef<Number> last) {
      return extreme(capture, first, last, true);
    };
    context.segmentBegin = [](unsigned, Number position) {
      int64_t begin = 0;
      for (int64_t start : starts)
        begin = start <= position.asInteger() ? start : begin;
      return Number(begin);
    };
    context.segmentEnd = [](unsigned, Number position) {
      for (int64_t start : starts)
        if (start > position.asInteger())
          return Number(start);
      return Number(infiniteKey);
    };
    context.extent = [](unsigned capture, unsigned axis) {
      return Number(int64_t(capture == 3 || (capture == 4 && axis == 1) ? 24
                            : capture == 5                              ? std::size(starts)
                                                                        : 2));
    };
    context.queryLength = [] { return Number(queries); };
    context.keyLength = [] { return Number(keys); };
    context.queryOffset = [this] { return Number(offset); };
  }
};

/// Random bodies: index values from positions, captures and constants; truths from comparisons of
/// them.
class RandomBody {
public:
  explicit RandomBody(unsigned seed) : random(seed) {
    indices = {"%key", "%query", "%batch", "%head", "%ql", "%kl", "%offset"};
    emit("%length", "attn.load %tl[%batch] : tensor<?xi32>");
    indices.push_back(emit("index", "arith.index_cast %length : i32 to index"));
    emit("%width", "attn.load %tw[%head] : tensor<?xi64>");
    indices.push_back(emit("index", "arith.index_cast %width : i64 to index"));
    truths = {emit("flag", "attn.load %tf[%head] : tensor<?xi1>")};
    if (below(3) == 0)
      truths.push_back(emit("pair", "attn.load %tp[%query, %key] : tensor<?x?xi1>"));
    for (int i = 0; i < 5; ++i)
      addIndex();
    for (int i = below(4); i > 0; --i)
      addLoad();
    for (int i = 0; i < 3; ++i)
      addComparison();
    for (int i = 0; i < 5; ++i)
      addTruth();
    text += "    %keep = arith.andi " + truths.back() + ", " + truths.back() + " : i1\n";
  }
  std::string text;

private:
  int below(int n) { return static_cast<int>(random() % n); }
  std::string pick(const std::vector<std::string> &from) {
    // Half the time one of the latest, so that expressions get deep.
    size_t start = below(2) == 0 && from.size() > 3 ? from.size() - 3 : 0;
    return from[start + below(static_cast<int>(from.size() - start))];
  }
  std::string emit(std::string name, const std::string &op) {
    if (name[0] != '%')
      name = "%" + name + std::to_string(count++);
    text += "    " + name + " = " + op + "\n";
    return name;
  }
  std::string constant(int low, int high) {
    return emit("c", "arith.constant " + std::to_string(low + below(high - low + 1)) + " : index");
  }
  void addIndex() {
    const char *binary[] = {"addi", "subi", "subi", "maxsi", "minsi", "muli"};
    const char *byConstant[] = {"divsi", "floordivsi", "ceildivsi", "remsi", "muli"};
    std::string x = pick(indices);
    switch (below(5)) {
    case 0:
      indices.push_back(emit("i", std::string("arith.") + byConstant[below(5)] + " " + x + ", " +
                                      constant(below(2) ? 1 : 2, 6) + " : index"));
      return;
    case 1:
      indices.push_back(emit("i", "arith.addi " + x + ", " + constant(-9, 9) + " : index"));
      return;
    case 2:
      indices.push_back(below(2)
                            ? emit("i", "math.absi " + x + " : index")
                            : emit("i", "arith.muli " + x + ", " + constant(-3, 3) + " : index"));
      return;
    default:
      indices.push_back(emit("i", std::string("arith.") + binary[below(6)] + " " + x + ", " +
                                      pick(indices) + " : index"));
    }
  }
  void addLoad() {
    switch (below(4)) {
    case 0:
      truths.push_back(emit("pair", "attn.load %tp[" + pick(indices) + ", " + pick(indices) +
                                        "] : tensor<?x?xi1>"));
      return;
    case 1:
      indices.push_back(
          emit("start", "attn.segment_begin %ts[" + pick(indices) + "] : tensor<?xi32>"));
      return;
    case 2:
      indices.push_back(emit("end", "attn.segment_end %ts[" + pick(indices) + "] : tensor<?xi32>"));
      return;
    default: {
      std::string document =
          emit("d", "attn.load %td[%batch, " + pick(indices) + "] : tensor<?x?xi32>");
      indices.push_back(emit("index", "arith.index_cast " + document + " : i32 to index"));
    }
    }
  }
  void addComparison() {
    const char *predicates[] = {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "uge"};
    truths.push_back(emit("t", std::string("arith.cmpi ") + predicates[below(8)] + ", " +
                                   pick(indices) + ", " +
                                   (below(4) ? pick(indices) : constant(-2, 24)) + " : index"));
  }
  void addTruth() {
    const char *binary[] = {"andi", "ori", "xori"};
    switch (below(5)) {
    case 0:
      truths.push_back(emit("t", "arith.xori " + pick(truths) + ", " +
                                     emit("true", "arith.constant true") + " : i1"));
      return;
    case 1:
      truths.push_back(emit("t", "arith.select " + pick(truths) + ", " + pick(truths) + ", " +
                                     pick(truths) + " : i1"));
      return;
    case 2:
      indices.push_back(emit("i", "arith.select " + pick(truths) + ", " + pick(indices) + ", " +
                                      pick(indices) + " : index"));
      addComparison();
      return;
    default:
      truths.push_back(emit("t", std::string("arith.") + binary[below(3)] + " " + pick(truths) +
                                     ", " + pick(truths) + " : i1"));
    }
  }

  std::mt19937 random;
  std::vector<std::string> indices, truths;
  int count = 0;
};

} // namespace heed
