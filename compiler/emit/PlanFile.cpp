#include "compiler/emit/PlanFile.h"
#include "compiler/emit/Errors.h"

#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/Path.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace heed {

static std::string locate(llvm::StringRef text, size_t byte) {
  llvm::StringRef before = text.take_front(byte ? byte - 1 : 0);
  size_t lineStart = before.rfind('\n') + 1; // npos + 1 is 0
  return fmt::format("{}:{}", before.count('\n') + 1, before.size() - lineStart + 1);
}

std::string formName(const Plan &plan) { return toJson(plan).at("form").get<std::string>(); }

llvm::Expected<PlanFile> PlanFile::read(const std::string &path) {
  auto file = llvm::MemoryBuffer::getFile(path);
  if (!file)
    return userError("cannot read the plan " + path + ": " + file.getError().message());
  llvm::StringRef text = (*file)->getBuffer();
  PlanFile plans;
  plans.path = path;
  bool deep =
      false; // deeper than any plan file, and deep enough to exhaust a recursive reader's stack
  auto limitDepth = [&](int depth, auto, auto &) { return !(deep |= depth > 8); };
  nlohmann::json json;
  try {
    json = nlohmann::json::parse(text.begin(), text.end(), limitDepth);
  } catch (const nlohmann::json::parse_error &error) {
    return userError(path + ":" + locate(text, error.byte) +
                     ": error: this is no JSON: " + error.what());
  }
  if (deep)
    return userError(path + ": error: brackets nest deeper than in any plan");
  bool byKernel = json.is_object() && !json.contains("form") && !json.contains("target");
  if (!byKernel)
    json = nlohmann::json::object({{"", std::move(json)}});
  for (const auto &[kernel, entry] : json.items())
    for (const nlohmann::json &plan : entry.is_array() ? entry : nlohmann::json::array({entry}))
      if (llvm::Error error = plans.add(kernel, plan))
        return error;
  return plans;
}

PlanFile PlanFile::of(Plan plan) {
  PlanFile plans;
  plans.path = "the plan given";
  plans.items.push_back({"", std::move(plan)});
  return plans;
}

llvm::Error PlanFile::add(const std::string &kernel, const nlohmann::json &json) {
  llvm::Expected<Plan> plan = planFromJson(json);
  if (!plan)
    return userError(path + ": error: " + (kernel.empty() ? "" : "kernel '" + kernel + "': ") +
                     llvm::toString(plan.takeError()));
  items.push_back({kernel, *plan});
  return llvm::Error::success();
}

/// Attention has several forms; buildEntries says where a kernel needs another one.
static bool isForAttention(const Plan &plan) {
  return std::holds_alternative<OnlinePlan>(plan.form) ||
         std::holds_alternative<SplitPlan>(plan.form) || std::holds_alternative<RowPlan>(plan.form);
}

/// Whether both are for kernels of one kind.
static bool serveTheSame(const Plan &a, const Plan &b) {
  return a.form.index() == b.form.index() || (isForAttention(a) && isForAttention(b));
}

bool PlanFile::choose(llvm::StringRef kernel, Plan &plan) {
  for (Item &item : items) {
    bool forKernel = item.kernel.empty() || item.kernel == kernel;
    if (!forKernel || item.plan.target != plan.target || !serveTheSame(item.plan, plan))
      continue;
    plan = item.plan;
    return item.used = true;
  }
  return false;
}

llvm::Error PlanFile::checkAllUsed() const {
  for (const Item &item : items)
    if (!item.used)
      return userError(
          path + ": error: no kernel uses the plan" +
          (item.kernel.empty() ? "" : " for '" + item.kernel + "'") + " of form '" +
          formName(item.plan) + "' for " + item.plan.target +
          ": is the target among --target, and is there a kernel of this form and name?");
  return llvm::Error::success();
}

std::string PlanFile::name() const { return llvm::sys::path::filename(path).str(); }

} // namespace heed
