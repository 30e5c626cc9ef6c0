// Linear stages under random plans, shapes, strides and targets against double loops; every buffer
// stands between pages that may not be touched.
#include "schedules/families/Linear.h"
#include "tests/unit/linear/Jit.h"
#include "tests/unit/linear/Random.h"

#include <gmock/gmock.h>

#include <fstream>
#include <iostream>
#include <sstream>

using namespace Halide;

namespace heed::test {
namespace {

struct Case {
  TargetInfo target;
  LinearPlan plan;
  int inputs, outputs, panel;
  bool bias, relu, residual;

  int strip() const { return stripColumns(plan, target); }
  int panels() const { return (outputs + panel - 1) / panel; }
};

std::ostream &operator<<(std::ostream &out, const Case &c) {
  return out << c.target.name << " inputs " << c.inputs << " outputs " << c.outputs << " panel "
             << c.panel << " row_tile " << c.plan.rowTile << " column_vectors "
             << c.plan.columnVectors << " rows_per_task " << c.plan.rowsPerTask
             << (c.plan.prefetch ? " prefetch" : "") << (c.bias ? " bias" : "")
             << (c.relu ? " relu" : "") << (c.residual ? " residual" : "");
}

Case randomCase(Random &random, const TargetInfo &target) {
  Case c;
  c.target = target;
  c.panel = random.oneOf({16, 32, 48, 64});
  c.inputs = random.between(1, 70);
  c.outputs = random.coin() ? c.panel * random.between(1, 3) : random.between(1, 150);
  do
    c.plan.columnVectors = random.between(1, 4);
  while (c.panel % c.strip() != 0);
  c.plan.rowTile = random.between(1, std::min(8, target.registers / c.plan.columnVectors));
  c.plan.rowsPerTask = random.between(c.plan.rowTile, 40);
  c.plan.prefetch = random.coin();
  c.bias = random.coin(), c.relu = random.coin(), c.residual = random.coin();
  return c;
}

/// The compiled pair of kernels of a case: (input, weights, bias, residual, output) and (weights,
/// packed).
struct Compiled {
  Callable linear, pack;
};

/// Without an epilogue.
LinearProgram programOf(const Case &c) {
  return {.inputs = c.inputs,
          .outputs = c.outputs,
          .panel = c.panel,
          .input = bufferOf(Float(32), "input", 2),
          .weights = bufferOf(Float(32), "weights", 3),
          .epilogue = [](Expr sum, Expr, Expr) { return sum; }};
}

Compiled compile(const Case &c) {
  LinearProgram program = programOf(c);
  ImageParam bias = bufferOf(Float(32), "bias", 1), residual = bufferOf(Float(32), "residual", 2);
  program.epilogue = [&](Expr sum, Expr row, Expr column) {
    if (c.bias)
      sum += bias(column);
    if (c.relu)
      sum = max(sum, 0.0f);
    return c.residual ? sum + residual(column, row) : sum;
  };
  LinearStages stages = buildLinear(program, c.strip());
  Compiled compiled;
  compiled.linear = jit(scheduleLinear(stages, program, c.plan, c.target),
                        {program.input, program.weights, bias, residual}, c.target);

  PackProgram packing{c.inputs, c.outputs, c.panel, bufferOf(Float(32), "raw", 2)};
  packing.weights.dim(0).set_stride(Expr());
  PackStages packStages = buildPack(packing);
  compiled.pack = jit(schedulePack(packStages, packing), {packing.weights}, c.target);
  return compiled;
}

struct Operands {
  Guarded<float> weights, packed, bias;

