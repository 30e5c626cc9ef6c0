// attn-hoist: see Passes.td.
#include "compiler/transforms/Passes.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/IRMapping.h"
#include "mlir/IR/Matchers.h"

#include <optional>

namespace heed {
#define GEN_PASS_DEF_HOIST
#include "compiler/transforms/Passes.h.inc"
} // namespace heed

using namespace mlir;
using namespace heed;
using namespace heed::attn;

namespace {

enum Parameter { X, Y, Batch, Head, Column };

/// What a value of the body depends on.
struct Reach {
  bool x = false, y = false, head = false;
  bool mixed() const { return x && y; }
};

class PairBody {
public:
  explicit PairBody(ScoreOp score) : score(score), block(score.getBody().front()) {}

  BlockArgument parameter(Parameter number) { return block.getArgument(number); }
  Value yielded() { return block.getTerminator()->getOperand(0); }

  Reach reach(Value value) {
    if (auto argument = dyn_cast<BlockArgument>(value))
      return {argument == parameter(X), argument == parameter(Y), argument == parameter(Head)};
    Reach all;
    for (Value operand : value.getDefiningOp()->getOperands()) {
      Reach one = reach(operand);
      all = {all.x || one.x, all.y || one.y, all.head || one.head};
    }
    return all;
  }
  /// A function of x and the place alone can be made with the queries.
  bool isOfQuery(Value value) { return reach(value).x && !reach(value).y; }
  /// Keys know no query head, unless there are as many of them.
  bool isOfKey(Value value) {
    Reach of = reach(value);
    int64_t heads = headsOf(score.getQuery());
    bool sameHeads = !ShapedType::isDynamic(heads) && heads == headsOf(score.getKey());
    return of.y && !of.x && (!of.head || sameHeads);
  }
  bool isOfNeither(Value value) { return !reach(value).x && !reach(value).y; }

  ScoreOp score;
  Block &block;

private:
  static int64_t headsOf(Value rows) {
    return cast<RankedTensorType>(rows.getType()).getDimSize(2);
  }
};

/// Writes the body of a rowwise op that makes rows of a query or key from the pair's body.
class RowWriter {
public:
  RowWriter(PairBody &body, Value source, Parameter element, int64_t columns)
      : body(body), source(source), element(element), builder(OpBuilder(body.score)) {
    auto type = cast<RankedTensorType>(source.getType());
    SmallVector<int64_t> shape(type.getShape());
    shape.back() = columns;
    SmallVector<Value> captures{source};
    llvm::append_range(captures, body.score.getCaptures());
    rowwise = RowwiseOp::create(builder, body.score.getLoc(),
                                RankedTensorType::get(shape, number()), captures, nullptr);
    Block &rows = rowwise.getBody().emplaceBlock();
    for (int i = 0; i < 4; ++i)
      rows.addArgument(builder.getIndexType(), rowwise.getLoc());
    for (Value capture : captures)
      rows.addArgument(capture.getType(), rowwise.getLoc());
    builder.setInsertionPointToEnd(&rows);
  }

