#include "tools/heedc/Output.h"
#include "compiler/emit/Archive.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/Header.h"
#include "compiler/emit/Manifest.h"
#include "compiler/emit/OutputFiles.h"
#include "compiler/emit/SelfContained.h"

#include "llvm/Support/Path.h"
#include "llvm/Support/raw_ostream.h"

namespace heed {
namespace {

/// The bytes of NAME.a or NAME.so.
llvm::Expected<std::string> libraryFile(const CommandLine &line, const Library &library) {
  auto objects = libraryObjects(library);
  if (!objects)
    return objects.takeError();
  if (line.emit == EmitKind::Library && !line.standalone)
    return emitArchive(*objects);
  llvm::Expected<std::string> runtime = findRuntime();
  if (!runtime)
    return runtime.takeError();
  if (line.emit == EmitKind::Shared)
    return emitSharedLibrary(library, *objects, *runtime);
  llvm::Expected<std::string> object = emitStandaloneObject(library, *objects, *runtime);
  if (!object)
    return object.takeError();
  return emitArchive({{library.name + ".o", std::move(*object)}});
}

} // namespace

llvm::Error writeLibrary(const CommandLine &line, Library library, const std::string &fallback) {
  llvm::StringRef base = line.output.empty() ? llvm::StringRef(fallback) : line.output;
  base.consume_back(".a") || base.consume_back(".so");
  library.name = llvm::sys::path::filename(base);
  if (library.name.empty() || library.name == "." || library.name == ".." || base.ends_with("/"))
    return userError("-o " + line.output + " names a folder: add the library's name, as in " +
                     base.rtrim('/') + "/" + fallback);
  llvm::Expected<std::string> file = libraryFile(line, library);
  if (!file)
    return file.takeError();
  OutputFiles outputs;
  for (auto [extension, contents] : {std::pair(line.emit == EmitKind::Shared ? ".so" : ".a", *file),
                                     {".h", emitHeader(library, line.standalone)},
                                     {".json", emitManifest(library)}})
    if (llvm::Error error = outputs.add((base + extension).str(), contents))
      return error;
  return outputs.commit();
}

llvm::Error writeText(const CommandLine &line, llvm::StringRef text) {
  if (line.output.empty())
    return print(text);
  OutputFiles output;
  if (llvm::Error error = output.add(line.output, text))
    return error;
  return output.commit();
}

llvm::Error print(llvm::StringRef text) {
  llvm::raw_fd_ostream &out = llvm::outs();
  out << text;
  out.flush();
  if (!out.has_error())
    return llvm::Error::success();
  std::error_code why = out.error();
  out.clear_error();
  return userError("cannot write to standard output: " + why.message());
}

} // namespace heed
