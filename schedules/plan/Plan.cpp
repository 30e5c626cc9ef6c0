#include "schedules/plan/Plan.h"

#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <set>

namespace heed {
namespace {

using Json = nlohmann::json;

// One list of fields a form, read by both directions.
template <typename Visitor> void visitFields(Visitor &&visit, OnlinePlan &plan) {
  visit("query_tile", plan.queryTile);
  visit("task_tiles", plan.taskTiles);
  visit("key_tile", plan.keyTile);
  visit("edge_key_tile", plan.edgeKeyTile);
  visit("query_vectors", plan.queryVectors);
  visit("edge_vectors", plan.edgeVectors);
  visit("key_unroll", plan.keyUnroll);
  visit("depth_unroll", plan.depthUnroll);
  visit("reduce_unroll", plan.reduceUnroll);
  visit("turn", plan.turn);
}

template <typename Visitor> void visitFields(Visitor &&visit, RowPlan &plan) {
  visit("query_tile", plan.queryTile);
  visit("key_tile", plan.keyTile);
  visit("key_unroll", plan.keyUnroll);
  visit("depth_unroll", plan.depthUnroll);
  visit("turn", plan.turn);
}

template <typename Visitor> void visitFields(Visitor &&visit, SplitPlan &plan) {
  visit("part_keys", plan.partKeys);
  visit("key_tile", plan.keyTile);
  visit("key_heads", plan.keyHeads);
  visit("row_tile", plan.rowTile);
  visit("key_unroll", plan.keyUnroll);
  visit("column_vectors", plan.columnVectors);
  visit("reduce_unroll", plan.reduceUnroll);
  visit("keys_ahead", plan.keysAhead);
}

template <typename Visitor> void visitFields(Visitor &&visit, GpuPlan &plan) {
  visit("query_tile", plan.queryTile);
  visit("key_tile", plan.keyTile);
  visit("query_threads", plan.queryThreads);
  visit("key_threads", plan.keyThreads);
  visit("query_registers", plan.queryRegisters);
  visit("key_registers", plan.keyRegisters);
  visit("columns", plan.columns);
  visit("reduce_unroll", plan.reduceUnroll);
  visit("part_keys", plan.partKeys);
}

template <typename Visitor> void visitFields(Visitor &&visit, MergePlan &plan) {
  visit("rows_per_task", plan.rowsPerTask);
}

template <typename Visitor> void visitFields(Visitor &&visit, LinearPlan &plan) {
  visit("row_tile", plan.rowTile);
  visit("column_vectors", plan.columnVectors);
  visit("rows_per_task", plan.rowsPerTask);
  visit("prefetch", plan.prefetch);
}

template <typename Visitor> void visitFields(Visitor &&visit, RowwisePlan &plan) {
  visit("column_vectors", plan.columnVectors);
  visit("rows_per_task", plan.rowsPerTask);
}

template <typename Visitor> void visitFields(Visitor &&visit, GpuLinearPlan &plan) {
  visit("row_threads", plan.rowThreads);
  visit("column_threads", plan.columnThreads);
  visit("row_registers", plan.rowRegisters);
  visit("column_registers", plan.columnRegisters);
  visit("input_tile", plan.inputTile);
  visit("reduce_unroll", plan.reduceUnroll);
}

template <typename Visitor> void visitFields(Visitor &&visit, GpuRowsPlan &plan) {
  visit("rows", plan.rows);
  visit("column_threads", plan.columnThreads);
}

const char *nameOf(const OnlinePlan &) { return "online"; }
const char *nameOf(const RowPlan &) { return "row"; }
const char *nameOf(const SplitPlan &) { return "split"; }
const char *nameOf(const GpuPlan &) { return "gpu"; }
const char *nameOf(const MergePlan &) { return "merge"; }
const char *nameOf(const LinearPlan &) { return "linear"; }
const char *nameOf(const RowwisePlan &) { return "rowwise"; }
const char *nameOf(const GpuLinearPlan &) { return "gpu_linear"; }
const char *nameOf(const GpuRowsPlan &) { return "gpu_rows"; }

// Reads the fields of one form and collects what is wrong with the first bad one.
class FieldReader {
public:
  explicit FieldReader(const Json &json) : json(json) {}

  void operator()(const char *key, int &value) {
    const Json *field = find(key);
    if (!field)
      return;
    // As doubles: the JSON library compares an unsigned number as if it were signed.
    if (!field->is_number_integer() ||
        std::abs(field->get<double>()) > std::numeric_limits<int>::max())
      return fail(std::string(key) + " has to be an integer, but is " + field->dump());
    value = field->get<int>();
  }

  void operator()(const char *key, bool &value) {
    const Json *field = find(key);
    if (!field)
      return;
    if (!field->is_boolean())
      return fail(std::string(key) + " has to be true or false, but is " + field->dump());
    value = field->get<bool>();
  }

