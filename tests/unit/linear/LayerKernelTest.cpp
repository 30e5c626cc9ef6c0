// Linear and rowwise kernels with random regions, from MLIR to machine code, against the reference.
#include "compiler/dialect/KernelView.h"
#include "compiler/reference/Interpreter.h"
#include "schedules/families/Families.h"
#include "tests/unit/linear/Guarded.h"
#include "tests/unit/linear/Jit.h"
#include "tests/unit/linear/RandomRegion.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/BuiltinOps.h"
#include "mlir/Parser/Parser.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <memory>
#include <sstream>

namespace heed::test {
namespace {

/// A kernel parsed from text.
class Parsed {
public:
  explicit Parsed(const std::string &text) {
    context.loadDialect<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
    module = mlir::parseSourceString<mlir::ModuleOp>(text, &context);
    if (module)
      kernel = *module->getOps<attn::KernelOp>().begin();
  }
  mlir::MLIRContext context;
  mlir::OwningOpRef<mlir::ModuleOp> module;
  attn::KernelOp kernel;
};

Halide::Callable jit(Stage stage) {
  stage.target.set_feature(Halide::Target::NoRuntime, false);
  return stage.pipeline.compile_to_callable(stage.inputs, stage.target);
}

/// A matrix or vector for a kernel and the same for the reference.
struct Operand {
  Guarded<float> buffer;
  Array array;

