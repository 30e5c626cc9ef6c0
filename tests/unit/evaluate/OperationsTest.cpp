// Every row of the table: Halide expressions, compiled and run, against numbers; numbers against
// values known by hand. NaN and infinities where HalideDomain.h promises them.
#include "compiler/evaluate/HalideDomain.h"
#include "compiler/evaluate/NumbersDomain.h"
#include "tests/unit/Parse.h"

#include <gmock/gmock.h>

#include <cmath>
#include <limits>

using namespace heed;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double notANumber = std::numeric_limits<double>::quiet_NaN();

/// A mask or modify with captures of two operands of `type`, x and y, at the key's position; `body`
/// computes %r of `resultType`.
std::string moduleText(const std::string &type, const std::string &body,
                       const std::string &resultType) {
  std::string tensor = "tensor<?x" + type + ">";
  std::string widen =
      resultType == "f32" ? "%w = arith.addf %r, %zero : f32"
      : resultType == "i1"
          ? "%w = arith.uitofp %r : i1 to f32"
          : (resultType == "index" ? "%c = arith.index_cast %r : index to i32\n"
                                   : "%c = arith.addi %r, %none : " + resultType + "\n") +
                "%w = arith.sitofp %c : " + (resultType == "index" ? "i32" : resultType) +
                " to f32";
  std::string none = resultType == "i32" || resultType == "i64"
                         ? "%none = arith.constant 0 : " + resultType + "\n"
                         : "";
  std::string result =
      resultType == "f32" ? "attn.yield %r : f32" : widen + "\nattn.yield %w : f32";
  return R"(
attn.kernel @k(%q: tensor<?x?x1x1xf32>, %k: tensor<?x?x1x1xf32>, %v: tensor<?x?x1x1xf32>,
               %a: )" +
         tensor + ", %b: " + tensor + R"() -> tensor<?x?x1x1xf32> {
  %s = attn.score dot %q, %k : (tensor<?x?x1x1xf32>, tensor<?x?x1x1xf32>) -> tensor<?x1x?x?xf32>
  %m = attn.modify %s captures(%a, %b : )" +
         tensor + ", " + tensor + R"() {
  ^bb0(%unused: f32, %batch: index, %head: index, %query: index, %key: index, %ta: )" +
         tensor + ", %tb: " + tensor + R"():
    %x = attn.load %ta[%key] : )" +
         tensor + R"(
    %y = attn.load %tb[%key] : )" +
         tensor + "\n" + none + body + "\n" + result + R"(
  } : tensor<?x1x?x?xf32>
  %w = attn.normalize softmax %m : tensor<?x1x?x?xf32>
  %o = attn.weighted_sum %w, %v : (tensor<?x1x?x?xf32>, tensor<?x?x1x1xf32>) -> tensor<?x?x1x1xf32>
  attn.return %o : tensor<?x?x1x1xf32>
})";
}

/// What `body` gives for each pair of operands.
class Operation {
public:
  Operation(std::string type, std::string body, std::string resultType)
      : parsed(moduleText(type, body, resultType)), type(type), body(body) {}

  mlir::Region &region() {
    return (*parsed.kernel().getBody().getOps<attn::ModifyOp>().begin()).getBody();
  }

  double number(double x, double y) {
    Context<Number> context;
    context.load = [&](unsigned capture, llvm::ArrayRef<Number>) {
      double value = capture == 0 ? x : y;
      return type == "f32"  ? Number(value)
             : type == "i1" ? Number(value != 0)
                            : Number(int64_t(value));
    };
    Number zero(int64_t(0));
    return evaluate(region(), {Number(0.0), zero, zero, zero, zero}, context)->front().asReal();
  }

  std::vector<double> halide(const std::vector<std::pair<double, double>> &operands) {
    if (type == "f32")
      return run<float>(operands);
    return type == "i1" ? run<uint8_t>(operands) : run<int32_t>(operands);
  }