  Value column() { return rowwise.getBody().getArgument(3); }
  /// Reads the source at `column` from now on.
  void readAt(Value column) {
    Region &rows = rowwise.getBody();
    mapping.clear();
    mapping.map(body.parameter(Batch), rows.getArgument(0));
    mapping.map(body.parameter(Head), rows.getArgument(2));
    mapping.map(body.parameter(Column), column);
    for (auto [inner, outer] :
         llvm::zip(body.score.getCaptureArguments(), rows.getArguments().drop_front(5)))
      mapping.map(inner, outer);
    mapping.map(body.parameter(element),
                LoadOp::create(builder, loc(), number(), rows.getArgument(4),
                               ValueRange{rows.getArgument(0), rows.getArgument(1),
                                          rows.getArgument(2), column}));
  }
  /// `value` of the pair's body, which does not see the other side.
  Value copy(Value value) {
    if (Value known = mapping.lookupOrNull(value))
      return known;
    Operation *op = value.getDefiningOp();
    for (Value operand : op->getOperands())
      copy(operand);
    return builder.clone(*op, mapping)->getResult(cast<OpResult>(value).getResultNumber());
  }
  Value constant(double value) {
    return arith::ConstantOp::create(builder, loc(), builder.getFloatAttr(number(), value));
  }
  Value index(int64_t value) { return arith::ConstantIndexOp::create(builder, loc(), value); }
  Value finish(Value result) {
    YieldOp::create(builder, loc(), result);
    SmallVector<unsigned> unused; // captures
    for (unsigned i = 1; i < rowwise.getCaptures().size(); ++i)
      if (rowwise.getBody().getArgument(4 + i).use_empty())
        unused.push_back(i);
    for (unsigned i : llvm::reverse(unused)) {
      rowwise.getBody().eraseArgument(4 + i);
      rowwise->eraseOperand(i);
    }
    return rowwise.getResult();
  }
  Location loc() { return body.score.getLoc(); }
  Type number() { return body.score.getArithmeticType(); }

private:
  PairBody &body;
  Value source;
  Parameter element;

public:
  OpBuilder builder;

private:
  RowwiseOp rowwise;
  IRMapping mapping;
};

//===------------------------------------------------------------------------------------------===//
// Polynomials: sum_d of products of functions of one side is a dot product of longer rows
//===------------------------------------------------------------------------------------------===//

/// factor * the product of some values of the body.
struct Term {
  double factor = 1;
  SmallVector<Value> ofQuery, ofKey; // what is of neither counts to the query
};
using Polynomial = SmallVector<Term>;

constexpr size_t mostTerms = 16;
constexpr int64_t mostColumns = 576;

bool before(Value a, Value b) {
  auto of = [](Value value) { return dyn_cast<BlockArgument>(value); };
  if (of(a) && of(b))
    return of(a).getArgNumber() < of(b).getArgNumber();
  if (of(a) || of(b))
    return bool(of(a));
  return a != b && a.getDefiningOp()->isBeforeInBlock(b.getDefiningOp());
}

Polynomial scaled(Polynomial terms, double factor) {
  for (Term &term : terms)
    term.factor *= factor;
  return terms;
}

Polynomial sum(Polynomial a, const Polynomial &b) {
  llvm::append_range(a, b);
  return a;
}

Polynomial product(const Polynomial &a, const Polynomial &b) {
  Polynomial all;
  for (const Term &x : a)
    for (const Term &y : b) {
      Term term{x.factor * y.factor, x.ofQuery, x.ofKey};
      llvm::append_range(term.ofQuery, y.ofQuery);
      llvm::append_range(term.ofKey, y.ofKey);
      llvm::sort(term.ofQuery, before);
      llvm::sort(term.ofKey, before);
      all.push_back(term);
    }
  return all;
}

/// `value` as a sum of products, if it is one of functions of one side each.
std::optional<Polynomial> expand(PairBody &body, Value value) {
  FloatAttr constant;
  if (matchPattern(value, m_Constant(&constant)))
    return Polynomial{{constant.getValueAsDouble(), {}, {}}};
  if (body.isOfQuery(value) || body.isOfNeither(value))
    return Polynomial{{1, {value}, {}}};
  if (body.isOfKey(value))
    return Polynomial{{1, {}, {value}}};
  Operation *op = value.getDefiningOp();
  SmallVector<Polynomial> parts;
  if (!isa_and_present<arith::AddFOp, arith::SubFOp, arith::MulFOp, arith::NegFOp, math::FmaOp>(op))
    return std::nullopt;
  for (Value operand : op->getOperands()) {
    std::optional<Polynomial> part = expand(body, operand);
    if (!part)
      return std::nullopt;
    parts.push_back(*part);
  }
  Polynomial all = isa<arith::NegFOp>(op)   ? scaled(parts[0], -1)
                   : isa<arith::AddFOp>(op) ? sum(parts[0], parts[1])
                   : isa<arith::SubFOp>(op) ? sum(parts[0], scaled(parts[1], -1))
                                            : product(parts[0], parts[1]);
  if (isa<math::FmaOp>(op))
    all = sum(all, parts[2]);
  if (all.size() > mostTerms)
    return std::nullopt;
  return all;
}

/// A dot product's rows: `blocks` of columns that multiply each other, then a column with the sum
/// of what is of the query alone, times 1, and one with that of the key.
struct Augmented {
  struct Part {
    SmallVector<Value> ofKey;
    Polynomial terms; // ofKey is dropped
  };
  SmallVector<Part> blocks;
  Polynomial query, key;

