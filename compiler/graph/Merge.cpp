#include "compiler/graph/Merge.h"
#include "compiler/evaluate/HalideMath.h"
#include "compiler/graph/QueryTile.h"

using namespace Halide;

namespace heed {
namespace {

class MergeBuilder {
public:
  explicit MergeBuilder(const MergeProgram &program) : program(program) {}

  MergeStages build() {
    if (program.second) {
      stages.merged = Func("merged");
      stages.merged(head, query, batch) =
          Tuple(normalizer.merge(stateOf(program.first), stateOf(program.second)));
    }
    if (program.finishes) {
      stages.final = Func("final");
      stages.final(head, query, batch) = Tuple(finalOf(normalizer, mergedState(), row()));
    }
    addOutput();
    return stages;
  }

private:
  const MergeProgram &program;
  const OnlineNormalizer &normalizer = program.normalizer;
  MergeStages stages;
  Var slot{"slot"}, head{"head"}, query{"query"}, batch{"batch"};

  RowPosition row() const { return {batch, head, query}; }
  // A value of a Func of rows. A normalizer without a log-sum-exp makes one number final.
  Expr at(Func f, int i) {
    FuncRef values = f(head, query, batch);
    return f.outputs() == 1 ? Expr(values) : Expr(values[i]);
  }

  Exprs stateOf(const MergeProgram::State &of) const {
    Exprs values;
    for (int i = 0; i < normalizer.states; i++)
      values.push_back(of(program.columns + i, row()));
    return values;
  }

  Exprs mergedState() {
    if (!program.second)
      return stateOf(program.first);
    Exprs values;
    for (int i = 0; i < normalizer.states; i++)
      values.push_back(at(stages.merged, i));
    return values;
  }

  Expr mergedColumn() {
    Expr first = program.first(slot, row());
    if (!program.second)
      return first;
    return first * at(stages.merged, normalizer.states) +
           program.second(slot, row()) * at(stages.merged, normalizer.states + 1);
  }

  // Selected, not only multiplied: zero times a number that is not finite is NaN. A row's factor is
  // one number, and compared as such a NaN would be equal to 0 if not strict.
  Expr value() {
    Expr column = mergedColumn();
    Expr zero = Internal::make_zero(column.type());
    if (program.finishes)
      return selectBits(strict_float(at(stages.final, 0) == zero), zero,
                        column * at(stages.final, 0));
    Exprs state = mergedState();
    for (int i = 0; i < normalizer.states; i++)
      column = select(slot == program.columns + i, state[i], column);
    return column;
  }

  void addOutput() {
    Expr out = program.stored(value());
    stages.output = Func("out");
    if (program.wantLogSumExp)
      stages.output(slot, head, query, batch) = Tuple(out, at(stages.final, 1));
    else
      stages.output(slot, head, query, batch) = out;
    stages.slots = program.columns + (program.finishes ? 0 : normalizer.states);
    OutputImageParam buffer = stages.output.output_buffers()[0];
    buffer.dim(0).set_bounds(0, stages.slots);
    buffer.dim(1).set_bounds(0, program.heads);
    buffer.dim(2).set_bounds(0, program.queries);
    buffer.dim(3).set_bounds(0, program.batch);
    if (program.wantLogSumExp)
      stages.output.output_buffers()[1].dim(0).set_stride(0);
  }
};

} // namespace

MergeStages buildMerge(const MergeProgram &program) { return MergeBuilder(program).build(); }

} // namespace heed