  Operands(Random &random, const Case &c, const Compiled &compiled)
      : weights({c.outputs, c.inputs}, random.between(0, 3)),
        packed({c.panel, c.inputs, c.panels()}, random.between(0, 3)), bias({c.outputs}) {
    fill(random, weights, c.outputs, c.inputs);
    fill(random, bias, c.outputs);
    call(compiled.pack, weights, packed);
  }
};

void checkPacked(const Case &c, Operands &operands) {
  for (int p = 0; p < c.panels(); p++)
    for (int k = 0; k < c.inputs; k++)
      for (int i = 0; i < c.panel; i++) {
        int n = p * c.panel + i;
        ASSERT_EQ(operands.packed.at(i, k, p), n < c.outputs ? operands.weights.at(n, k) : 0.0f)
            << "panel " << p << " input " << k << " column " << i;
      }
  ASSERT_TRUE(operands.packed.intact());
}

double expected(const Case &c, Operands &operands, Guarded<float> &input, Guarded<float> &residual,
                int n, int m) {
  double sum = 0;
  for (int k = 0; k < c.inputs; k++)
    sum += double(input.at(k, m)) * double(operands.weights.at(n, k));
  if (c.bias)
    sum += operands.bias.at(n);
  if (c.relu)
    sum = std::max(sum, 0.0);
  return c.residual ? sum + residual.at(n, m) : sum;
}

void checkRows(Random &random, const Case &c, const Compiled &compiled, Operands &operands,
               int rows) {
  SCOPED_TRACE("rows " + std::to_string(rows));
  auto against = [&] {
    return random.coin() ? Guarded<float>::Against::End : Guarded<float>::Against::Begin;
  };
  Guarded<float> input({c.inputs, rows}, random.between(0, 5), against());
  Guarded<float> residual({c.outputs, rows}, random.between(0, 5), against());
  Guarded<float> output({c.outputs, rows}, random.between(0, 5), against());
  fill(random, input, c.inputs, rows);
  fill(random, residual, c.outputs, rows);
  call(compiled.linear, input, operands.packed, operands.bias, residual, output);
  const double bound = 1e-7 * (4 + c.inputs);
  for (int m = 0; m < rows; m++)
    for (int n = 0; n < c.outputs; n++)
      ASSERT_NEAR(output.at(n, m), expected(c, operands, input, residual, n, m), bound)
          << "row " << m << " column " << n;
  ASSERT_TRUE(output.intact());
}

class LinearOnTarget : public OnTarget {};

TEST_P(LinearOnTarget, AgreesWithDoubleLoops) {
  const int seed = environment("HEED_TEST_SEED", 1), cases = environment("HEED_TEST_CASES", 8);
  for (int i = 0; i < cases; i++) {
    Random random(unsigned(seed + i));
    Case c = randomCase(random, target);
    std::ostringstream text;
    text << "HEED_TEST_SEED=" << seed + i << " HEED_TEST_CASES=1: " << c;
    std::cout << text.str() << "\n";
    SCOPED_TRACE(text.str());
    Compiled compiled = compile(c);
    Operands operands(random, c, compiled);
    checkPacked(c, operands);
    for (int rows : {0, 1, 2, 3, random.between(4, 20), random.between(21, 200)})
      checkRows(random, c, compiled, operands, rows);
    if (HasFatalFailure())
      return;
  }
}

// A row's bits depend on nothing but the row: neither on the number of rows nor on its place among
// them.
TEST_P(LinearOnTarget, ARowHasTheSameBitsInAnyBatch) {
  Random random(7);
  Case c{target, defaultLinearPlan(48, target), 37, 96, 48, true, false, false};
  Compiled compiled = compile(c);
  Operands operands(random, c, compiled);
  Guarded<float> one({c.inputs, 1});
  fill(random, one, c.inputs);
  std::vector<float> first;
  for (int rows : {1, 2, 5, 8, 13, 64, 131}) {
    Guarded<float> input({c.inputs, rows}), unused({c.outputs, rows}), output({c.outputs, rows});
    for (int m = 0; m < rows; m++)
      for (int k = 0; k < c.inputs; k++)
        input.at(k, m) = one.at(k);
    call(compiled.linear, input, operands.packed, operands.bias, unused, output);
    if (first.empty())
      first.assign(&output.at(0), &output.at(0) + c.outputs);
    for (int m = 0; m < rows; m++)
      for (int n = 0; n < c.outputs; n++)
        ASSERT_EQ(output.at(n, m), first[size_t(n)])
            << rows << " rows, row " << m << " column " << n;
  }
}

// Neighbouring tasks both write the rows in which their last and first tiles overlap.
TEST_P(LinearOnTarget, TheOrderOfTasksDoesNotChangeABit) {
  Random random(8);
  Case c{target, defaultLinearPlan(48, target), 61, 96, 48, true, true, true};
  c.plan.rowsPerTask = 2 * c.plan.rowTile;
  Compiled compiled = compile(c);
  Operands operands(random, c, compiled);
  for (int rows : {3, 17, 33, 35, 67}) {
    Guarded<float> input({c.inputs, rows}), residual({c.outputs, rows});
    Guarded<float> forwards({c.outputs, rows}), backwards({c.outputs, rows});
    fill(random, input, c.inputs, rows);
    fill(random, residual, c.outputs, rows);
    call(compiled.linear, input, operands.packed, operands.bias, residual, forwards);
    callBackwards(compiled.linear, input, operands.packed, operands.bias, residual, backwards);
    for (int m = 0; m < rows; m++)
      for (int n = 0; n < c.outputs; n++)
        ASSERT_EQ(forwards.at(n, m), backwards.at(n, m))
            << rows << " rows, row " << m << " column " << n;
  }
}

// The pass names LLVM's intrinsic; if Halide came to spell the call otherwise, this would notice.
TEST_P(LinearOnTarget, PanelsArePrefetchedIntoL2) {
  for (bool prefetch : {true, false}) {
    Case c{target, defaultLinearPlan(48, target), 64, 4 * 48, 48, false, false, false};
    c.plan.prefetch = prefetch;
    LinearProgram program = programOf(c);
    LinearStages stages = buildLinear(program, c.strip());
    Pipeline pipeline = scheduleLinear(stages, program, c.plan, target);
    const std::string file = testing::TempDir() + "heed_linear_prefetch.s";
    pipeline.compile_to_assembly(file, {program.input, program.weights}, "layer",
                                 jitTarget(target));
    std::ifstream in(file);
    std::string assembly((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(assembly.find("prefetcht1") != std::string::npos, prefetch);
    EXPECT_EQ(assembly.find("prefetchnta"), std::string::npos);
  }
}

TEST_P(LinearOnTarget, DefaultPlansAreLegal) {
  for (int panel : {16, 32, 48, 64}) {
    LinearPlan plan = defaultLinearPlan(panel, target);
    EXPECT_EQ(llvm::toString(checkLinearPlan(plan, target)), "") << "panel " << panel;
    EXPECT_EQ(panel % stripColumns(plan, target), 0) << "panel " << panel;
  }
}

INSTANTIATE_ON_TARGETS(LinearOnTarget);

} // namespace
} // namespace heed::test
