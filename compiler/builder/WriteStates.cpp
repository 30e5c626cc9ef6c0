// The kernels beside one that gives partial states: they merge two, and finish one.
#include "compiler/builder/Description.h"

#include <algorithm>

namespace heed {
inline namespace builder {
namespace detail {

TensorData Description::output() const {
  return {"out", operands[0].argument->element, {any, any, shape.heads, shape.valueDim}, ""};
}

TensorData Description::partial() const {
  auto states = static_cast<Extent>(normalizer.data->states);
  return {"partial", "$T", {any, any, shape.heads, shape.valueDim + states}, ""};
}

static std::string writeKernel(const std::string &name, const std::string &arguments,
                               const std::string &op, const std::string &names,
                               const std::string &types) {
  return "\nattn.kernel @" + symbol(name) + "(" + arguments + ")\n    -> (" + types + ") {\n  " +
         op + "\n  attn.return " + names + " : " + types + "\n}\n";
}

static std::string writeMerge(const Description &kernel) {
  std::string type = tensorType(kernel.partial());
  return writeKernel(kernel.name + "_merge", "%first: " + type + ", %second: " + type,
                     "%partial = attn.merge " + kernel.normalizer.data->name +
                         " %first, %second : " + type,
                     "%partial", type);
}

static std::string writeFinish(const Description &kernel) {
  std::string state = tensorType(kernel.partial()), arguments = "%partial: " + state;
  std::vector<TensorPtr> captures = capturesOf(*kernel.normalizer.data);
  for (const TensorPtr &capture : captures)
    arguments += ", %" + capture->name + ": " + tensorType(*capture);
  std::string names = "%out", types = tensorType(kernel.output());
  if (std::count(kernel.results.begin(), kernel.results.end(), Result::LogSumExp)) {
    names += ", %log_sum_exp";
    types += ", " + tensorType({any, kernel.shape.heads, any}, "$T");
  }
  return writeKernel(kernel.name + "_finish", arguments,
                     names + " = attn.finish " + kernel.normalizer.data->name + " %partial " +
                         writeCaptures(captures, Scope()) + ": " + state + " -> " + types,
                     names, types);
}

std::string writeStateKernels(const Description &kernel) {
  return writeMerge(kernel) + writeFinish(kernel);
}

} // namespace detail
} // namespace builder
} // namespace heed
