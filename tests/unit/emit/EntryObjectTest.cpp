// The generated tables are read back through heed/kernel.h, and the generated function is called:
// this executable plays the runtime and the kernels.
#include "compiler/emit/EntryObject.h"
#include "compiler/emit/Programs.h"
#include "tests/unit/emit/Toy.h"

#include <heed/kernel.h>

#include <dlfcn.h>
#include <gmock/gmock.h>

using namespace heed;
using ::testing::ElementsAre;

static const heed_kernel *calledKernel;
static std::vector<const DLTensor *> calledTensors;

extern "C" {
heed_status heed_call(const heed_kernel *kernel, const DLTensor *const *tensors) {
  calledKernel = kernel;
  calledTensors.assign(tensors, tensors + kernel->argument_count);
  return HEED_WRONG_RANK;
}
int toy__x86_64_avx2_argv(void **) { return 1; }
int toy__x86_64_avx2_more_argv(void **) { return 2; }
int toy__x86_64_sse41_argv(void **) { return 3; }
}

namespace {

class EntryObject : public ::testing::Test {
protected:
  void SetUp() override {
    llvm::Expected<std::string> object = emitEntryObject(toy::library());
    ASSERT_TRUE(!!object) << llvm::toString(object.takeError());
    ASSERT_FALSE(folder.create());
    ASSERT_FALSE(folder.write("entry.o", *object));
    ASSERT_FALSE(runProgram({"cc", "clang-22"}, "gcc",
                            {"-shared", "-o", folder.file("entry.so"), folder.file("entry.o")},
                            folder));
    library = dlopen(folder.file("entry.so").c_str(), RTLD_NOW);
    ASSERT_TRUE(library) << dlerror();
    using Entry = heed_status(const DLTensor *, const DLTensor *, DLTensor *);
    status = reinterpret_cast<Entry *>(dlsym(library, "toy"))(tensors, tensors + 1, tensors + 2);
  }
  void TearDown() override { dlclose(library); }

  TemporaryFolder folder;
  void *library = nullptr;
  DLTensor tensors[3];
  heed_status status;
};

TEST_F(EntryObject, passesItsTensorsInOrderAndReturnsTheStatus) {
  EXPECT_EQ(status, HEED_WRONG_RANK);
  EXPECT_THAT(calledTensors, ElementsAre(tensors, tensors + 1, tensors + 2));
}

TEST_F(EntryObject, describesTheKernel) {
  EXPECT_EQ(calledKernel->abi_version, HEED_ABI_VERSION);
  EXPECT_STREQ(calledKernel->name, "toy");
  ASSERT_EQ(calledKernel->symbol_count, 2u);
  EXPECT_STREQ(calledKernel->symbols[0], "rows");
  EXPECT_STREQ(calledKernel->symbols[1], "heads");
  ASSERT_EQ(calledKernel->multiple_count, 1u);
  EXPECT_EQ(calledKernel->multiples[0].a, -2);
  EXPECT_EQ(calledKernel->multiples[0].b, 4);
}

TEST_F(EntryObject, describesTheArguments) {
  ASSERT_EQ(calledKernel->argument_count, 3u);
  const heed_argument &x = calledKernel->arguments[0], &ids = calledKernel->arguments[1],
                      &out = calledKernel->arguments[2];
  EXPECT_STREQ(x.name, "x");
  EXPECT_EQ(x.type_code, kDLFloat);
  EXPECT_EQ(x.type_bits, 32);
  EXPECT_EQ(x.role, HEED_ROLE_INPUT);
  EXPECT_THAT(std::vector<int64_t>(x.shape, x.shape + x.rank), ElementsAre(-1, 8));
  EXPECT_EQ(x.inner_contiguous, 1);
  EXPECT_EQ(ids.type_code, kDLInt);
  EXPECT_EQ(ids.type_bits, 64);
  EXPECT_EQ(ids.role, HEED_ROLE_INDEX);
  EXPECT_EQ(ids.rank, 1);
  EXPECT_EQ(ids.limit, 30522);
  EXPECT_EQ(ids.inner_contiguous, 0);
  EXPECT_EQ(out.role, HEED_ROLE_OUTPUT);
}

TEST_F(EntryObject, listsVariantsAndTheirStages) {
  ASSERT_EQ(calledKernel->variant_count, 2u);
  const heed_variant &avx2 = calledKernel->variants[0], &sse41 = calledKernel->variants[1];
  EXPECT_STREQ(avx2.target, "x86-64-avx2");
  EXPECT_EQ(avx2.features, 0x1fu);
  EXPECT_EQ(avx2.range_count, 0u);
  EXPECT_EQ(avx2.ranges, nullptr);
  ASSERT_EQ(avx2.stage_count, 2u);
  EXPECT_EQ(avx2.stages[0].call(nullptr), 1);
  EXPECT_EQ(avx2.stages[1].call(nullptr), 2);
  const heed_stage &more = avx2.stages[1];
  EXPECT_THAT(std::vector<int>(more.arguments, more.arguments + more.argument_count),
              ElementsAre(1, 2));
  EXPECT_STREQ(sse41.target, "x86-64-sse41");
  ASSERT_EQ(sse41.stage_count, 1u);
  EXPECT_EQ(sse41.stages[0].call(nullptr), 3);
}

TEST(EntryObjectBytes, dependOnTheLibraryAlone) {
  EXPECT_EQ(*emitEntryObject(toy::library()), *emitEntryObject(toy::library()));
}

} // namespace
