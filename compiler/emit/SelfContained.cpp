#include "compiler/emit/SelfContained.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Header.h"
#include "compiler/emit/Names.h"
#include "compiler/emit/Programs.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

namespace heed {
namespace {

using Words = std::vector<std::string>;

/// Writes the objects into the folder and returns their paths.
llvm::Expected<Words> writeObjects(llvm::ArrayRef<ArchiveMember> objects,
                                   const TemporaryFolder &folder) {
  Words paths;
  for (const ArchiveMember &object : objects) {
    if (llvm::Error error = folder.write(object.name, object.object))
      return error;
    paths.push_back(folder.file(object.name));
  }
  return paths;
}

} // namespace

llvm::Expected<std::string> emitStandaloneObject(const Library &library,
                                                 llvm::ArrayRef<ArchiveMember> objects,
                                                 const std::string &runtime) {
  TemporaryFolder folder;
  if (llvm::Error error = folder.create())
    return error;
  llvm::Expected<Words> paths = writeObjects(objects, folder);
  if (!paths)
    return paths.takeError();

  // COMDAT groups must go before their symbols become private: a group of another library would
  // otherwise replace this one's under it.
  Words link = {"-r", "--force-group-allocation", "-o", folder.file("all.o")};
  Words privatize;
  std::string keep;
  for (const LibraryEntry &entry : library.entries)
    keep += entry.signature.name + "\n";
  for (const RuntimeFunction &f : runtimeFunctions(library)) {
    std::string name = std::string("heed_") + f.name,
                own = toIdentifier(library.name) + "_" + f.name;
    link.insert(link.end(), {"-u", name});
    privatize.insert(privatize.end(), {"--redefine-sym", name + "=" + own});
    keep += own + "\n";
  }
  link.insert(link.end(), paths->begin(), paths->end());
  link.push_back(runtime);
  if (llvm::Error error = folder.write("keep.txt", keep))
    return error;
  if (llvm::Error error = runProgram({"ld", "ld.lld-22", "ld.lld"}, "binutils", link, folder))
    return error;
  // Two runs: objcopy looks for the names to keep before it renames.
  privatize.insert(privatize.end(), {folder.file("all.o"), folder.file("renamed.o")});
  llvm::StringRef objcopy[] = {"objcopy", "llvm-objcopy-22", "llvm-objcopy"};
  if (llvm::Error error = runProgram(objcopy, "binutils", privatize, folder))
    return error;
  Words localize = {"--keep-global-symbols=" + folder.file("keep.txt"), "--strip-unneeded",
                    folder.file("renamed.o"), folder.file("private.o")};
  if (llvm::Error error = runProgram(objcopy, "binutils", localize, folder))
    return error;
  return folder.read("private.o");
}

llvm::Expected<std::string> emitSharedLibrary(const Library &library,
                                              llvm::ArrayRef<ArchiveMember> objects,
                                              const std::string &runtime) {
  TemporaryFolder folder;
  if (llvm::Error error = folder.create())
    return error;
  llvm::Expected<Words> paths = writeObjects(objects, folder);
  if (!paths)
    return paths.takeError();

  Words link = {"-shared",
                "-o",
                folder.file("all.so"),
                "-Wl,-soname," + library.name + ".so",
                "-Wl,-z,defs",
                "-Wl,--gc-sections",
                "-Wl,--version-script," + folder.file("exports.map")};
  std::string exports;
  for (const LibraryEntry &entry : library.entries)
    exports += entry.signature.name + "; ";
  for (const RuntimeFunction &f : runtimeFunctions(library)) {
    std::string name = std::string("heed_") + f.name;
    link.push_back("-Wl,-u," + name);
    exports += name + "; ";
  }
  link.insert(link.end(), paths->begin(), paths->end());
  link.insert(link.end(), {runtime, "-pthread", "-lm"});
  if (llvm::Error error = folder.write("exports.map", "{ global: " + exports + "local: *; };\n"))
    return error;
  if (llvm::Error error = runProgram({"cc", "gcc", "clang-22", "clang"}, "gcc", link, folder))
    return error;
  return folder.read("all.so");
}

llvm::Expected<std::string> findRuntime() {
  llvm::SmallString<128> root(llvm::sys::fs::getMainExecutable(nullptr, nullptr));
  llvm::sys::path::remove_filename(root);
  llvm::sys::path::remove_filename(root);
  std::string tried;
  for (llvm::StringRef folder : {"runtime", "lib"}) {
    llvm::SmallString<128> file(root);
    llvm::sys::path::append(file, folder, "libheed.a");
    if (llvm::sys::fs::exists(file))
      return file.str().str();
    tried += (tried.empty() ? "" : " nor ") + file.str().str();
  }
  return userError("there is neither " + tried + ": build or install Heed's runtime beside heedc");
}

} // namespace heed
