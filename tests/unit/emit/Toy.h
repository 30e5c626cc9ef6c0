// A library of one entry that adds 1 to a vector of any length, and the Halide stage it would be
// made of.
#pragma once

#include "compiler/emit/Library.h"
#include "schedules/families/Families.h"

namespace heed::toy {

inline Stage stage() {
  Halide::ImageParam x(Halide::Float(32), 1, "x");
  Halide::Var i("i");
  Halide::Func out("out");
  out(i) = x(i) + 1.0f;
  Halide::Target target("x86-64-linux-sse41-no_asserts-no_bounds_query-no_runtime");
  return {"", Halide::Pipeline(out), {x}, {0, 1}, target};
}

inline Signature signature(const std::string &name = "toy") {
  Signature signature{name,
                      {},
                      {"rows", "heads", "places"},
                      {{-2, 4}},
                      {{-3, {{-1, 16}, {-2, 1}, {7, 2}}}},
                      {{"heads", -2}, {"batch", 3}, {"rows", -1}}};
  signature.arguments.push_back(
      {.name = "x", .type = ElementType::F32, .role = Role::Input, .shape = {-1, 8}});
  signature.arguments.push_back({.name = "ids",
                                 .type = ElementType::I64,
                                 .role = Role::Index,
                                 .shape = {-1},
                                 .limit = 30522,
                                 .nonEmptyAxes = 1,
                                 .innerContiguous = false});
  signature.arguments.push_back(
      {.name = "out", .type = ElementType::F32, .role = Role::Output, .shape = {-1, -2}});
  return signature;
}

inline Library library() {
  TargetInfo big{"x86-64-avx2", "", 8, 16, 0x1f}, small{"x86-64-sse41", "", 4, 16, 1};
  CompiledVariant first{
      big,
      {{}, {{"rows", 1, 8}, {"batch_heads", 6}}, "default"},
      {{"toy__x86_64_avx2", {0, 2}, "A"}, {"toy__x86_64_avx2_more", {1, 2}, "B"}}};
  CompiledVariant second{small, {{}, {}, "mine.json"}, {{"toy__x86_64_sse41", {0, 2}, "C"}}};
  return {"my-toy", "toy.mlir", {{signature(), {first, second}}}};
}

} // namespace heed::toy
