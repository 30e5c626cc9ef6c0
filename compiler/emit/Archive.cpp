#include "compiler/emit/Archive.h"
#include "compiler/emit/DeviceRuntime.h"
#include "compiler/emit/EntryObject.h"
#include "compiler/emit/Errors.h"

#include "llvm/ADT/StringSet.h"
#include "llvm/Object/ArchiveWriter.h"

namespace heed {

llvm::Expected<std::vector<ArchiveMember>> libraryObjects(const Library &library) {
  llvm::Expected<std::string> entry = emitEntryObject(library);
  if (!entry)
    return entry.takeError();
  std::vector<ArchiveMember> objects = {{library.name + ".o", std::move(*entry)}};
  llvm::StringSet<> seen; // variants may share objects
  for (const LibraryEntry &e : library.entries)
    for (const CompiledVariant &variant : e.variants)
      for (const CompiledStage &stage : variant.stages)
        if (seen.insert(stage.symbol).second)
          objects.push_back({stage.symbol + ".o", stage.object});
  for (const LibraryEntry &e : library.entries)
    for (const CompiledVariant &variant : e.variants)
      if (variant.target.isDevice() && seen.insert(variant.target.name).second) {
        llvm::Expected<std::string> runtime = deviceRuntime(variant.target);
        if (!runtime)
          return runtime.takeError();
        objects.push_back({variant.target.name + ".o", std::move(*runtime)});
      }
  return objects;
}

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