  Parsed parsed;
  std::string type, body;

private:
  template <typename T>
  std::vector<double> run(const std::vector<std::pair<double, double>> &operands) {
    int count = static_cast<int>(operands.size());
    Halide::Buffer<T> a(count), b(count);
    for (int i = 0; i < count; ++i)
      a(i) = static_cast<T>(operands[i].first), b(i) = static_cast<T>(operands[i].second);
    Context<Halide::Expr> context;
    context.load = [&](unsigned capture, llvm::ArrayRef<Halide::Expr> index) -> Halide::Expr {
      return capture == 0 ? a(index[0]) : b(index[0]);
    };
    Halide::Var i;
    Halide::Func f;
    f(i) = evaluate(region(), {Halide::Expr(0.0f), 0, 0, 0, i}, context)->front();
    f.vectorize(i, 8, Halide::TailStrategy::GuardWithIf);
    Halide::Buffer<float> output = f.realize({count});
    return std::vector<double>(output.begin(), output.end());
  }
};

/// Compares the domains on all pairs of `values`. Returns false, with the reason reported, where
/// they differ.
void compareDomains(const std::string &type, const std::string &body, const std::string &resultType,
                    std::vector<double> values, double tolerance) {
  SCOPED_TRACE(body);
  Operation operation(type, body, resultType);
  ASSERT_TRUE(operation.parsed) << operation.parsed.errors;
  std::vector<std::pair<double, double>> operands;
  for (double x : values)
    for (double y : values)
      operands.push_back({x, y});
  std::vector<double> results = operation.halide(operands);
  for (size_t i = 0; i < operands.size(); ++i) {
    auto [x, y] = operands[i];
    double expected = operation.number(x, y);
    if (std::isnan(expected))
      EXPECT_TRUE(std::isnan(results[i])) << x << ", " << y << " gives " << results[i];
    else if (std::isinf(expected) || expected == 0)
      EXPECT_EQ(results[i], expected) << x << ", " << y;
    else
      EXPECT_NEAR(results[i] / expected, 1, tolerance) << x << ", " << y;
  }
}

const std::vector<double> reals = {0, 1, -1, 0.5, -2.5, 3.25, 7, -0.125, 40, -40, 1e-3};
const std::vector<double> realsAndNot = {0, 1, -1, 2.5, -40, notANumber, infinity, -infinity};
const std::vector<double> positives = {0.25, 1, 2, 3.5, 20};
const std::vector<double> integers = {0, 1, -1, 2, 3, -3, 7, -8, 100, -101, 30000};
const std::vector<double> shifts = {0, 1, 2, 5, 13};
const std::vector<double> truths = {0, 1};
constexpr double rounding = 1e-7; // of large integers as float32

TEST(Operations, OnReals) {
  for (const char *body :
       {"%r = arith.addf %x, %y : f32", "%r = arith.subf %x, %y : f32",
        "%r = arith.mulf %x, %y : f32", "%r = arith.negf %x : f32", "%r = math.absf %x : f32",
        "%r = math.fma %x, %y, %x : f32", "%r = arith.maximumf %x, %y : f32",
        "%r = arith.minimumf %x, %y : f32", "%r = arith.maxnumf %x, %y : f32",
        "%r = arith.minnumf %x, %y : f32", "%r = math.floor %x : f32", "%r = math.ceil %x : f32",
        "%r = math.trunc %x : f32", "%r = math.roundeven %x : f32",
        "%r = math.clampf %x to [%y, %x] : f32",
        "%t = arith.constant 0.1 : f32\n%r = arith.mulf %x, %t : f32"})
    compareDomains("f32", body, "f32", reals, 1e-6);
}

TEST(Operations, FunctionsOfReals) {
  for (const char *body :
       {"%r = math.exp %x : f32", "%r = math.exp2 %x : f32", "%r = math.tanh %x : f32",
        "%r = math.erf %x : f32", "%r = math.sin %x : f32", "%r = math.cos %x : f32"})
    compareDomains("f32", body, "f32", reals, 2e-6);
  for (const char *body :
       {"%r = arith.divf %x, %y : f32", "%r = math.log %x : f32", "%r = math.log2 %x : f32",
        "%r = math.sqrt %x : f32", "%r = math.rsqrt %x : f32", "%r = math.powf %x, %y : f32"})
    compareDomains("f32", body, "f32", positives, 2e-6);
}

