#include "compiler/emit/Archive.h"
#include "compiler/emit/EntryObject.h"
#include "tests/unit/emit/Toy.h"

#include "llvm/Object/Archive.h"

#include <gmock/gmock.h>

using namespace heed;
using ::testing::ElementsAre;

namespace {

std::vector<ArchiveMember> members() {
  return {{"my-toy.o", *emitEntryObject(toy::library())}, {"a_rather_long_member_name_1.o", "x"}};
}

TEST(Archive, holdsItsMembersAndASymbolTable) {
  llvm::Expected<std::string> bytes = emitArchive(members());
  ASSERT_TRUE(!!bytes);
  auto archive = llvm::object::Archive::create(llvm::MemoryBufferRef(*bytes, "toy.a"));
  ASSERT_TRUE(!!archive);
  std::vector<std::string> names, symbols;
  llvm::Error error = llvm::Error::success();
  for (const auto &child : (*archive)->children(error))
    names.push_back(child.getName()->str());
  ASSERT_FALSE(error);
  for (const auto &symbol : (*archive)->symbols())
    symbols.push_back(symbol.getName().str());
  EXPECT_THAT(names, ElementsAre("my-toy.o", "a_rather_long_member_name_1.o"));
  EXPECT_THAT(symbols, ElementsAre("toy"));
}

TEST(Archive, hasNoDates) { EXPECT_EQ(*emitArchive(members()), *emitArchive(members())); }

} // namespace
