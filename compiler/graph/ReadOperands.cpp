#include "compiler/graph/ReadOperands.h"
#include "compiler/evaluate/HalideDomain.h"
#include "compiler/evaluate/Storage.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "llvm/ADT/DenseSet.h"

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

/// A rowwise op's element taken apart: a number as it is stored in an argument, or an int8
/// converted, times one of the row. All loads of its body are of arguments.
struct ElementParts {
  attn::LoadOp load;        ///< null where an element is something else
  mlir::Value rows;         ///< that it loads
  mlir::Value factor;       ///< no column changes it; null where there is none
  bool isConverted = false; ///< what is loaded is an int8
  bool isInOrder = false;   ///< the next row is the next in memory, as it is not in pages

  /// The op only finds rows, in pages or in a ring.
  bool isAsStored() const { return load && !factor && !isConverted; }
};

/// The values of a rowwise body that differ from column to column.
static llvm::DenseSet<mlir::Value> valuesOfColumns(mlir::Block &body, mlir::Value column) {
  llvm::DenseSet<mlir::Value> all{column};
  for (mlir::Operation &op : body)
    if (llvm::any_of(op.getOperands(), [&](mlir::Value v) { return all.contains(v); }))
      all.insert(op.result_begin(), op.result_end());
  return all;
}

static ElementParts elementParts(mlir::Value value) {
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  if (!rowwise)
    return {};
  mlir::Block &body = rowwise.getBody().front();
  auto rowsOf = [&](attn::LoadOp load) {
    return rowwise.getCaptures()[attn::captureNumber(load.getTensor())];
  };
  if (!body.getOps<attn::RowSumOp>().empty() ||
      !llvm::all_of(body.getOps<attn::LoadOp>(),
                    [&](attn::LoadOp l) { return llvm::isa<mlir::BlockArgument>(rowsOf(l)); }))
    return {};
  auto place = body.getArguments().take_front(rowwise.getParameterNames().size());
  mlir::Value column = place.back(), element = body.getTerminator()->getOperand(0);
  ElementParts parts;
  if (auto product = element.getDefiningOp<mlir::arith::MulFOp>()) {
    llvm::DenseSet<mlir::Value> ofColumns = valuesOfColumns(body, column);
    const bool isFirst = ofColumns.contains(product.getLhs());
    if (isFirst == ofColumns.contains(product.getRhs()))
      return {};
    element = isFirst ? product.getLhs() : product.getRhs();
    parts.factor = isFirst ? product.getRhs() : product.getLhs();
  }
  if (auto conversion = element.getDefiningOp<mlir::arith::SIToFPOp>())
    element = conversion.getIn(), parts.isConverted = true;
  parts.load = element.getDefiningOp<attn::LoadOp>();
  if (!parts.load || !column.hasOneUse() || parts.load.getIndices().back() != column)
    return {};
  parts.rows = rowsOf(parts.load);
  auto type = llvm::cast<mlir::RankedTensorType>(parts.rows.getType()).getElementType();
  if (parts.isConverted != type.isInteger(8) ||
      llvm::count_if(body.getOps<attn::LoadOp>(),
                     [&](attn::LoadOp l) { return rowsOf(l) == parts.rows; }) != 1)
    return {};
  parts.isInOrder = llvm::equal(parts.load.getIndices(), place);
  return parts;
}

/// Whether a value is stored as bfloat16, or made from such values: two of them are one load.
static bool readsPairs(mlir::Value value) {
  if (mlir::Value rows = elementParts(value).rows)
    return readsPairs(rows);
  if (auto rowwise = value.getDefiningOp<attn::RowwiseOp>())
    return llvm::any_of(rowwise.getCaptures(), readsPairs);
  return llvm::isa<mlir::BlockArgument>(value) && Operands::typeOf(value).is_bfloat();
}

/// An element as it is stored, of an argument or of rows that an op reads in one.
Expr AttentionOperands::storedAt(mlir::Value value, const std::vector<Expr> &place) const {
  ElementParts parts = elementParts(value);
  if (!parts.load)
    return operands.element(value, place);
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  const unsigned rows = attn::captureNumber(parts.load.getTensor());
  std::vector<Expr> found;
  Context<Expr> context = contextOf(rowwise, place.front());
  context.load = [&, load = context.load](unsigned capture, llvm::ArrayRef<Expr> indices) -> Expr {
    if (capture == rows)
      found = indices.vec();
    return load(capture, indices);
  };
  (void)evaluate(rowwise.getBody(), place, context); // check() has seen it succeed
  return operands.load(parts.rows, found);
}

/// What all elements of a row are multiplied by, of rows that have such a number.
Expr AttentionOperands::factorOf(mlir::Value value, const std::vector<Expr> &place) const {
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  Context<Expr> context = contextOf(rowwise, place.front());
  return evaluate(rowwise.getBody(), place, context, elementParts(value).factor)->front();
}

Context<Expr> AttentionOperands::contextOf(attn::RowwiseOp op, Expr batch) const {
  Context<Expr> context = contextFor(op.getCaptures(), batch);
  context.extent = [this, op](unsigned capture, unsigned axis) mutable {
    return extentOf(op.getCaptures()[capture], axis);
  };
  return context;
}

/// The buffer whose rows a value's are, or are made from: of its captures the first that is as
/// large.
std::string AttentionOperands::sourceOf(mlir::Value value) const {
  auto rowwise = value.getDefiningOp<attn::RowwiseOp>();
  if (!rowwise)
    return value.getDefiningOp() ? "" : operands.buffer(value).name();
  if (ElementParts parts = elementParts(value); parts.isAsStored())
    return sourceOf(parts.rows);
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
  ElementParts parts = elementParts(value);
  if (!value.getDefiningOp() || parts.isAsStored())
    return storedRows(value);
  PairOperand made = PairOperand::made(
      [=](const std::string &name, const RowPlace &row) {
        Use use{name, isQuery, {}, {}};
        Func rows = self->rowsOf(value, row, use);
        use.rows.element = [=](Expr column) -> Expr { return rows(with(column, row.names)); };
        return use.rows;
      },
      sourceOf(value), /*inOrder=*/true, readsPairs(value));
  // Of integers only: no product of small numbers overflows that would not with the factor.
  if (!parts.isConverted || Operands::typeOf(value) != type())
    return made;
  RowNumber factor;
  if (parts.factor)
    factor = [=](Expr head, Expr position, Expr batch) {
      return self->factorOf(value, {batch, position, head, 0});
    };
  return std::move(made).factored(storedRows(value), factor);
}

/// Rows as an argument holds them, converted at most: those of an op without its factor.
PairOperand AttentionOperands::storedRows(mlir::Value value) {
  auto self = shared_from_this();
  ElementParts parts = elementParts(value);
  std::string source = sourceOf(parts.load ? parts.rows : value);
  OperandElement stored = [self, value](Expr column, Expr head, Expr position, Expr batch) {
    return self->storedAt(value, {batch, position, head, column});
  };
  OperandElement element = [self, stored](Expr column, Expr head, Expr position, Expr batch) {
    return widened(stored(column, head, position, batch), self->type());
  };
  if (!needsWork(value))
    return PairOperand::loaded(element, source);
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
      source, /*inOrder=*/!parts.load || parts.isInOrder, readsPairs(value));
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
    Context<Expr> context = contextOf(op, place.back());
    context.rowSum = [rowSum](attn::RowSumOp, Expr here) { return rowSum(here); };
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