  Operand(Random &random, int columns, int rows, int rank = 2)
      : buffer(rank == 2 ? std::vector{columns, rows} : std::vector{columns},
               rank == 2 ? random.between(0, 3) : 0),
        array(rank == 2 ? std::vector<int64_t>{rows, columns} : std::vector<int64_t>{columns}) {
    fill(random, buffer, columns, rank == 2 ? rows : 1);
    for (int m = 0; m < (rank == 2 ? rows : 1); m++)
      for (int n = 0; n < columns; n++)
        array.values[size_t(m) * columns + n] = buffer.at(n, m);
  }
};

void expectNear(Guarded<float> &output, const Array &expected) {
  ASSERT_TRUE(output.intact());
  const int64_t rows = expected.shape[0], columns = expected.shape[1];
  for (int m = 0; m < rows; m++)
    for (int n = 0; n < columns; n++) {
      double reference = expected({m, n});
      ASSERT_NEAR(output.at(n, m), reference, 1e-4 * (1 + std::abs(reference)))
          << "row " << m << " column " << n;
    }
}

/// For devices any legal plan that fits; those of CPUs vary in tests of their own.
Plan somePlan(Random &random, attn::KernelOp kernel, const TargetInfo &target) {
  auto plans = defaultPlans(kernel, target);
  EXPECT_TRUE(succeeded(plans));
  Plan plan = plans->back().plan;
  if (auto *linear = std::get_if<GpuLinearPlan>(&plan.form)) {
    linear->columnRegisters = random.oneOf({1, 2, 4});
    linear->columnThreads = 16 / linear->columnRegisters; // every panel is a multiple of 16
    linear->rowThreads = random.oneOf({1, 3, 8}), linear->rowRegisters = random.oneOf({1, 2, 3});
    linear->reduceUnroll = random.oneOf({1, 2, 4});
    linear->inputTile = linear->reduceUnroll * random.between(1, 6);
  }
  if (auto *rows = std::get_if<GpuRowsPlan>(&plan.form))
    rows->rows = random.between(1, 6), rows->columnThreads = random.oneOf({1, 3, 8, 32});
  std::cout << toJson(plan) << "\n";
  return plan;
}

class LayerKernel : public OnTarget {
protected:
  void forRandomCases(const std::function<void(Random &)> &check) {
    const int seed = environment("HEED_TEST_SEED", 1),
              cases = environment("HEED_TEST_CASES", target.isDevice() ? 2 : 4);
    for (int i = 0; i < cases && !HasFatalFailure(); i++) {
      std::string repeat = "HEED_TEST_SEED=" + std::to_string(seed + i) + " HEED_TEST_CASES=1";
      std::cout << repeat << "\n";
      SCOPED_TRACE(repeat);
      Random random(unsigned(seed + i));
      check(random);
    }
  }
};

std::string linearText(Random &random, int inputs, int outputs) {
  std::string x = "tensor<?x" + std::to_string(inputs) + "xf32>", n = std::to_string(outputs);
  std::string w = "tensor<" + std::to_string(inputs) + "x" + n + "xf32>",
              y = "tensor<?x" + n + "xf32>";
  std::string b = "tensor<" + n + "xf32>", s = "tensor<?xf32>";
  RandomRegion region(random, {"%sum", "%bias", "%before", "%scale"});
  return "attn.kernel @layer(%x: " + x + ", %w: " + w + ", %b: " + b + ", %r: " + y + ", %s: " + s +
         ") -> " + y + " {\n%y = attn.linear %x, %w captures(%b, %r, %s : " + b + ", " + y + ", " +
         s + ") {\n^bb0(%sum: f32, %row: index, %column: index, %bt: " + b + ", %rt: " + y +
         ", %st: " + s + "):\n%bias = attn.load %bt[%column] : " + b +
         "\n%before = attn.load %rt[%row, %column] : " + y +
         "\n%scale = attn.load %st[%row] : " + s + "\n" + region.write(random.between(0, 6)) +
         "} : (" + x + ", " + w + ") -> " + y + "\nattn.return %y : " + y + "\n}\n";
}

TEST_P(LayerKernel, LinearAgreesWithTheReference) {
  forRandomCases([&](Random &random) {
    const int inputs = random.between(1, 60), outputs = random.between(1, 130);
    std::string text = linearText(random, inputs, outputs);
    SCOPED_TRACE(text);
    Parsed parsed(text);
    ASSERT_TRUE(parsed.kernel);
    auto entries = buildEntries(parsed.kernel, somePlan(random, parsed.kernel, target));
    ASSERT_TRUE(succeeded(entries));
    ASSERT_EQ(entries->size(), 2u);
    Halide::Callable linear = jit((*entries)[0].stages[0]), pack = jit((*entries)[1].stages[0]);

    Operand weights(random, outputs, inputs), bias(random, outputs, 1, 1);
    const int panel = int(panelWidth(outputs));
    Guarded<float> packed({panel, inputs, (outputs + panel - 1) / panel});
    call(pack, weights.buffer, packed);
    for (int rows : {1, 2, random.between(3, 60)}) {
      Operand x(random, inputs, rows), residual(random, outputs, rows), scale(random, rows, 1, 1);
      Guarded<float> out({outputs, rows}, random.between(0, 3));
      call(linear, x.buffer, packed, bias.buffer, residual.buffer, scale.buffer, out);
      auto expected = interpret(parsed.kernel,
                                {x.array, weights.array, bias.array, residual.array, scale.array});
      ASSERT_TRUE(succeeded(expected));
      expectNear(out, expected->front());
    }
  });
}

std::string rowwiseText(Random &random, int columns) {
  std::string n = std::to_string(columns), x = "tensor<?x" + n + "xf32>",
              g = "tensor<" + n + "xf32>";
  std::string s = "tensor<?xf32>";
  RandomRegion region(random, {"%a", "%gain", "%scale"}, columns);
  return "attn.kernel @layer(%x: " + x + ", %g: " + g + ", %s: " + s + ") -> " + x +
         " {\n%y = attn.rowwise captures(%x, %g, %s : " + x + ", " + g + ", " + s +
         ") {\n^bb0(%row: index, %column: index, %xt: " + x + ", %gt: " + g + ", %st: " + s +
         "):\n%a = attn.load %xt[%row, %column] : " + x +
         "\n%gain = attn.load %gt[%column] : " + g + "\n%scale = attn.load %st[%row] : " + s +
         "\n" + region.write(random.between(1, 8)) + "} : " + x + "\nattn.return %y : " + x +
         "\n}\n";
}

TEST_P(LayerKernel, RowwiseAgreesWithTheReference) {
  forRandomCases([&](Random &random) {
    const int columns = random.between(1, 200);
    std::string text = rowwiseText(random, columns);
    SCOPED_TRACE(text);
    Parsed parsed(text);
    ASSERT_TRUE(parsed.kernel);
    auto entries = buildEntries(parsed.kernel, somePlan(random, parsed.kernel, target));
    ASSERT_TRUE(succeeded(entries));
    ASSERT_EQ(entries->size(), 1u);
    Halide::Callable rowwise = jit((*entries)[0].stages[0]);
    Operand gain(random, columns, 1, 1);
    for (int rows : {1, 2, random.between(3, 60)}) {
      Operand x(random, columns, rows), scale(random, rows, 1, 1);
      Guarded<float> out({columns, rows}, random.between(0, 3));
      call(rowwise, x.buffer, gain.buffer, scale.buffer, out);
      auto expected = interpret(parsed.kernel, {x.array, gain.array, scale.array});
      ASSERT_TRUE(succeeded(expected));
      expectNear(out, expected->front());
    }
  });
}

TEST_P(LayerKernel, AStripThatDoesNotDivideThePanelIsADiagnostic) {
  Random random(1);
  Parsed parsed(linearText(random, 8, 48));
  ASSERT_TRUE(parsed.kernel);
  std::string message;
  mlir::ScopedDiagnosticHandler handler(&parsed.context, [&](mlir::Diagnostic &diagnostic) {
    message = diagnostic.str();
    return mlir::success();
  });
  Plan plan{target.name, LinearPlan{.rowTile = 1, .columnVectors = 5}};
  std::string numbers = "column_vectors 5 of the plan, " + std::to_string(5 * target.lanes);
  if (target.isDevice()) {
    plan.form = GpuLinearPlan{.columnThreads = 8, .columnRegisters = 4};
    numbers = "column_threads 8 times column_registers 4 of the plan, 32";
  }
  EXPECT_TRUE(failed(buildEntries(parsed.kernel, plan)));
  EXPECT_EQ(message, "'attn.kernel' op has panels of 48 columns, which " + numbers +
                         " columns on " + target.name + ", does not divide");
}

INSTANTIATE_ON_TARGETS(LayerKernel);
INSTANTIATE_TEST_SUITE_P(Devices, LayerKernel, testing::Values("opencl"),
                         [](const auto &info) { return info.param; });

} // namespace
} // namespace heed::test