  std::string error;
  std::set<std::string> known{"target", "form"};

private:
  const Json *find(const char *key) {
    known.insert(key);
    auto field = json.find(key);
    if (field == json.end())
      fail(std::string("the key ") + key + " is missing");
    return field == json.end() ? nullptr : &*field;
  }
  void fail(std::string message) {
    if (error.empty())
      error = std::move(message);
  }
  const Json &json;
};

template <typename Form> llvm::Error readForm(const Json &json, Plan &plan) {
  Form form;
  FieldReader reader(json);
  visitFields(reader, form);
  for (const auto &[key, value] : json.items())
    if (!reader.known.contains(key))
      return llvm::createStringError("there is no key '%s' in a plan of form '%s'", key.c_str(),
                                     nameOf(form));
  if (!reader.error.empty())
    return llvm::createStringError(reader.error);
  plan.form = form;
  return llvm::Error::success();
}

/// The form called `name`, of all there are.
llvm::Error readFormNamed(const std::string &name, const Json &json, Plan &plan) {
  std::string known;
  std::optional<llvm::Error> result;
  auto tryForm = [&]<typename Form>(Form form) {
    known += (known.empty() ? "" : ", ") + std::string(nameOf(form));
    if (name == nameOf(form))
      result = readForm<Form>(json, plan);
  };
  [&]<typename... Forms>(std::type_identity<std::variant<Forms...>>) {
    (tryForm(Forms()), ...);
  }(std::type_identity<decltype(plan.form)>());
  if (result)
    return std::move(*result);
  return llvm::createStringError("there is no form '%s'; known: %s", name.c_str(), known.c_str());
}

llvm::Expected<std::string> readString(const Json &json, const char *key) {
  auto field = json.find(key);
  if (field == json.end())
    return llvm::createStringError("the key %s is missing", key);
  if (!field->is_string())
    return llvm::createStringError("%s has to be a string, but is %s", key, field->dump().c_str());
  return field->get<std::string>();
}

llvm::Error check(const OnlinePlan &plan, const TargetInfo &target) {
  return checkOnlinePlan(plan, target);
}
llvm::Error check(const RowPlan &plan, const TargetInfo &target) {
  return checkRowPlan(plan, target);
}
llvm::Error check(const SplitPlan &plan, const TargetInfo &target) {
  return checkSplitPlan(plan, target);
}
llvm::Error check(const GpuPlan &plan, const TargetInfo &) { return checkGpuPlan(plan); }
llvm::Error check(const MergePlan &plan, const TargetInfo &) { return checkMergePlan(plan); }
llvm::Error check(const LinearPlan &plan, const TargetInfo &target) {
  return checkLinearPlan(plan, target);
}
llvm::Error check(const RowwisePlan &plan, const TargetInfo &) { return checkRowwisePlan(plan); }
llvm::Error check(const GpuLinearPlan &plan, const TargetInfo &) {
  return checkGpuLinearPlan(plan);
}
llvm::Error check(const GpuRowsPlan &plan, const TargetInfo &) { return checkGpuRowsPlan(plan); }

template <typename... Forms> bool isOneOf(const Plan &plan) {
  return (std::holds_alternative<Forms>(plan.form) || ...);
}

} // namespace

std::vector<PlanField> fieldsOf(Plan &plan) {
  std::vector<PlanField> fields;
  auto add = [&](const char *key, auto &value) { fields.push_back({key, &value}); };
  std::visit([&](auto &form) { visitFields(add, form); }, plan.form);
  return fields;
}

const char *formName(const Plan &plan) {
  return std::visit([](const auto &form) { return nameOf(form); }, plan.form);
}

Json toJson(const Plan &plan) {
  Json json = {{"target", plan.target}};
  std::visit(
      [&](auto form) {
        json["form"] = nameOf(form);
        visitFields([&](const char *key, auto value) { json[key] = value; }, form);
      },
      plan.form);
  return json;
}

llvm::Expected<Plan> planFromJson(const Json &json) {
  if (!json.is_object())
    return llvm::createStringError("a plan has to be a JSON object");
  Plan plan;
  llvm::Expected<std::string> target = readString(json, "target");
  if (!target)
    return target.takeError();
  plan.target = *target;
  llvm::Expected<std::string> form = readString(json, "form");
  if (!form)
    return form.takeError();
  if (llvm::Error error = readFormNamed(*form, json, plan))
    return error;
  if (llvm::Error illegal = checkPlan(plan))
    return illegal;
  return plan;
}

llvm::Error checkPlan(const Plan &plan) {
  llvm::Expected<TargetInfo> target = findTarget(plan.target);
  if (!target)
    return target.takeError();
  bool isForDevices = isOneOf<GpuPlan, GpuLinearPlan, GpuRowsPlan>(plan);
  if (isForDevices != target->isDevice())
    return llvm::createStringError("form '%s' is for %s, and %s is a %s", formName(plan),
                                   isForDevices ? "devices" : "CPUs", target->name.c_str(),
                                   target->isDevice() ? "device" : "CPU");
  return std::visit([&](const auto &form) { return check(form, *target); }, plan.form);
}

} // namespace heed