  explicit Augmented(const Polynomial &terms) {
    for (const Term &term : terms) {
      if (term.ofKey.empty())
        query.push_back(term);
      else if (term.ofQuery.empty())
        key.push_back(term);
      else
        blockOf(term.ofKey).terms.push_back(term);
    }
  }
  int64_t columns(int64_t dim) const {
    return dim * int64_t(blocks.size()) + !query.empty() + !key.empty();
  }
  bool isPlain() const { return blocks.size() == 1 && query.empty() && key.empty(); }

private:
  Part &blockOf(const SmallVector<Value> &ofKey) {
    for (Part &part : blocks)
      if (part.ofKey == ofKey)
        return part;
    return blocks.emplace_back(Part{ofKey, {}});
  }
};

class AugmentedWriter {
public:
  AugmentedWriter(PairBody &body, const Augmented &rows)
      : body(body), rows(rows),
        dim(cast<RankedTensorType>(body.score.getQuery().getType()).getDimSize(3)) {}

  Value query() {
    const Polynomial &terms = rows.blocks[0].terms;
    if (rows.isPlain() && terms.size() == 1 && terms[0].factor == 1 && isJust(terms[0].ofQuery, X))
      return body.score.getQuery();
    return write(body.score.getQuery(), X, rows.query, rows.key, [&](RowWriter &row, size_t i) {
      return valueOf(row, rows.blocks[i].terms, [](const Term &term) { return term.ofQuery; });
    });
  }
  Value key() {
    if (rows.isPlain() && isJust(rows.blocks[0].ofKey, Y))
      return body.score.getKey();
    return write(body.score.getKey(), Y, rows.key, rows.query, [&](RowWriter &row, size_t i) {
      return valueOf(row, {Term{1, {}, rows.blocks[i].ofKey}},
                     [](const Term &term) { return term.ofKey; });
    });
  }

private:
  bool isJust(ArrayRef<Value> values, Parameter element) {
    return values.size() == 1 && values[0] == body.parameter(element);
  }

  Value write(Value source, Parameter element, const Polynomial &own, const Polynomial &other,
              llvm::function_ref<Value(RowWriter &, size_t)> block) {
    RowWriter row(body, source, element, rows.columns(dim));
    OpBuilder &b = row.builder;
    if (rows.isPlain()) {
      row.readAt(row.column());
      return row.finish(block(row, 0));
    }
    Value width = row.index(dim);
    row.readAt(arith::RemSIOp::create(b, row.loc(), row.column(), width));
    Value result = row.constant(1); // meets what is of the other side alone
    int64_t special = dim * int64_t(rows.blocks.size());
    if (!own.empty()) {
      Value value = valueOf(
          row, own, [&](const Term &term) { return element == X ? term.ofQuery : term.ofKey; });
      Value inRow =
          arith::CmpIOp::create(b, row.loc(), arith::CmpIPredicate::slt, row.column(), width);
      value = arith::SelectOp::create(b, row.loc(), inRow, value, row.constant(0));
      value = RowSumOp::create(b, row.loc(), row.number(), value);
      bool isFirst = element == X || other.empty();
      Value at = row.index(isFirst ? special : special + 1);
      Value here = arith::CmpIOp::create(b, row.loc(), arith::CmpIPredicate::eq, row.column(), at);
      result = arith::SelectOp::create(b, row.loc(), here, value, result);
    }
    for (size_t i = rows.blocks.size(); i-- > 0;) {
      Value end = row.index(dim * int64_t(i + 1));
      Value here =
          arith::CmpIOp::create(b, row.loc(), arith::CmpIPredicate::slt, row.column(), end);
      result = arith::SelectOp::create(b, row.loc(), here, block(row, i), result);
    }
    return row.finish(result);
  }

