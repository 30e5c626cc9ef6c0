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
    using Entry = heed_status(const DLTensor *, const DLTensor *, DLTensor *);
    if (auto *toy = load<Entry>(toy::library()))
      status = toy(tensors, tensors + 1, tensors + 2);
  }
  void TearDown() override {
    for (void *library : loaded)
      dlclose(library);
  }

  /// The function `toy` of the library, NULL on failure.
  template <typename Entry> Entry *load(const Library &entries) {
    llvm::Expected<std::string> object = emitEntryObject(entries);
    if (!object) {
      ADD_FAILURE() << llvm::toString(object.takeError());
      return nullptr;
    }
    TemporaryFolder folder;
    EXPECT_FALSE(folder.create());
    EXPECT_FALSE(folder.write("entry.o", *object));
    EXPECT_FALSE(runProgram({"cc", "clang-22"}, "gcc",
                            {"-shared", "-o", folder.file("entry.so"), folder.file("entry.o")},
                            folder));
    loaded.push_back(dlopen(folder.file("entry.so").c_str(), RTLD_NOW));
    EXPECT_TRUE(loaded.back()) << dlerror();
    return reinterpret_cast<Entry *>(dlsym(loaded.back(), "toy"));
  }

  std::vector<void *> loaded;
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
  ASSERT_EQ(calledKernel->symbol_count, 3u);
  EXPECT_STREQ(calledKernel->symbols[0], "rows");
  EXPECT_STREQ(calledKernel->symbols[1], "heads");
  ASSERT_EQ(calledKernel->multiple_count, 1u);
  EXPECT_EQ(calledKernel->multiples[0].a, -2);
  EXPECT_EQ(calledKernel->multiples[0].b, 4);
  ASSERT_EQ(calledKernel->derived_count, 1u);
  const heed_derived &places = calledKernel->derived[0];
  EXPECT_EQ(places.symbol, 2u);
  ASSERT_EQ(places.term_count, 3u);
  EXPECT_EQ(places.terms[0].extent, -1);
  EXPECT_EQ(places.terms[0].factor, 16);
  EXPECT_EQ(places.terms[2].extent, 7);
  EXPECT_EQ(places.terms[2].factor, 2);
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
  EXPECT_EQ(ids.nonempty_axes, 1);
  EXPECT_EQ(x.nonempty_axes, 0);
  EXPECT_EQ(out.role, HEED_ROLE_OUTPUT);
}

TEST_F(EntryObject, knowsEveryElementType) {
  const std::tuple<ElementType, int, int> types[] = {
      {ElementType::F16, kDLFloat, 16}, {ElementType::BF16, kDLBfloat, 16},
      {ElementType::F32, kDLFloat, 32}, {ElementType::F64, kDLFloat, 64},
      {ElementType::I8, kDLInt, 8},     {ElementType::I32, kDLInt, 32},
      {ElementType::I64, kDLInt, 64},   {ElementType::U8, kDLUInt, 8}};
  Library entries = toy::library();
  std::vector<SignatureArgument> &arguments = entries.entries[0].signature.arguments;
  arguments.clear();
  for (auto [type, code, bits] : types)
    arguments.push_back({.name = "a", .type = type, .role = Role::Input, .shape = {-1}});
  using D = const DLTensor *;
  auto *toy = load<heed_status(D, D, D, D, D, D, D, D)>(entries);
  ASSERT_TRUE(toy);
  D t = tensors;
  toy(t, t, t, t, t, t, t, t);
  for (size_t i = 0; i < std::size(types); ++i) {
    EXPECT_EQ(calledKernel->arguments[i].type_code, std::get<1>(types[i]));
    EXPECT_EQ(calledKernel->arguments[i].type_bits, std::get<2>(types[i]));
  }
}

TEST_F(EntryObject, knowsEveryRole) {
  const std::pair<Role, int> roles[] = {{Role::Input, HEED_ROLE_INPUT},
                                        {Role::Output, HEED_ROLE_OUTPUT},
                                        {Role::KeyLengths, HEED_ROLE_KEY_LENGTHS},
                                        {Role::QueryLengths, HEED_ROLE_QUERY_LENGTHS},
                                        {Role::QueryOffsets, HEED_ROLE_QUERY_OFFSETS},
                                        {Role::Index, HEED_ROLE_INDEX},
                                        {Role::Segments, HEED_ROLE_SEGMENTS}};
  Library entries = toy::library();
  std::vector<SignatureArgument> &arguments = entries.entries[0].signature.arguments;
  arguments.clear();
  for (auto [role, code] : roles)
    arguments.push_back({.name = "a", .type = ElementType::I32, .role = role, .shape = {-1}});
  using D = const DLTensor *;
  auto *toy = load<heed_status(D, D, D, D, D, D, D)>(entries);
  ASSERT_TRUE(toy);
  D t = tensors;
  toy(t, t, t, t, t, t, t);
  for (size_t i = 0; i < std::size(roles); ++i)
    EXPECT_EQ(calledKernel->arguments[i].role, roles[i].second);
}

TEST_F(EntryObject, listsVariantsAndTheirStages) {
  ASSERT_EQ(calledKernel->variant_count, 2u);
  const heed_variant &avx2 = calledKernel->variants[0], &sse41 = calledKernel->variants[1];
  EXPECT_STREQ(avx2.target, "x86-64-avx2");
  EXPECT_EQ(avx2.features, 0x1fu);
  ASSERT_EQ(avx2.range_count, 2u);
  const heed_range &rows = avx2.ranges[0], &batchHeads = avx2.ranges[1];
  EXPECT_THAT(std::vector({rows.a, rows.b, rows.low, rows.high}), ElementsAre(-1, 1, 1, 8));
  EXPECT_THAT(std::vector({batchHeads.a, batchHeads.b, batchHeads.low, batchHeads.high}),
              ElementsAre(-2, 3, 6, INT64_MAX));
  ASSERT_EQ(avx2.stage_count, 2u);
  EXPECT_EQ(avx2.stages[0].call(nullptr), 1);
  EXPECT_EQ(avx2.stages[1].call(nullptr), 2);
  const heed_stage &more = avx2.stages[1];
  EXPECT_THAT(std::vector<int>(more.arguments, more.arguments + more.argument_count),
              ElementsAre(1, 2));
  EXPECT_STREQ(sse41.target, "x86-64-sse41");
  EXPECT_EQ(sse41.range_count, 0u);
  EXPECT_EQ(sse41.ranges, nullptr);
  ASSERT_EQ(sse41.stage_count, 1u);
  EXPECT_EQ(sse41.stages[0].call(nullptr), 3);
}

TEST(EntryObjectBytes, dependOnTheLibraryAlone) {
  EXPECT_EQ(*emitEntryObject(toy::library()), *emitEntryObject(toy::library()));
}

} // namespace
