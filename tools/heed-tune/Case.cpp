#include "tools/heed-tune/Case.h"
#include "compiler/emit/Compile.h"
#include "compiler/emit/Errors.h"
#include "compiler/emit/KeyOf.h"
#include "compiler/emit/Ranges.h"
#include "schedules/families/Families.h"
#include "schedules/table/Choose.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"

namespace heed::tune {
namespace {

/// The extents that tables know.
Shape tableShape(const Signature &signature, const measure::Shapes &shapes, const KernelKey &key) {
  auto value = [&](const char *name) -> int64_t {
    std::optional<BoundedExtent> extent = findExtent(signature, name);
    return extent ? shapes(extent->first) * shapes(extent->second) : 1;
  };
  if (key.kind == "attention")
    return {{"queries", value("queries")},
            {"keys", value("keys")},
            {"batch_heads", value("batch_heads")}};
  if (key.kind == "merge")
    return {{"queries", value("queries")}, {"batch_heads", value("batch_heads")}};
  return {{"rows", value("rows") * value("batch_heads") * value("positions")}};
}

/// The key that a measurement says something of: its number of heads is known, the kernel's may not
/// be.
KernelKey measuredKey(KernelKey key, const Signature &signature, const measure::Shapes &shapes) {
  std::optional<BoundedExtent> heads = findExtent(signature, "heads"),
                               keyHeads = findExtent(signature, "key_heads");
  if (key.kind == "attention" && key.group == 0 && heads && keyHeads)
    key.group = shapes(heads->first) / shapes(keyHeads->first);
  return key;
}

/// The plans to begin with, that which calls of the shape get without a table first.
mlir::FailureOr<std::vector<Plan>> startsFor(const measure::Kernel &kernel, const Shape &shape,
                                             const TargetInfo &target) {
  mlir::FailureOr<std::vector<Plan>> starts = startingPlans(kernel.compiled, target);
  mlir::FailureOr<std::vector<PlanChoice>> defaults = defaultPlans(kernel.compiled, target);
  if (failed(starts) || failed(defaults))
    return mlir::failure();
  auto chosen = llvm::find_if(
      *defaults, [&](const PlanChoice &choice) { return isWithin(shape, choice.when); });
  if (chosen == defaults->end())
    return starts;
  llvm::erase_if(*starts,
                 [&](const Plan &plan) { return plan.form.index() == chosen->plan.form.index(); });
  starts->insert(starts->begin(), chosen->plan);
  return starts;
}

std::string layoutNames(llvm::ArrayRef<measure::Layout> layouts) {
  std::string names;
  for (measure::Layout layout : layouts)
    names += (names.empty() ? "" : ",") + measure::layoutName(layout).str();
  return names;
}

llvm::Expected<Call> makeCall(const measure::Kernel &kernel, const measure::Shapes &shapes,
                              measure::Layout layout) {
  measure::Data data = measure::Data::make(kernel.signature, shapes, layout);
  auto reference = measure::Reference::compute(kernel, data.inputs());
  if (!reference)
    return reference.takeError();
  return Call{std::move(data), std::move(*reference)};
}

} // namespace

TableEntry Case::entry(const Trial &trial) const {
  double share = trial.peak > 0 ? operations / trial.seconds / trial.peak : 0;
  return {problem.kernel,        problem.shape, trial.plan, trial.setting.machine,
          trial.setting.threads, trial.seconds, share};
}

llvm::Expected<Case> prepareCase(const measure::Kernels &kernels, const measure::Extents &extents,
                                 const Conditions &conditions) {
  const measure::Kernel &kernel = kernels.all().front();
  std::string unknown = measure::unknownExtent(kernel.signature, extents);
  if (!unknown.empty())
    return userError("--shape: " + kernel.signature.name + " has no extent '" + unknown +
                     "' that is open; it has: " + llvm::join(kernel.signature.symbols, ", "));
  auto shapes = measure::Shapes::resolve(kernel.signature, extents);
  if (!shapes)
    return userError(kernel.signature.name + ": " + llvm::toString(shapes.takeError()));
  mlir::FailureOr<KernelKey> key = keyOf(kernel.compiled);
  mlir::FailureOr<TargetInfo> target = codeTarget(kernel.compiled, conditions.target);
  if (failed(key) || failed(target))
    return llvm::make_error<Reported>();
  mlir::FailureOr<PlanUses> uses = usesOf(kernel.compiled, *target);
  if (failed(uses))
    return llvm::make_error<Reported>();
  Shape shape = tableShape(kernel.signature, *shapes, *key);
  mlir::FailureOr<std::vector<Plan>> starts = startsFor(kernel, shape, *target);
  if (failed(starts))
    return llvm::make_error<Reported>();
  Case c;
  c.module = kernels.compiled();
  c.kernel = &kernel;
  c.conditions = conditions;
  c.conditions.target = *target;
  c.starts = std::move(*starts);
  std::string shown = measure::showExtents(shapes->extents());
  c.name = kernel.signature.name + " " + shown;
  for (measure::Layout layout : conditions.layouts) {
    llvm::Expected<Call> call = makeCall(kernel, *shapes, layout);
    if (!call)
      return call.takeError();
    c.calls.push_back(std::move(*call));
  }
  mlir::FailureOr<measure::Work> work = measure::workOf(kernel, c.calls.front().data.inputs());
  if (failed(work))
    return llvm::make_error<Reported>();
  c.operations = work->operations;
  c.bytes = c.calls.front().data.bytes();
  c.problem = {measuredKey(*key, kernel.signature, *shapes), shape, *target, *uses, work->pairs};
  c.setting = {.machine = machineName(),
               .compiler = compilerIdentity().substr(0, 16),
               .kernel = sha256(canonicalText(kernel.compiled)).substr(0, 16),
               .target = target->name,
               .extents = shown,
               .layouts = layoutNames(conditions.layouts),
               .threads = conditions.threads};
  return c;
}

} // namespace heed::tune