  template <typename Side> Value valueOf(RowWriter &row, const Polynomial &terms, Side side) {
    OpBuilder &b = row.builder;
    Value all;
    for (const Term &term : terms) {
      Value value;
      auto times = [&](Value factor) {
        value = value ? Value(arith::MulFOp::create(b, row.loc(), value, factor)) : factor;
      };
      for (Value factor : side(term))
        times(row.copy(factor));
      if (term.factor != 1 || !value)
        times(row.constant(term.factor));
      all = all ? Value(arith::AddFOp::create(b, row.loc(), all, value)) : value;
    }
    return all;
  }

  PairBody &body;
  const Augmented &rows;
  int64_t dim;
};

/// The score as one dot product, where its body is such a sum.
bool becomeDot(ScoreOp score) {
  PairBody body(score);
  std::optional<Polynomial> terms = expand(body, body.yielded());
  if (!terms)
    return false;
  Augmented rows(*terms);
  int64_t dim = cast<RankedTensorType>(score.getQuery().getType()).getDimSize(3);
  if (rows.blocks.empty() || rows.blocks.size() > 2 || rows.columns(dim) > mostColumns)
    return false;
  AugmentedWriter writer(body, rows);
  Value query = writer.query(), key = writer.key();
  OpBuilder builder(score);
  auto dot = ScoreOp::create(builder, score.getLoc(), score.getScores().getType(), ScoreKind::Dot,
                             query, key);
  score.replaceAllUsesWith(dot.getScores());
  score.erase();
  return true;
}

//===------------------------------------------------------------------------------------------===//
// tanh of a sum
//===------------------------------------------------------------------------------------------===//

/// tanh(x + y) = 1 - 1 / d, where d = (1 + e^2x e^2y) / 2. e^2x of one side is kept in [e^-78,
/// e^78] by a clamp of x to [-39, 39], and d in [1/2, 2^25]. The quotient is 2^-10 / (2^-10 d), so
/// that the product of eight such denominators is in [2^-88, 2^120], and the numerators of their
/// common fraction are finite, and normal, for weights in 2^-48..2^18. So is 2^-11 e^-78.
///
/// Where |x| and |y| are at most 39, or the smaller is at most 30, |1 - 1 / d - tanh(x + y)| is
/// below 2^-25 (the clamps) + 5e-7 (float32: both exps 3e-7, halved by tanh's slope in the
/// logarithm, and three roundings).
/// Where both are beyond that and of one sign, tanh is 1 or -1 in float32, and so is this. Where
/// they are beyond that and cancel, as 60 and -58 do, this lies in [-1, 1], and that is all.
/// Kernels that compute in float64 are asked for more, and keep their tanh.
constexpr double largestArgument = 39, scaleOfDenominator = 0x1p-10,
                 leastDenominator = 0.5 * scaleOfDenominator,
                 largestDenominator = 0x1p25 * scaleOfDenominator;

/// weight * tanh(x + y), and nothing else.
struct TanhOfSum {
  Value weight; // null where it is 1
  Value ofQuery, ofKey;
};

std::optional<TanhOfSum> matchTanh(PairBody &body) {
  Value value = body.yielded(), weight;
  if (auto times = value.getDefiningOp<arith::MulFOp>()) {
    bool isFirst = body.isOfNeither(times.getLhs());
    weight = isFirst ? times.getLhs() : times.getRhs();
    value = isFirst ? times.getRhs() : times.getLhs();
    if (!body.isOfNeither(weight))
      return std::nullopt;
  }
  auto tanh = value.getDefiningOp<math::TanhOp>();
  auto sum = tanh ? tanh.getOperand().getDefiningOp<arith::AddFOp>() : nullptr;
  if (!sum)
    return std::nullopt;
  Value a = sum.getLhs(), b = sum.getRhs();
  if (body.isOfQuery(b))
    std::swap(a, b);
  if (!body.isOfQuery(a) || !body.isOfKey(b))
    return std::nullopt;
  return TanhOfSum{weight, a, b};
}

/// weight - weight / d: a constant and a quotient, which the graph sums eight at a time. The halves
/// of d and its scale are a factor of the query's row, exact and made once.
void rewriteTanh(ScoreOp score) {
  if (score.getArithmeticType().isF64())
    return;
  PairBody body(score);
  std::optional<TanhOfSum> match = matchTanh(body);
  if (!match)
    return;
  Operation *yield = body.block.getTerminator();
  OpBuilder b(yield);
  Location loc = yield->getLoc();
  Type number = score.getArithmeticType();
  auto constant = [&](double value) -> Value {
    return arith::ConstantOp::create(b, loc, b.getFloatAttr(number, value));
  };
  auto power = [&](Value x) -> Value {
    Value in =
        math::ClampFOp::create(b, loc, x, constant(-largestArgument), constant(largestArgument));
    return math::ExpOp::create(b, loc, arith::AddFOp::create(b, loc, in, in));
  };
  Value weight = match->weight ? match->weight : constant(1), least = constant(leastDenominator);
  Value ofQuery = arith::MulFOp::create(b, loc, power(match->ofQuery), least);
  Value both = arith::MulFOp::create(b, loc, ofQuery, power(match->ofKey));
  Value sum = arith::AddFOp::create(b, loc, both, least);
  Value denominator = math::ClampFOp::create(b, loc, sum, least, constant(largestDenominator));
  Value quotient = arith::DivFOp::create(b, loc, weight, denominator);
  quotient = arith::MulFOp::create(b, loc, quotient, constant(-scaleOfDenominator));
  yield->setOperand(0, arith::AddFOp::create(b, loc, weight, quotient));
}

//===------------------------------------------------------------------------------------------===//
// One side
//===------------------------------------------------------------------------------------------===//

/// The one value through which all that is computed of `element` alone passes on to the rest; null
/// where there are several, or it is `element` itself.
Value soleFunction(PairBody &body, Parameter element) {
  auto isOneSided = [&](Value value) {
    return element == X ? body.isOfQuery(value) : body.isOfKey(value);
  };
  llvm::SetVector<Value> passed;
  auto visit = [&](Value value) {
    for (Operation *user : value.getUsers())
      if (isa<YieldOp>(user) || !isOneSided(user->getResult(0)))
        passed.insert(value);
  };
  visit(body.parameter(element));
  for (Operation &op : body.block.without_terminator())
    if (isOneSided(op.getResult(0)))
      visit(op.getResult(0));
  return passed.size() == 1 && passed[0] != body.parameter(element) ? passed[0] : Value();
}

void eraseUnused(Block &block) {
  SmallVector<Operation *> ops(llvm::make_pointer_range(block.without_terminator()));
  for (Operation *op : llvm::reverse(ops))
    if (op->use_empty())
      op->erase();
}

void hoistSide(ScoreOp score, Parameter element) {
  PairBody body(score);
  Value value = soleFunction(body, element);
  if (!value)
    return;
  OpOperand &operand = element == X ? score.getQueryMutable() : score.getKeyMutable();
  int64_t columns = cast<RankedTensorType>(operand.get().getType()).getDimSize(3);
  RowWriter row(body, operand.get(), element, columns);
  row.readAt(row.column());
  Value made = row.finish(row.copy(value));
  value.replaceAllUsesWith(body.parameter(element));
  operand.set(made);
  eraseUnused(body.block);
}

struct Hoist : heed::impl::HoistBase<Hoist> {
  void runOnOperation() override {
    SmallVector<ScoreOp> scores(getOperation().getBody().getOps<ScoreOp>());
    for (ScoreOp score : scores) {
      if (score.getKind() != ScoreKind::Pairwise || becomeDot(score))
        continue;
      rewriteTanh(score);
      eraseUnused(score.getBody().front());
      hoistSide(score, X);
      hoistSide(score, Y);
    }
  }
};

} // namespace
