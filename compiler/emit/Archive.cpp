#include "compiler/emit/Archive.h"
#include "compiler/emit/Errors.h"

#include "llvm/Object/ArchiveWriter.h"

namespace heed {

llvm::Expected<std::string> emitArchive(llvm::ArrayRef<ArchiveMember> members) {
  std::vector<llvm::NewArchiveMember> files;
  for (const ArchiveMember &member : members)
    files.emplace_back(llvm::MemoryBufferRef(member.object, member.name));
  auto archive = llvm::writeArchiveToBuffer(files, llvm::SymtabWritingMode::NormalSymtab,
                                            llvm::object::Archive::K_GNU, /*Deterministic=*/true,
                                            /*Thin=*/false);
  if (!archive)
    return ourBug("LLVM cannot write the archive: " + llvm::toString(archive.takeError()));
  return (*archive)->getBuffer().str();
}

} // namespace heed
