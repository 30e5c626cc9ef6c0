#include "compiler/emit/Manifest.h"
#include "compiler/emit/Cache.h"
#include "compiler/emit/Header.h"

#include <heed/kernel.h>

#include <nlohmann/json.hpp>

namespace heed {
namespace {

using Json = nlohmann::ordered_json;

Json extentJson(const Signature &signature, Extent extent) {
  return extent >= 0 ? Json(extent) : Json(signature.symbols.at(-extent - 1));
}

Json argumentJson(const Signature &signature, const SignatureArgument &argument) {
  Json shape = Json::array();
  for (Extent extent : argument.shape)
    shape.push_back(extentJson(signature, extent));
  Json json = {{"name", argument.name},
               {"type", typeName(argument.type).str()},
               {"role", roleName(argument.role).str()},
               {"shape", shape}};
  if (argument.role != Role::Input && argument.role != Role::Output &&
      argument.role != Role::QueryOffsets)
    json["limit"] = extentJson(signature, argument.limit);
  for (size_t axis = 0; axis < argument.shape.size(); ++axis)
    if (argument.nonEmptyAxes >> axis & 1)
      json["nonempty_axes"].push_back(axis);
  return json;
}

Json derivedJson(const Signature &signature, const DerivedExtent &derived) {
  Json terms = Json::array();
  for (auto [extent, factor] : derived.terms)
    terms.push_back({{"extent", extentJson(signature, extent)}, {"factor", factor}});
  return {{"extent", extentJson(signature, derived.symbol)}, {"sum", terms}};
}

Json variantJson(const CompiledVariant &variant) {
  Json objects = Json::array();
  for (const CompiledStage &stage : variant.stages) {
    objects.push_back({{"symbol", stage.symbol},
                       {"bytes", stage.object.size()},
                       {"sha256", sha256(stage.object)}});
    if (!stage.figures.empty())
      objects.back()["kernels"] = Json::parse(stage.figures);
  }
  Json json = {{"target", variant.target.name},
               {"when", Json(rangesToJson(variant.choice.when))},
               {"plan", Json(toJson(variant.choice.plan))},
               {"plan_from", variant.choice.from}};
  if (!variant.choice.machine.empty())
    json["tuned_on"] = variant.choice.machine;
  json["objects"] = objects;
  return json;
}

Json entryJson(const LibraryEntry &entry) {
  const Signature &signature = entry.signature;
  Json arguments = Json::array(), multiples = Json::array(), derived = Json::array(),
       variants = Json::array();
  for (const SignatureArgument &a : signature.arguments)
    arguments.push_back(argumentJson(signature, a));
  for (auto [first, second] : signature.multiples)
    multiples.push_back({extentJson(signature, first), extentJson(signature, second)});
  for (const DerivedExtent &d : signature.derived)
    derived.push_back(derivedJson(signature, d));
  for (const CompiledVariant &v : entry.variants)
    variants.push_back(variantJson(v));
  return {{"name", signature.name},
          {"arguments", arguments},
          {"multiples", multiples},
          {"derived", derived},
          {"variants", variants}};
}

} // namespace

std::string emitManifest(const Library &library) {
  Json entries = Json::array();
  for (const LibraryEntry &entry : library.entries)
    entries.push_back(entryJson(entry));
  Json json = {{"heed", HEED_VERSION},
               {"abi", HEED_ABI_VERSION},
               {"library", library.name},
               {"source", library.source},
               {"entries", entries}};
  return json.dump(2) + "\n";
}

} // namespace heed
