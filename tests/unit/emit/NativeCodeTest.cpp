#include "compiler/emit/NativeCode.h"
#include "compiler/emit/MultiplyAdds.h"
#include "compiler/emit/OrderedSums.h"

#include "llvm/AsmParser/Parser.h"
#include "llvm/Bitcode/BitcodeWriter.h"
#include "llvm/IR/Module.h"
#include "llvm/Support/SourceMgr.h"

#include <gmock/gmock.h>

#include <regex>
#include <sstream>

using namespace heed;
using testing::HasSubstr;
using testing::Not;

namespace {

/// A function of <4 x float> %a, %b, %c and %d with such a body.
std::string function(const std::string &body, const char *features = "+sse2,+fma,+avx2") {
  return "define <4 x float> @f(<4 x float> %a, <4 x float> %b, <4 x float> %c, <4 x float> %d) #0 "
         "{\n" +
         body + "\n}\nattributes #0 = { \"target-features\"=\"" + features + "\" }\n";
}

std::unique_ptr<llvm::Module> parse(llvm::LLVMContext &context, const std::string &text) {
  llvm::SMDiagnostic mistake;
  auto module = llvm::parseAssemblyString(text, mistake, context);
  EXPECT_TRUE(module) << mistake.getMessage().str();
  return module;
}

std::string fused(const std::string &text) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module = parse(context, text);
  fuseMultiplyAdds(*module);
  std::string result;
  llvm::raw_string_ostream out(result);
  module->getFunction("f")->print(out);
  return result;
}

TEST(MultiplyAdds, aSumWithAProductIsOne) {
  EXPECT_THAT(fused(function("%p = fmul <4 x float> %a, %b\n%s = fadd <4 x float> %c, %p\n"
                             "ret <4 x float> %s")),
              HasSubstr("@llvm.fma.v4f32(<4 x float> %a, <4 x float> %b, <4 x float> %c)"));
}

TEST(MultiplyAdds, whateverElseUsesTheProduct) {
  std::string text = fused(function("%p = fmul <4 x float> %a, %b\n%s = fadd <4 x float> %c, %p\n"
                                    "%t = fsub <4 x float> %s, %p\nret <4 x float> %t"));
  EXPECT_THAT(text, Not(HasSubstr("fmul")));
  EXPECT_THAT(text, Not(HasSubstr("fsub")));
  EXPECT_THAT(text, HasSubstr("fneg"));
}

TEST(MultiplyAdds, ofTwoProductsTheOneThatNobodyMayContract) {
  std::string product = "%p = fmul <4 x float> %a, %b\n",
              sum = "%s = fadd <4 x float> %p, %q\nret <4 x float> %s";
  EXPECT_THAT(fused(function(product + "%q = fmul contract <4 x float> %c, %d\n" + sum)),
              HasSubstr("@llvm.fma.v4f32(<4 x float> %a, <4 x float> %b, <4 x float> %q)"));
  EXPECT_THAT(fused(function(product + "%q = fmul <4 x float> %c, %d\n" + sum)),
              Not(HasSubstr("fma.v4f32(")));
}

TEST(MultiplyAdds, theFirstOfASumIsOneToo) {
  std::string text = fused(function("%p = fmul <4 x float> %a, %b\n"
                                    "%s = fadd <4 x float> zeroinitializer, %p\n"
                                    "%q = fmul <4 x float> %c, %d\n%t = fadd <4 x float> %s, %q\n"
                                    "ret <4 x float> %t"));
  EXPECT_THAT(text, HasSubstr("(<4 x float> %a, <4 x float> %b, <4 x float> zeroinitializer)"));
  EXPECT_THAT(text, HasSubstr("@llvm.fma.v4f32(<4 x float> %c, <4 x float> %d, "));
}

TEST(MultiplyAdds, notOfNarrowNumbers) {
  EXPECT_THAT(fused("define half @f(half %a, half %b) #0 {\n%p = fmul half %a, %b\n"
                    "%s = fadd half %a, %p\nret half %s\n}\n"
                    "attributes #0 = { \"target-features\"=\"+fma\" }\n"),
              HasSubstr("fadd"));
}

TEST(MultiplyAdds, throughShufflesOfProducts) {
  std::string text = fused(function(
      "%p = fmul <4 x float> %a, %b\n%q = fmul <4 x float> %c, %d\n"
      "%r = shufflevector <4 x float> %p, <4 x float> %q, <4 x i32> <i32 0, i32 4, i32 1, i32 5>\n"
      "%s = fadd <4 x float> %r, %d\nret <4 x float> %s"));
  EXPECT_THAT(text, HasSubstr("shufflevector <4 x float> %a, <4 x float> %c"));
  EXPECT_THAT(text, HasSubstr("fma.v4f32("));
  EXPECT_THAT(text, Not(HasSubstr("fmul")));
}

