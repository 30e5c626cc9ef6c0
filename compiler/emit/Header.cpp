#include "compiler/emit/Header.h"
#include "compiler/emit/Names.h"

#include "llvm/ADT/STLExtras.h"

#include <fmt/format.h>

#include <set>

namespace heed {
namespace {

std::string extentText(const Signature &signature, Extent extent) {
  return extent >= 0 ? std::to_string(extent) : signature.symbols.at(-extent - 1);
}

/// "16 * pages + new".
std::string sumText(const Signature &signature, const DerivedExtent &derived) {
  std::string text;
  for (auto [extent, factor] : derived.terms)
    text += (text.empty() ? "" : " + ") + (factor == 1 ? "" : fmt::format("{} * ", factor)) +
            extentText(signature, extent);
  return text;
}

/// What must hold between the extents, a sentence a line.
std::string relations(const Signature &signature) {
  std::string text;
  for (auto [first, second] : signature.multiples)
    text += fmt::format(" *   {} is a multiple of {}.\n", extentText(signature, first),
                        extentText(signature, second));
  for (const DerivedExtent &d : signature.derived)
    text += fmt::format(" *   {} is {}.\n", extentText(signature, d.symbol), sumText(signature, d));
  std::set<Extent> nonEmpty;
  for (const SignatureArgument &a : signature.arguments)
    for (size_t axis = 0; axis < a.shape.size(); ++axis)
      if (a.nonEmptyAxes >> axis & 1 && a.shape[axis] < 0 && nonEmpty.insert(a.shape[axis]).second)
        text += fmt::format(" *   {} is at least 1.\n", extentText(signature, a.shape[axis]));
  return text;
}

std::string describe(const Signature &signature, const SignatureArgument &argument) {
  std::string limit = extentText(signature, argument.limit);
  switch (argument.role) {
  case Role::Input:
    return "in";
  case Role::Output:
    return "out";
  case Role::KeyLengths:
  case Role::QueryLengths:
    return fmt::format("in: {} of each batch entry, 0 to {}", roleName(argument.role), limit);
  case Role::QueryOffsets:
    return "in: the place of each batch entry's first query among its keys";
  case Role::Index:
    return fmt::format("in: 0 <= value < {}", limit);
  case Role::Segments:
    return fmt::format("in: cumulative lengths, nondecreasing, 0 to {}", limit);
  }
  llvm_unreachable("a role");
}

/// Broken at 100 columns, aligned behind the bracket.
std::string prototype(const Signature &signature) {
  std::string text = fmt::format("heed_status {}(", signature.name), separator;
  size_t indent = text.size(), column = indent;
  for (const SignatureArgument &a : signature.arguments) {
    std::string parameter =
        fmt::format("{}DLTensor *{}", a.role == Role::Output ? "" : "const ", a.name);
    if (!separator.empty() && column + parameter.size() > 96) {
      separator = ",\n" + std::string(indent, ' ');
      column = indent;
    }
    text += separator + parameter;
    column += parameter.size() + 2;
    separator = ", ";
  }
  return text + ");\n";
}

std::string documentation(const Signature &signature) {
  size_t nameWidth = 0, shapeWidth = 0;
  auto shapeAndType = [&](const SignatureArgument &a) {
    return fmt::format("{} {}", shapeText(signature, a), typeName(a.type));
  };
  for (const SignatureArgument &a : signature.arguments) {
    nameWidth = std::max(nameWidth, a.name.size());
    shapeWidth = std::max(shapeWidth, shapeAndType(a).size());
  }
  std::string text = fmt::format("/* {}\n", signature.name);
  for (const SignatureArgument &a : signature.arguments)
    text += fmt::format(" *   {:<{}}  {:<{}}  {}\n", a.name, nameWidth, shapeAndType(a), shapeWidth,
                        describe(signature, a));
  return text + relations(signature) + " */\n";
}

/// The packed weights that NAME_pack writes: (panels, inputs, panel width), all fixed.
std::string packedShape(const Library &library, const Signature &signature) {
  auto pack = llvm::find_if(library.entries, [&](const LibraryEntry &entry) {
    return entry.signature.name == signature.name + "_pack";
  });
  if (pack == library.entries.end())
    return "";
  const std::vector<Extent> &shape = pack->signature.arguments.back().shape;
  if (shape.size() != 3)
    return "";
  std::string macro = toMacro(signature.name);
  return fmt::format(
      "/* {}'s weights as {}_pack writes them: (panels, inputs, panel width) */\n"
      "#define {}_PACKED_PANELS {}\n#define {}_PACKED_INPUTS {}\n#define {}_PACKED_WIDTH {}\n\n",
      signature.name, signature.name, macro, shape[0], macro, shape[1], macro, shape[2]);
}

std::string standaloneRuntime(const Library &library) {
  std::string text =
      "/* The runtime inside this library is its own; these are its functions, as heed/heed.h\n"
      " * describes them under heed_. */\n";
  for (const RuntimeFunction &f : runtimeFunctions(library))
    text +=
        fmt::format("{}{}_{}({});\n", f.result, toIdentifier(library.name), f.name, f.parameters);
  return text + "\n";
}

} // namespace

std::vector<RuntimeFunction> runtimeFunctions(const Library &library) {
  std::vector<RuntimeFunction> functions = {
      {"status_name", "const char *", "heed_status status"},
      {"last_error", "const char *", "void"},
      {"set_threads", "void ", "int n"},
      {"threads", "int ", "void"},
      {"set_run_loop", "void ", "heed_run_loop run, void *context"},
      {"host_target", "const char *", "void"},
  };
  if (library.hasDevices())
    functions.insert(functions.end(),
                     {{"device_allocate", "heed_status ", "DLTensor *tensor"},
                      {"device_free", "heed_status ", "DLTensor *tensor"},
                      {"device_copy", "heed_status ", "const DLTensor *from, DLTensor *to"}});
  return functions;
}

llvm::StringRef typeName(ElementType type) {
  switch (type) {
  case ElementType::F16:
    return "float16";
  case ElementType::BF16:
    return "bfloat16";
  case ElementType::F64:
    return "float64";
  case ElementType::I8:
    return "int8";
  case ElementType::F32:
    return "float32";
  case ElementType::I32:
    return "int32";
  case ElementType::I64:
    return "int64";
  case ElementType::U8:
    return "uint8";
  }
  llvm_unreachable("an element type");
}

llvm::StringRef roleName(Role role) {
  switch (role) {
  case Role::Input:
    return "input";
  case Role::Output:
    return "output";
  case Role::KeyLengths:
    return "key lengths";
  case Role::QueryLengths:
    return "query lengths";
  case Role::QueryOffsets:
    return "query offsets";
  case Role::Index:
    return "index";
  case Role::Segments:
    return "segments";
  }
  llvm_unreachable("a role");
}

std::string shapeText(const Signature &signature, const SignatureArgument &argument) {
  std::string text;
  for (Extent extent : argument.shape)
    text += (text.empty() ? "" : ", ") + extentText(signature, extent);
  return "(" + text + ")";
}

std::string emitHeader(const Library &library, bool standalone) {
  std::string guard = toMacro(library.name) + "_H";
  std::string text = fmt::format("/* {0}.h - generated by heedc {1} from {2}; do not edit.\n *\n"
                                 " * Every function takes DLPack tensors in CPU memory and returns "
                                 "HEED_OK or what is wrong with them;\n"
                                 " * heed/heed.h says more. */\n"
                                 "#ifndef {3}\n#define {3}\n\n#include <heed/heed.h>\n\n#ifdef "
                                 "__cplusplus\nextern \"C\" {{\n#endif\n\n",
                                 library.name, HEED_VERSION, library.source, guard);
  for (const LibraryEntry &entry : library.entries)
    text += packedShape(library, entry.signature) + documentation(entry.signature) +
            prototype(entry.signature) + "\n";
  if (standalone)
    text += standaloneRuntime(library);
  return text + "#ifdef __cplusplus\n}\n#endif\n#endif\n";
}

} // namespace heed
