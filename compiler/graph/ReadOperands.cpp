#include "compiler/graph/ReadOperands.h"
#include "compiler/evaluate/HalideDomain.h"
#include "compiler/evaluate/Storage.h"

using Halide::Expr;
using Halide::Func;

namespace heed {

/// Partial sums of a row sum: a multiple of every target's lanes.
static constexpr int rowSumPartials = 16;

/// `column`, then the row's.
template <typename T> static std::vector<Expr> with(Expr column, const std::vector<T> &row) {
  std::vector<Expr> place{column};
  place.insert(place.end(), row.begin(), row.end());
  return place;
}

static int columnsOf(mlir::Value tensor) {
  return int(llvm::cast<mlir::RankedTensorType>(tensor.getType()).getShape().back());
}

Halide::Type AttentionOperands::type() const {
  return attn::ScoreOp(view.score).getArithmeticType().isF64() ? Halide::Float(64)
                                                               : Halide::Float(32);
}

Expr AttentionOperands::extentOf(mlir::Value value, unsigned axis) const {
  auto type = llvm::cast<mlir::RankedTensorType>(value.getType());
  if (!type.isDynamicDim(axis))
    return int(type.getDimSize(axis));
  if (llvm::isa<mlir::BlockArgument>(value))
    return operands.extent(value, axis);
  if (auto project = value.getDefiningOp<attn::ProjectOp>())
    return extentOf(project.getInput(), axis);
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  Expr sum;
  for (attn::RowwiseOp::PositionTerm term : rowwise.getPositionTerms())
    if (axis == 1) {
      Expr summand = extentOf(rowwise.getCaptures()[term.capture], term.axis) * int(term.factor);
      sum = sum.defined() ? sum + summand : summand;
    }
  if (sum.defined())
    return sum;
  for (auto load : rowwise.getBody().getOps<attn::LoadOp>())
    for (auto [loaded, index] : llvm::enumerate(load.getIndices()))
      if (index == rowwise.getBody().getArgument(axis))
        if (Expr extent = extentOf(rowwise.getCaptures()[attn::captureNumber(load.getTensor())],
                                   unsigned(loaded));
            extent.defined())
          return extent;
  return {};
}

/// The first of some extents that is known.
static Expr firstKnown(std::initializer_list<Expr> extents) {
  for (const Expr &extent : extents)
    if (extent.defined())
      return extent;
  return {};
}

Expr AttentionOperands::queryExtent(unsigned axis) const {
  if (axis == 0)
    return firstKnown({extentOf(view.query, 0), extentOf(view.key, 0), extentOf(view.value, 0)});
  return extentOf(view.query, axis);
}

Expr AttentionOperands::keyExtent(unsigned axis) const {
  return axis == 0 ? queryExtent(0)
                   : firstKnown({extentOf(view.key, axis), extentOf(view.value, axis)});
}

// The runtime has checked lengths; Halide has to see it.
Expr AttentionOperands::lengthOr(mlir::Value lengths, Expr batch, Expr extent) const {
  return lengths ? clamp(operands.load(lengths, {batch}), 0, extent) : extent;
}

Expr AttentionOperands::keyLength(Expr batch) const {
  return lengthOr(view.keyLengths, batch, keyExtent(1));
}

Expr AttentionOperands::queryLength(Expr batch) const {
  return lengthOr(view.queryLengths, batch, queryExtent(1));
}

Context<Expr> AttentionOperands::contextFor(mlir::ValueRange captures, Expr batch) const {
  Context<Expr> context = operands.contextFor(captures);
  auto self = shared_from_this();
  context.keyLength = [=] { return self->keyLength(batch); };
  context.queryLength = [=] { return self->queryLength(batch); };
  context.queryOffset = [=]() -> Expr {
    return self->view.queryOffsets ? self->operands.load(self->view.queryOffsets, {batch})
                                   : self->keyLength(batch) - self->queryLength(batch);
  };
  return context;
}

mlir::LogicalResult AttentionOperands::check() {
  for (mlir::Operation *op : view.operands)
    if (auto rowwise = llvm::dyn_cast<attn::RowwiseOp>(op)) {
      Context<Expr> trial = contextFor(rowwise.getCaptures(), 0);
      trial.load = [&](unsigned capture, llvm::ArrayRef<Expr>) -> Expr {
        return Halide::Internal::make_zero(Operands::typeOf(rowwise.getCaptures()[capture]));
      };
      trial.extent = [](unsigned, unsigned) -> Expr { return 1; };
      trial.rowSum = [](attn::RowSumOp, Expr value) { return value; };
      llvm::SmallVector<Expr> place(rowwise.getParameterNames().size(), Expr(0));
      if (failed(evaluate(rowwise.getBody(), place, trial)))
        return mlir::failure();
    }
  return mlir::success();
}

/// What is read from memory as it is needs no packing.
bool AttentionOperands::needsWork(mlir::Value value) const {
  return value.getDefiningOp<attn::RowwiseOp>() || Operands::typeOf(value) != type();
}

static bool readsProjection(mlir::Value value) {
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  return value.getDefiningOp<attn::ProjectOp>() ||
         (rowwise && llvm::any_of(rowwise.getCaptures(), readsProjection));
}

/// The load of a rowwise op that only finds rows elsewhere (in pages, in a ring) and takes them as
/// they are stored; null where it does more.
static attn::LoadOp rowLoad(mlir::Value value) {
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  if (!rowwise)
    return nullptr;
  attn::LoadOp load;
  for (mlir::Operation &op : rowwise.getBody().getOps()) {
    if (llvm::none_of(op.getResultTypes(), llvm::IsaPred<mlir::FloatType>))
      continue;
    if (load || !llvm::isa<attn::LoadOp>(op))
      return nullptr;
    load = llvm::cast<attn::LoadOp>(op);
  }
  mlir::Value column = rowwise.getBody().getArguments()[rowwise.getParameterNames().size() - 1];
  if (!load || !column.hasOneUse() || load.getIndices().back() != column)
    return nullptr;
  mlir::Value rows = rowwise.getCaptures()[attn::captureNumber(load.getTensor())];
  return llvm::isa<mlir::BlockArgument>(rows) ? load : nullptr;
}

/// Whether a value is stored as bfloat16, or made from such values: two of them are one load.
static bool readsPairs(mlir::Value value) {
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  if (attn::LoadOp load = rowLoad(value))
    return readsPairs(rowwise.getCaptures()[attn::captureNumber(load.getTensor())]);
  if (rowwise)
    return llvm::any_of(rowwise.getCaptures(), readsPairs);
  return llvm::isa<mlir::BlockArgument>(value) && Operands::typeOf(value).is_bfloat();
}

/// An element as it is stored, of an argument or of rows that lie elsewhere in one.
Expr AttentionOperands::storedAt(mlir::Value value, const std::vector<Expr> &place) const {
  attn::LoadOp load = rowLoad(value);
  if (!load)
    return operands.element(value, place);
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  const unsigned rows = attn::captureNumber(load.getTensor());
  Context<Expr> context = contextFor(rowwise.getCaptures(), place.front());
  context.extent = [&](unsigned capture, unsigned axis) {
    return extentOf(rowwise.getCaptures()[capture], axis);
  };
  std::vector<Expr> found;
  context.load = [&, other = context.load](unsigned capture, llvm::ArrayRef<Expr> indices) -> Expr {
    if (capture != rows)
      return other(capture, indices);
    found = indices.vec();
    return 0.0f;
  };
  (void)evaluate(rowwise.getBody(), place, context); // check() has seen it succeed
  return operands.load(rowwise.getCaptures()[rows], found);
}

/// The buffer whose rows a value's are, or are made from: of its captures the first that is as
/// large.
std::string AttentionOperands::sourceOf(mlir::Value value) const {
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  if (!rowwise)
    return value.getDefiningOp() ? "" : operands.buffer(value).name();
  if (attn::LoadOp load = rowLoad(value))
    return sourceOf(rowwise.getCaptures()[attn::captureNumber(load.getTensor())]);
  auto shape = llvm::cast<mlir::ShapedType>(value.getType()).getShape();
  for (mlir::Value capture : rowwise.getCaptures())
    if (auto type = llvm::dyn_cast<mlir::ShapedType>(capture.getType());
        type && type.getShape() == shape)
      return sourceOf(capture);
  return "";
}

PairOperand AttentionOperands::operand(mlir::Value value) {
  return operandOf(value, value == view.query);
}

PairOperand AttentionOperands::operandOf(mlir::Value value, bool isQuery) {
  auto self = shared_from_this();
  if (auto project = value.getDefiningOp<attn::ProjectOp>()) {
    Func rows = projectionOf(project, isQuery);
    return PairOperand::loaded([rows](Expr column, Expr head, Expr position, Expr batch) -> Expr {
      return rows(column, head, position, batch);
    });
  }
  if (readsProjection(value)) {
    Func rows = madeAhead(value, isQuery);
    return PairOperand::loaded([rows](Expr column, Expr head, Expr position, Expr batch) -> Expr {
      return rows(column, position, head, batch);
    });
  }
  if (value.getDefiningOp() && !rowLoad(value))
    return PairOperand::made(
        [=](const std::string &name, const RowPlace &row) {
          Use use{name, isQuery, {}, {}};
          Func rows = self->rowsOf(value, row, use);
          use.rows.element = [=](Expr column) -> Expr { return rows(with(column, row.names)); };
          return use.rows;
        },
        sourceOf(value), /*inOrder=*/true, readsPairs(value));
  OperandElement stored = [self, value](Expr column, Expr head, Expr position, Expr batch) {
    return self->storedAt(value, {batch, position, head, column});
  };
  OperandElement element = [self, stored](Expr column, Expr head, Expr position, Expr batch) {
    return widened(stored(column, head, position, batch), self->type());
  };
  if (!needsWork(value))
    return PairOperand::loaded(element, sourceOf(value));
  PairOperand converted = PairOperand::made(
      [=](const std::string &, const RowPlace &row) {
        OperandRows rows;
        rows.element = [=](Expr column) {
          return element(column, row.at[0], row.at[1], row.at[2]);
        };
        if (readsPairs(value))
          rows.pair = [=](Expr half) {
            auto load = [&](Expr column) {
              return stored(column, row.at[0], row.at[1], row.at[2]);
            };
            return widenedPair(load(2 * half), load(2 * half + 1));
          };
        return rows;
      },
      sourceOf(value), /*inOrder=*/!value.getDefiningOp(), readsPairs(value));
  return readsPairs(value) ? std::move(converted).storedInPairs(stored) : converted;
}

/// What a rowwise or project op has made at a place, for `column` of `row`. A row that lies
/// elsewhere for each column is named by where it lies.
Expr AttentionOperands::loadMade(mlir::Value value, const std::vector<Expr> &place, Expr column,
                                 const RowPlace &row, Use &use) {
  if (auto project = value.getDefiningOp<attn::ProjectOp>())
    return projectionOf(project, use.isQuery)(place);
  std::vector<Expr> at(place.begin() + 1, place.end());
  const std::string &name = column.as<Halide::Internal::Variable>()->name;
  if (llvm::none_of(at, [&](const Expr &e) { return Halide::Internal::expr_uses_var(e, name); }))
    return rowsOf(value, {row.names, at}, use)(with(place.front(), row.names));
  RowPlace any = rowAt({Halide::Var("head"), Halide::Var("position"), Halide::Var("batch")});
  return rowsOf(value, any, use)(place);
}

static bool areEqual(const RowPlace &a, const RowPlace &b) {
  return llvm::equal(a.names, b.names, [](const auto &x, const auto &y) { return x.same_as(y); }) &&
         llvm::equal(a.at, b.at, [](const Expr &x, const Expr &y) { return equal(x, y); });
}

/// The rows that a rowwise op makes.
Func AttentionOperands::rowsOf(mlir::Value value, const RowPlace &row, Use &use) {
  for (const Use::Made &known : use.made)
    if (known.value == value && areEqual(known.row, row))
      return known.rows;
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  std::string name = use.name + "_" + std::to_string(use.made.size());
  RowwiseStages stages = buildRowwise(rowwiseProgram(rowwise, row, use), rowSumPartials, name, row);
  use.rows.made.push_back(stages);
  use.made.push_back({value, row, stages.output});
  return stages.output;
}

RowwiseProgram AttentionOperands::rowwiseProgram(attn::RowwiseOp op, const RowPlace &row,
                                                 Use &use) {
  RowwiseProgram program;
  program.columns = columnsOf(op.getResult());
  program.rank = int(llvm::cast<mlir::RankedTensorType>(op.getResult().getType()).getRank());
  program.element = [this, op, &row, &use](const std::vector<Expr> &place,
                                           const RowwiseProgram::RowSum &rowSum) mutable {
    Context<Expr> context = contextFor(op.getCaptures(), place.back());
    context.rowSum = [rowSum](attn::RowSumOp, Expr here) { return rowSum(here); };
    context.extent = [&](unsigned capture, unsigned axis) {
      return extentOf(op.getCaptures()[capture], axis);
    };
    context.load = [&](unsigned capture, llvm::ArrayRef<Expr> indices) -> Expr {
      mlir::Value value = op.getCaptures()[capture];
      if (llvm::isa<mlir::BlockArgument>(value))
        return operands.load(value, indices);
      return loadMade(value, std::vector<Expr>(indices.rbegin(), indices.rend()), place.front(),
                      row, use);
    };
    llvm::SmallVector<Expr> parameters(place.rbegin(), place.rend());
    return operands.kept(op.getResult(), evaluate(op.getBody(), parameters, context)->front());
  };
  return program;
}

Func AttentionOperands::madeAhead(mlir::Value value, bool isQuery) {
  for (const Ahead &known : aheadOf)
    if (known.value == value && known.isQuery == isQuery)
      return known.packed.rows;
  std::string name = "ahead_" + std::to_string(aheadOf.size());
  Halide::Var column("column"), position("position"), head("head"), batch("batch");
  Expr length = isQuery ? queryLength(batch) : keyLength(batch),
       positions = isQuery ? queryExtent(1) : keyExtent(1);
  RowPlace row{{position, head, batch},
               {head, positionThatExists(position, length, positions), batch}};
  Use use{name + "_made", isQuery, {}, {}};
  Func made = rowsOf(value, row, use), rows(name);
  rows(column, position, head, batch) = made(column, position, head, batch);
  rows.bound(position, 0, positions);
  aheadOf.push_back({value, isQuery, {rows, use.rows.made, columnsOf(value)}});
  return rows;
}

Func AttentionOperands::projectionOf(attn::ProjectOp op, bool isQuery) {
  for (const Projection &known : projected)
    if (known.op == op && known.isQuery == isQuery)
      return known.stages.output;
  mlir::Value weights = op.getWeights();
  auto self = shared_from_this();
  ProjectionProgram program;
  program.inputs = columnsOf(op.getInput());
  program.columns = columnsOf(op.getResult());
  program.type = type();
  program.input = operandOf(op.getInput(), isQuery);
  bool isShared = llvm::cast<mlir::RankedTensorType>(weights.getType()).getDimSize(0) == 1;
  program.weight = [=](Expr column, Expr input, Expr head) {
    return widened(self->operands.load(weights, {isShared ? Expr(0) : head, input, column}),
                   self->type());
  };
  program.positions = isQuery ? queryExtent(1) : keyExtent(1);
  program.length = [=](Expr batch) {
    return isQuery ? self->queryLength(batch) : self->keyLength(batch);
  };
  std::string name = "projected_" + std::to_string(projected.size());
  projected.push_back({op, isQuery, buildProjection(program, name)});
  return projected.back().stages.output;
}

RowsAhead AttentionOperands::ahead() const {
  RowsAhead all;
  for (const Projection &projection : projected)
    all.projections.push_back(projection.stages);
  for (const Ahead &one : aheadOf)
    all.made.push_back(one.packed);
  return all;
}

} // namespace heed