// What the domain promises of NaN and infinities.
TEST(Operations, OnWhatIsNoNumber) {
  for (const char *body : {"%r = arith.maximumf %x, %y : f32", "%r = arith.minimumf %x, %y : f32",
                           "%r = arith.maxnumf %x, %y : f32", "%r = arith.minnumf %x, %y : f32",
                           "%r = math.exp %x : f32", "%r = math.exp2 %x : f32",
                           "%r = math.tanh %x : f32", "%r = math.erf %x : f32",
                           "%r = math.log %x : f32", "%r = math.log2 %x : f32",
                           "%c = arith.cmpf ogt, %x, %y : f32\n%r = arith.select %c, %x, %y : f32"})
    compareDomains("f32", body, "f32", realsAndNot, 2e-6);
  compareDomains("f32", "%r = math.isnan %x : f32", "i1", realsAndNot, 0);
}

TEST(Operations, ComparisonsOfReals) {
  for (const char *predicate : {"oeq", "ogt", "oge", "olt", "ole", "one", "ord", "ueq", "ugt",
                                "uge", "ult", "ule", "une", "uno", "true", "false"})
    compareDomains("f32", std::string("%r = arith.cmpf ") + predicate + ", %x, %y : f32", "i1",
                   realsAndNot, 0);
}

TEST(Operations, OnIntegers) {
  for (const char *op : {"addi", "subi", "muli", "divsi", "floordivsi", "ceildivsi", "remsi",
                         "divui", "remui", "andi", "ori", "xori", "maxsi", "minsi"})
    compareDomains("i32", std::string("%r = arith.") + op + " %x, %y : i32", "i32", integers,
                   rounding);
  for (const char *op : {"shli", "shrsi", "shrui"})
    compareDomains("i32", std::string("%r = arith.") + op + " %x, %y : i32", "i32", shifts,
                   rounding);
  compareDomains("i32", "%r = math.absi %x : i32", "i32", integers, rounding);
  compareDomains("i64", "%r = arith.remsi %x, %y : i64", "i64", integers, rounding);
}

TEST(Operations, ComparisonsOfIntegers) {
  for (const char *predicate :
       {"eq", "ne", "slt", "sle", "sgt", "sge", "ult", "ule", "ugt", "uge"}) {
    compareDomains("i32", std::string("%r = arith.cmpi ") + predicate + ", %x, %y : i32", "i1",
                   integers, rounding);
    compareDomains("i1", std::string("%r = arith.cmpi ") + predicate + ", %x, %y : i1", "i1",
                   truths, 0);
  }
}

TEST(Operations, OnTruths) {
  for (const char *op : {"andi", "ori", "xori", "addi", "subi", "muli"})
    compareDomains("i1", std::string("%r = arith.") + op + " %x, %y : i1", "i1", truths, 0);
  compareDomains("i1", "%r = arith.select %x, %y, %x : i1", "i1", truths, 0);
}

TEST(Operations, Conversions) {
  compareDomains("i32", "%r = arith.sitofp %x : i32 to f32", "f32", integers, rounding);
  compareDomains("i32", "%r = arith.uitofp %x : i32 to f32", "f32", {0, 1, 7, 65535}, 0);
  compareDomains("i32", "%r = arith.extsi %x : i32 to i64", "i64", integers, rounding);
  compareDomains("i32", "%r = arith.extui %x : i32 to i64", "i64", {0, 1, 7, 65535}, 0);
  compareDomains("i32", "%r = arith.index_cast %x : i32 to index", "index", integers, rounding);
  compareDomains("i32", "%r = arith.index_castui %x : i32 to index", "index", {0, 1, 7, 65535}, 0);
  compareDomains("i32", "%r = arith.trunci %x : i32 to i1", "i1", integers, rounding);
  compareDomains("i64", "%r = arith.trunci %x : i64 to i32", "i32", integers, rounding);
  compareDomains("f32", "%r = arith.fptosi %x : f32 to i32", "i32", reals, 0);
  for (const char *op : {"extsi", "extui"})
    compareDomains("i1", std::string("%r = arith.") + op + " %x : i1 to i32", "i32", truths, 0);
  for (const char *op : {"sitofp", "uitofp"})
    compareDomains("i1", std::string("%r = arith.") + op + " %x : i1 to f32", "f32", truths, 0);
}

