// Rowwise stages - sums, layer norm, gathered rows - against double loops, between guard pages.
#include "schedules/families/Rowwise.h"
#include "tests/unit/linear/Jit.h"
#include "tests/unit/linear/Random.h"

#include <gmock/gmock.h>

#include <iostream>
#include <sstream>

using namespace Halide;

namespace heed::test {
namespace {

struct Case {
  TargetInfo target;
  RowwisePlan plan;
  int columns;
};

std::ostream &operator<<(std::ostream &out, const Case &c) {
  return out << c.target.name << " columns " << c.columns << " column_vectors "
             << c.plan.columnVectors << " rows_per_task " << c.plan.rowsPerTask;
}

Callable
compile(const Case &c, const std::vector<Argument> &inputs,
        std::function<Expr(Expr row, Expr column, const RowwiseProgram::RowSum &)> element) {
  RowwiseProgram program{.columns = c.columns};
  program.element = [=](const std::vector<Expr> &place, const RowwiseProgram::RowSum &rowSum) {
    return element(place[1], place[0], rowSum);
  };
  RowwiseStages stages = buildRowwise(program, rowSumLanes(c.columns, c.plan, c.target));
  return jit(scheduleRowwise(stages, c.plan, c.target), inputs, c.target);
}

class RowwiseOnTarget : public OnTarget {
protected:
  /// `check` for a few random shapes and plans.
  void forRandomCases(const std::function<void(Random &, const Case &)> &check) {
    const int seed = environment("HEED_TEST_SEED", 1), cases = environment("HEED_TEST_CASES", 6);
    for (int i = 0; i < cases && !HasFatalFailure(); i++) {
      Random random(unsigned(seed + i));
      const int columns = random.coin() ? random.between(1, 40) : random.between(41, 400);
      Case c{target, {random.between(1, 6), random.between(1, 20)}, columns};
      std::ostringstream text;
      text << "HEED_TEST_SEED=" << seed + i << " HEED_TEST_CASES=1: " << c;
      std::cout << text.str() << "\n";
      SCOPED_TRACE(text.str());
      check(random, c);
    }
  }
};

constexpr float kEpsilon = 1e-12f;

// Two sums, of which the second reads the first.
TEST_P(RowwiseOnTarget, LayerNorm) {
  ImageParam x = bufferOf(Float(32), "x", 2), gamma = bufferOf(Float(32), "gamma", 1);
  forRandomCases([&](Random &random, const Case &c) {
    Callable kernel = compile(c, {x, gamma}, [&](Expr row, Expr column, const auto &rowSum) {
      Expr value = x(column, row);
      Expr centered = value - rowSum(value) / float(c.columns);
      Expr variance = rowSum(centered * centered) / float(c.columns);
      return centered / sqrt(variance + kEpsilon) * gamma(column);
    });
    Guarded<float> scales({c.columns});
    fill(random, scales, c.columns);
    for (int rows : {0, 1, 2, random.between(3, 70)}) {
      SCOPED_TRACE("rows " + std::to_string(rows));
      Guarded<float> input({c.columns, rows}, random.between(0, 3));
      Guarded<float> output({c.columns, rows}, random.between(0, 3));
      fill(random, input, c.columns, rows);
      call(kernel, input, scales, output);
      ASSERT_TRUE(output.intact());
      for (int m = 0; m < rows; m++) {
        double mean = 0, variance = 0;
        for (int n = 0; n < c.columns; n++)
          mean += input.at(n, m) / double(c.columns);
        for (int n = 0; n < c.columns; n++)
          variance += std::pow(input.at(n, m) - mean, 2) / c.columns;
        for (int n = 0; n < c.columns && c.columns > 1; n++)
          ASSERT_NEAR(output.at(n, m),
                      (input.at(n, m) - mean) / std::sqrt(variance + kEpsilon) * scales.at(n), 2e-5)
              << "row " << m << " column " << n;
      }
    }
  });
}

// Rows of a table chosen by an integer tensor, and no sum at all.
TEST_P(RowwiseOnTarget, GathersRows) {
  constexpr int kTable = 9;
  ImageParam table = bufferOf(Float(32), "table", 2), index = bufferOf(Int(32), "index", 1);
  forRandomCases([&](Random &random, const Case &c) {
    Callable kernel = compile(c, {table, index}, [&](Expr row, Expr column, const auto &) {
      return table(column, clamp(index(row), 0, kTable - 1));
    });
    Guarded<float> rowsOfTable({c.columns, kTable}, random.between(0, 3));
    fill(random, rowsOfTable, c.columns, kTable);
    const int rows = random.between(1, 50);
    Guarded<int32_t> chosen({rows});
    for (int m = 0; m < rows; m++)
      chosen.at(m) = random.between(0, kTable - 1);
    Guarded<float> output({c.columns, rows});
    call(kernel, rowsOfTable, chosen, output);
    ASSERT_TRUE(output.intact());
    for (int m = 0; m < rows; m++)
      for (int n = 0; n < c.columns; n++)
        ASSERT_EQ(output.at(n, m), rowsOfTable.at(n, chosen.at(m)))
            << "row " << m << " column " << n;
  });
}

INSTANTIATE_ON_TARGETS(RowwiseOnTarget);

} // namespace
} // namespace heed::test
