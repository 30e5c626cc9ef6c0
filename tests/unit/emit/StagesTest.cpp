#include "compiler/emit/Stages.h"
#include "compiler/emit/Errors.h"
#include "tests/unit/emit/Toy.h"

#include "llvm/Object/ObjectFile.h"

#include <gmock/gmock.h>

using namespace heed;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::StartsWith;

namespace {

class LoweredToy : public ::testing::Test {
protected:
  Stage stage = toy::stage();
  Halide::Module module = *lowerStage(stage, "toy__sse41");
};

TEST_F(LoweredToy, hasAnObjectWithTheArgvFunction) {
  llvm::Expected<std::string> object = objectCode(module);
  ASSERT_TRUE(!!object);
  auto file = llvm::object::ObjectFile::createObjectFile(llvm::MemoryBufferRef(*object, "toy"));
  ASSERT_TRUE(!!file);
  std::vector<std::string> names;
  for (const auto &symbol : (*file)->symbols())
    names.push_back(symbol.getName()->str());
  EXPECT_THAT(names, Contains("toy__sse41_argv"));
}

TEST_F(LoweredToy, hasLoopsAndAssembly) {
  EXPECT_THAT(*stmtText(module), HasSubstr("toy__sse41"));
  EXPECT_THAT(*assemblyText(module), HasSubstr("toy__sse41_argv:"));
}

TEST(GraphText, showsFormulasProducersFirst) {
  Halide::ImageParam x(Halide::Float(32), 2, "g");
  Halide::Var i("i");
  Halide::Func total("total_g"), out("out_g");
  Halide::RDom j(0, 8, "j");
  j.where(j.x < i);
  total(i) = 0.0f;
  total(i) += x(j, i);
  out(i) = Halide::Tuple(total(i), i);
  std::string text = *graphText({"", Halide::Pipeline(out), {x}, {0, 1}, Halide::Target()});
  EXPECT_EQ(text, "// g_im: float32\n"
                  "g_im(_0, _1) = (float32)g(_0, _1)\n\n"
                  "// total_g: float32\n"
                  "total_g(i) = 0.000000f\n"
                  "total_g(i) = ((float32)total_g(i) + (float32)g_im(j$x, i))\n"
                  "    for j$x in [0, 0 + 8)\n"
                  "    where (j$x < i)\n\n"
                  "// out_g: float32, int32\n"
                  "out_g(i) = {(float32)total_g(i), i}\n\n");
}

TEST(LowerStage, turnsHalidesRefusalIntoOurBug) {
  Halide::Var i("i");
  Halide::Func undefined("undefined"), out("out");
  out(i) = 0.0f;
  Stage stage{"", Halide::Pipeline(out), {}, {0}, Halide::Target("x86-64-linux-no_runtime")};
  Halide::ImageParam unknown(Halide::Float(32), 1, "unknown");
  Halide::Func other("other");
  other(i) = unknown(i);
  stage.pipeline = Halide::Pipeline(other); // its input is not among `inputs`
  llvm::Expected<Halide::Module> module = lowerStage(stage, "bad");
  ASSERT_FALSE(!!module);
  llvm::Error error = module.takeError();
  EXPECT_TRUE(error.isA<OurBug>());
  EXPECT_THAT(llvm::toString(std::move(error)), StartsWith("bad: Halide: "));
}

} // namespace