TEST(Operations, MeanWhatMLIRSays) {
  auto give = [](const char *type, const char *body, const char *resultType, double x, double y) {
    return Operation(type, body, resultType).number(x, y);
  };
  EXPECT_EQ(give("i32", "%r = arith.divsi %x, %y : i32", "i32", -7, 2), -3);
  EXPECT_EQ(give("i32", "%r = arith.floordivsi %x, %y : i32", "i32", -7, 2), -4);
  EXPECT_EQ(give("i32", "%r = arith.floordivsi %x, %y : i32", "i32", 7, -2), -4);
  EXPECT_EQ(give("i32", "%r = arith.ceildivsi %x, %y : i32", "i32", 7, 2), 4);
  EXPECT_EQ(give("i32", "%r = arith.ceildivsi %x, %y : i32", "i32", -7, 2), -3);
  EXPECT_EQ(give("i32", "%r = arith.remsi %x, %y : i32", "i32", -7, 2), -1);
  EXPECT_EQ(give("i32", "%r = arith.divsi %x, %y : i32", "i32", 5, 0), 0);
  EXPECT_EQ(give("i32", "%r = arith.shrui %x, %y : i32", "i32", -1, 28), 15);
  EXPECT_EQ(give("i1", "%r = arith.extsi %x : i1 to i32", "i32", 1, 0), -1);
  EXPECT_EQ(give("i32", "%r = arith.cmpi ult, %x, %y : i32", "i1", 1, -1), 1);
  EXPECT_EQ(give("f32", "%r = arith.maxnumf %x, %y : f32", "f32", notANumber, 3), 3);
  EXPECT_TRUE(std::isnan(give("f32", "%r = arith.maximumf %x, %y : f32", "f32", notANumber, 3)));
  EXPECT_EQ(give("f32", "%t = arith.constant 0.1 : f32\n%r = arith.mulf %x, %t : f32", "f32", 1, 0),
            0.1f);
  EXPECT_EQ(give("f32", "%r = math.roundeven %x : f32", "f32", 2.5, 0), 2);
}

TEST(Operations, UnknownOnesAreNamed) {
  Operation operation("f32", "%r = math.atan %x : f32", "f32");
  ASSERT_TRUE(operation.parsed) << operation.parsed.errors;
  Context<Number> context;
  context.load = [](unsigned, llvm::ArrayRef<Number>) { return Number(1.0); };
  Number zero(int64_t(0));
  EXPECT_TRUE(failed(evaluate(operation.region(), {Number(0.0), zero, zero, zero, zero}, context)));
  EXPECT_THAT(operation.parsed.errors,
              testing::HasSubstr("'math.atan' op is not supported in a region"));
}

/// The indices that a load of `%ta[index]` asks for at key 5, where the capture has 4 elements.
int64_t loadedIndex(const std::string &index) {
  Operation operation("f32", index, "f32");
  EXPECT_TRUE(operation.parsed) << operation.parsed.errors;
  int64_t last = -1;
  Context<Number> context;
  context.load = [&](unsigned, llvm::ArrayRef<Number> indices) {
    last = indices[0].asInteger();
    return Number(1.0);
  };
  context.extent = [](unsigned, unsigned) { return Number(int64_t(4)); };
  Number zero(int64_t(0));
  EXPECT_TRUE(succeeded(
      evaluate(operation.region(), {Number(0.0), zero, zero, zero, Number(int64_t(5))}, context)));
  return last;
}

TEST(Operations, IndicesAreClampedUnlessTheyArePositions) {
  EXPECT_EQ(loadedIndex("%r = attn.load %ta[%key] : tensor<?xf32>"), 5);
  EXPECT_EQ(
      loadedIndex("%i = arith.addi %key, %key : index\n%r = attn.load %ta[%i] : tensor<?xf32>"), 3);
  EXPECT_EQ(
      loadedIndex("%i = arith.subi %query, %key : index\n%r = attn.load %ta[%i] : tensor<?xf32>"),
      0);
}

} // namespace