TEST(MultiplyAdds, onlyWhereTheTargetHasThem) {
  EXPECT_THAT(fused(function("%p = fmul <4 x float> %a, %b\n%s = fadd <4 x float> %c, %p\n"
                             "ret <4 x float> %s",
                             "+sse2,+sse4.1")),
              Not(HasSubstr("fma.v4f32(")));
}

std::string assembly(const std::string &text) {
  llvm::LLVMContext context;
  std::unique_ptr<llvm::Module> module = parse(context, text);
  std::string bitcode;
  llvm::raw_string_ostream out(bitcode);
  llvm::WriteBitcodeToFile(*module, out);
  return llvm::cantFail(machineCode(bitcode, "f", llvm::CodeGenFileType::AssemblyFile));
}

TEST(NativeCode, fusesByThatRuleAlone) {
  EXPECT_THAT(assembly(function("%p = fmul <4 x float> %a, %b\n%s = fadd <4 x float> %c, %p\n"
                                "ret <4 x float> %s")),
              HasSubstr("vfmadd"));
  EXPECT_THAT(assembly(function("%p = fmul <4 x float> %a, %b\n%q = fmul <4 x float> %c, %d\n"
                                "%s = fadd <4 x float> %p, %q\nret <4 x float> %s")),
              Not(HasSubstr("vfmadd")));
}

// As a loop over bytes it took 40% of a window's time.
TEST(NativeCode, memsetIsACall) {
  EXPECT_THAT(
      assembly("declare void @llvm.memset.p0.i64(ptr, i8, i64, i1)\n"
               "define void @f(ptr %p, i64 %n) {\n"
               "call void @llvm.memset.p0.i64(ptr %p, i8 0, i64 %n, i1 false)\nret void\n}\n"),
      HasSubstr("memset@PLT"));
}

TEST(NativeCode, whatIsNoBitcodeIsRefused) {
  auto code = machineCode("no bitcode", "layer", llvm::CodeGenFileType::ObjectFile);
  EXPECT_THAT(llvm::toString(code.takeError()), HasSubstr("layer: Halide's bitcode: "));
}

std::string ordered(const Halide::Expr &value, bool hasMultiplyAdds) {
  std::ostringstream text;
  text << OrderedSums(hasMultiplyAdds).mutate(value);
  return std::regex_replace(text.str(), std::regex("\\(float32(x8)?\\)"), ""); // types of calls
}

TEST(OrderedSums, numbersAreFusedAndVectorsStrict) {
  using namespace Halide;
  Expr a = Internal::Variable::make(Float(32), "a"), b = Internal::Variable::make(Float(32), "b"),
       c = Internal::Variable::make(Float(32), "c");
  EXPECT_THAT(ordered(c + a * b, true), HasSubstr("llvm.fma.f32(a, b, c)"));
  EXPECT_THAT(ordered(c - a * b, true), HasSubstr("llvm.fma.f32(strict_mul(a, -1.000000f), b, c)"));
  EXPECT_THAT(ordered(a * b - c, true), HasSubstr("llvm.fma.f32(a, b, strict_mul(c, -1.000000f))"));
  EXPECT_THAT(ordered(c + a * b, false), HasSubstr("strict_add(c, strict_mul(a, b))"));
  Expr x = Internal::Variable::make(Float(32, 8), "x"),
       y = Internal::Variable::make(Float(32, 8), "y");
  EXPECT_THAT(ordered(x + x * y, true), HasSubstr("strict_add(x, strict_mul(x, y))"));
  EXPECT_THAT(ordered(x * x + y * y, true), HasSubstr("strict_add(strict_mul(x, x), y*y)"));
  Expr n = Internal::Variable::make(Int(32), "n");
  EXPECT_EQ(ordered(n + n * 2, true), "(n + (n*2))");
}

TEST(OrderedSums, lanesAddUpInATree) {
  using namespace Halide;
  Expr x = Internal::Variable::make(Float(32, 8), "x");
  std::string text = ordered(Internal::VectorReduce::make(Internal::VectorReduce::Add, x, 2), true);
  EXPECT_THAT(text, Not(HasSubstr("vector_reduce")));
  EXPECT_THAT(text, HasSubstr("strict_add"));
  Expr most = Internal::VectorReduce::make(Internal::VectorReduce::Max, x, 2);
  EXPECT_THAT(ordered(most, true), HasSubstr("vector_reduce"));
}

} // namespace
