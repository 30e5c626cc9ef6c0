#include "compiler/emit/PlanFile.h"
#include "compiler/emit/Errors.h"
#include "schedules/table/JsonText.h"

#include "llvm/Support/Path.h"

#include <nlohmann/json.hpp>

namespace heed {

llvm::Expected<PlanFile> PlanFile::read(const std::string &path) {
  llvm::Expected<JsonText> text = readJson("the plan", path);
  if (!text)
    return userError(llvm::toString(text.takeError()));
  nlohmann::json json = std::move(text->json);
  PlanFile plans;
  plans.path = path;
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
  plans.items.push_back({"", {std::move(plan), {}, plans.path}});
  return plans;
}

llvm::Error PlanFile::add(const std::string &kernel, const nlohmann::json &json) {
  llvm::Expected<PlanChoice> choice = choiceFromJson(json);
  if (!choice)
    return userError(path + ": error: " + (kernel.empty() ? "" : "kernel '" + kernel + "': ") +
                     llvm::toString(choice.takeError()));
  choice->from = name();
  items.push_back({kernel, std::move(*choice)});
  return llvm::Error::success();
}

/// Attention has several forms; buildEntries says where a kernel needs another one.
static bool isForAttention(const Plan &plan) {
  return std::holds_alternative<OnlinePlan>(plan.form) ||
         std::holds_alternative<SplitPlan>(plan.form) ||
         std::holds_alternative<RowPlan>(plan.form) || std::holds_alternative<GpuPlan>(plan.form);
}

/// Whether both are for kernels of one kind.
static bool serveTheSame(const Plan &a, const Plan &b) {
  return a.form.index() == b.form.index() || (isForAttention(a) && isForAttention(b));
}

std::vector<PlanChoice> PlanFile::choose(llvm::StringRef kernel, const Plan &like) {
  std::vector<PlanChoice> chosen;
  for (Item &item : items) {
    const Plan &plan = item.choice.plan;
    bool forKernel = item.kernel.empty() || item.kernel == kernel;
    if (!forKernel || plan.target != like.target || !serveTheSame(plan, like))
      continue;
    item.used = true;
    chosen.push_back(item.choice);
    if (item.choice.when.empty())
      break;
  }
  return chosen;
}

llvm::Error PlanFile::checkAllUsed() const {
  for (const Item &item : items)
    if (!item.used)
      return userError(
          path + ": error: no kernel uses the plan" +
          (item.kernel.empty() ? "" : " for '" + item.kernel + "'") + " of form '" +
          formName(item.choice.plan) + "' for " + item.choice.plan.target +
          ": is the target among --target, is there a kernel of this form and name, and does no "
          "plan before it serve every shape?");
  return llvm::Error::success();
}

std::string PlanFile::name() const { return llvm::sys::path::filename(path).str(); }

} // namespace heed
