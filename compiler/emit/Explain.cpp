#include "compiler/emit/Explain.h"
#include "compiler/dialect/KernelView.h"
#include "compiler/emit/RegionText.h"
#include "schedules/table/Table.h"

#include <fmt/format.h>

namespace heed {
namespace {

std::string plural(int64_t number, llvm::StringRef noun) {
  return fmt::format("{} {}{}", number, noun.str(), number == 1 ? "" : "s");
}

std::string nameOf(mlir::Value argument) {
  auto block = llvm::cast<mlir::BlockArgument>(argument);
  auto kernel = llvm::cast<attn::KernelOp>(block.getOwner()->getParentOp());
  return kernel.getArgumentName(block.getArgNumber()).str();
}

std::string extent(mlir::Value tensor, unsigned axis, llvm::StringRef noun) {
  auto type = llvm::cast<mlir::RankedTensorType>(tensor.getType());
  return type.isDynamicDim(axis) ? "any number of " + noun.str() + "s"
                                 : plural(type.getDimSize(axis), noun);
}

/// ", 2 masks", nothing for none.
std::string also(size_t number, llvm::StringRef noun) {
  return number ? ", " + plural(number, noun) : "";
}

std::string line(const char *what, const std::string &text) {
  return fmt::format("  {:<10}{}\n", what, text);
}

/// How a bound compares with every position there can be: -1 below, 1 above, 0 neither.
int beyond(const std::string &bound) {
  int64_t value;
  if (llvm::StringRef(bound).getAsInteger(10, value))
    return 0;
  return value >= 1 << 30 ? 1 : value <= 0 ? -1 : 0;
}

/// "[begin, end)" of the keys there are.
std::string interval(const std::string &begin, const std::string &end) {
  if (beyond(begin) > 0 || beyond(end) < 0)
    return "none";
  if (beyond(begin) < 0 && beyond(end) > 0)
    return "all";
  return fmt::format("[{}, {})", beyond(begin) < 0 ? "0" : begin,
                     beyond(end) > 0 ? "key_length" : end);
}

std::string explainStatus(attn::MaskOp mask) {
  auto [may, all] = statusText(mask);
  return line("", "blocks of keys first_key..last_key are skipped unless " + may) +
         line("", "and taken without asking the mask where " + all);
}

std::string explainRanges(attn::MaskOp mask) {
  if (mask.getRanges().empty())
    return line("skipped", "nothing: the mask is asked for every pair");
  auto bounds = rangesText(mask);
  std::string hull = line("skipped", "for a tile of queries first..last, keys that may count: " +
                                         interval(bounds[0], bounds[1]));
  if (!mask.getStatus().empty())
    return hull + explainStatus(mask);
  return hull + line("", "keys that all count, where the mask is not asked: " +
                             interval(bounds[2], bounds[3]));
}

std::string explainAttention(const AttentionView &view) {
  std::string text = fmt::format(
      "{}: attention, {}, {}, size {}{}\n", attn::KernelOp(view.kernel).getSymName().str(),
      extent(view.query, 2, "query head"), extent(view.key, 2, "key head"), view.dim,
      view.valueDim == view.dim ? "" : fmt::format(", values {}", view.valueDim));
  text += line("score", view.scale == 1 ? "dot(query, key)"
                                        : fmt::format("dot(query, key) * {:.7g}", view.scale));
  for (attn::ModifyOp modify : view.modifies)
    text += line("modify", bodyText(modify));
  for (attn::MaskOp mask : view.masks) {
    text += line("mask", "counts where " + bodyText(mask));
    text += explainRanges(mask);
  }
  if (view.keyLengths)
    text += line("length", "keys from " + nameOf(view.keyLengths) +
                               "[batch] on never count and are not read");
  if (view.queryLengths)
    text += line("", "queries from " + nameOf(view.queryLengths) + "[batch] on give 0");
  if (view.queryOffsets)
    text += line("", "query_offset is " + nameOf(view.queryOffsets) + "[batch]");
  std::string regions =
      also(view.modifies.size(), "modify region") + also(view.masks.size(), "mask");
  attn::NormalizeOp normalize = view.normalize;
  text += line("fused", "score" + regions + ", " + normalize.getNormalizerName() +
                            " and weighted sum into one pass");
  if (view.returnsKeys())
    text += line("", "each result with a key axis takes a pass of its own");
  return text;
}

std::string explainLinear(const LinearView &view) {
  attn::LinearOp linear = view.linear;
  return fmt::format("{}: linear, {} inputs, {} outputs\n",
                     attn::KernelOp(view.kernel).getSymName().str(), view.inputs, view.outputs) +
         line("epilogue", bodyText(linear)) +
         line("fused",
              "the epilogue into the product: applied before the sums leave the registers");
}

std::string explainRowwise(const RowwiseView &view) {
  attn::RowwiseOp rowwise = view.rowwise;
  return fmt::format("{}: rowwise, {} columns\n", attn::KernelOp(view.kernel).getSymName().str(),
                     view.columns) +
         line("element", bodyText(rowwise)) + line("fused", "all of it: one row at a time");
}

std::string explainKernel(attn::KernelOp kernel) {
  switch (kindOf(kernel)) { // a kernel that verifies can be viewed
  case KernelKind::Attention:
    return explainAttention(*viewAttention(kernel));
  case KernelKind::Merge:
    return attn::KernelOp(kernel).getSymName().str() + ": merges partial states\n";
  case KernelKind::Linear:
    return explainLinear(*viewLinear(kernel));
  case KernelKind::Rowwise:
    return explainRowwise(*viewRowwise(kernel));
  }
  llvm_unreachable("a kind");
}

std::string explainForm(const OnlinePlan &plan, const TargetInfo &target) {
  std::string tiles = fmt::format("tiles of {} queries ", plan.queryTile);
  if (plan.taskTiles > 1)
    tiles = fmt::format("{} {}share the rows they make, and\n{:12}", plan.taskTiles, tiles, "");
  return fmt::format(
      "{}walk over {} keys at a time, over those that count in groups of {}\n"
      "{:12}where a range ends, by {} queries there, and over {} where data says it;\n"
      "{:12}registers hold {} vectors of {} queries x {} keys, then x {} value columns;\n"
      "{:12}neither scores nor weights are ever stored",
      tiles, plan.keyTile, plan.grain(), "", plan.edgeVectorsOfTile() * target.lanes,
      plan.edgeKeyTile, "", plan.queryVectors, target.lanes, plan.keyUnroll, plan.depthUnroll, "");
}

std::string explainForm(const RowPlan &plan, const TargetInfo &target) {
  return fmt::format(
      "tiles of {} queries; their scores with all keys that may count are stored, {} keys at a\n"
      "{:12}time; registers hold {} vectors of {} queries x {} keys, then x {} value columns",
      plan.queryTile, plan.keyTile, "", plan.queryTile / target.lanes, target.lanes, plan.keyUnroll,
      plan.depthUnroll);
}

std::string explainForm(const SplitPlan &plan, const TargetInfo &target) {
  return fmt::format(
      "keys are split in parts of {}, whose states merge; the queries of all heads that share a\n"
      "{:12}key head are rows: {} keys at a time pass them; registers hold {} rows x {} keys, "
      "then\n"
      "{:12}x {} value columns{}",
      plan.partKeys, "", plan.keyTile, plan.rowTile, plan.keyUnroll, "",
      plan.columnVectors * target.lanes,
      plan.keysAhead ? fmt::format("; rows are fetched {} keys ahead", plan.keysAhead) : "");
}

std::string explainForm(const GpuPlan &plan, const TargetInfo &) {
  return fmt::format(
             "tiles of {} queries, each of a block of {} threads, walk over {} at a time, which\n"
             "{:12}lie in shared memory with their scores and weights; a thread's registers hold "
             "{} queries\n{:12}x {} keys, then x {} value columns",
             plan.queryTile, plan.queryThreads * plan.keyThreads,
             plan.partKeys ? fmt::format("parts of {} keys, {}", plan.partKeys, plan.keyTile)
                           : fmt::format("{} keys", plan.keyTile),
             "", plan.queryRegisters, "", plan.keyRegisters, plan.columns) +
         (plan.partKeys ? ";\n            the parts' states merge" : "");
}

std::string explainForm(const MergePlan &plan, const TargetInfo &) {
  return fmt::format("{} to a task", plural(plan.rowsPerTask, "query row"));
}

std::string explainForm(const LinearPlan &plan, const TargetInfo &target) {
  return fmt::format(
      "registers hold {} rows x {} columns of sums; a task takes up to {} rows through a panel{}",
      plan.rowTile, plan.columnVectors * target.lanes, plan.rowsPerTask,
      plan.prefetch ? ",\n            fetching the next one meanwhile" : "");
}

std::string explainForm(const RowwisePlan &plan, const TargetInfo &target) {
  return fmt::format("{} columns at a time, {} to a task", plan.columnVectors * target.lanes,
                     plural(plan.rowsPerTask, "row"));
}

std::string explainForm(const GpuLinearPlan &plan, const TargetInfo &) {
  return fmt::format(
      "a block of {} threads has {} rows x {} columns of sums, {} inputs at a time in shared "
      "memory;\n{:12}a thread's registers hold {} rows x {} columns",
      plan.rowThreads * plan.columnThreads, plan.rowThreads * plan.rowRegisters,
      plan.columnThreads * plan.columnRegisters, plan.inputTile, "", plan.rowRegisters,
      plan.columnRegisters);
}

std::string explainForm(const GpuRowsPlan &plan, const TargetInfo &) {
  return fmt::format("{} to a block of {} threads, {} a row", plural(plan.rows, "row"),
                     plan.rows * plan.columnThreads, plan.columnThreads);
}

std::string explainPlan(const PlannedKernel &planned) {
  const PlanChoice &choice = planned.choice;
  std::string from = choice.from == "default"
                         ? "the default plan for this kind of kernel, its sizes and the target"
                         : "the plan in " + choice.from;
  if (!choice.machine.empty())
    from += " on " + (choice.machine == machineName() ? "this machine" : choice.machine);
  std::string where = choice.when.empty() ? "" : ", " + rangesText(choice.when);
  std::string form = std::visit([&](const auto &form) { return explainForm(form, planned.target); },
                                choice.plan.form);
  if (!planned.target.extends.empty())
    form += ";\n            bfloat16 is multiplied in pairs (AVX512_BF16)";
  return fmt::format("  {}{}: {}\n            {}\n", planned.target.name, where, from, form);
}

} // namespace

std::string explain(llvm::ArrayRef<PlannedKernel> kernels) {
  std::string text;
  attn::KernelOp last;
  for (const PlannedKernel &planned : kernels) {
    if (planned.kernel != last)
      text += explainKernel(planned.kernel);
    last = planned.kernel;
    text += explainPlan(planned);
  }
  return text;
}

} // namespace heed
