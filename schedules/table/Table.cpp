#include "schedules/table/Table.h"
#include "schedules/table/Fields.h"
#include "schedules/table/JsonText.h"

#include "llvm/Support/MemoryBuffer.h"

namespace heed {
namespace {

using Json = nlohmann::json;
using OrderedJson = nlohmann::ordered_json;

constexpr int64_t version = 1;

llvm::ArrayRef<const char *> extentsOf(const KernelKey &kernel) {
  static constexpr const char *attention[] = {"queries", "keys", "batch_heads"};
  static constexpr const char *merge[] = {"queries", "batch_heads"};
  static constexpr const char *layer[] = {"rows"};
  if (kernel.kind == "attention")
    return attention;
  return kernel.kind == "merge" ? llvm::ArrayRef<const char *>(merge) : layer;
}

llvm::Error inside(const char *what, llvm::Error error) {
  return llvm::createStringError(std::string(what) + ": " + llvm::toString(std::move(error)));
}

llvm::Error readShape(const Json &json, const KernelKey &kernel, Shape &shape) {
  FieldReader reader(json);
  for (const char *extent : extentsOf(kernel))
    reader.read(extent, shape[extent]);
  if (llvm::Error error = reader.finish())
    return inside("shape", std::move(error));
  for (const auto &[extent, value] : shape)
    if (value < 1)
      return llvm::createStringError("shape: " + extent + " has to be at least 1");
  return llvm::Error::success();
}

llvm::Error readPlan(Json json, const std::string &target, Plan &plan) {
  if (json.is_object() && !json.contains("target"))
    json["target"] = target; // the table's
  llvm::Expected<Plan> read = planFromJson(json);
  if (!read)
    return inside("plan", read.takeError());
  plan = *read;
  if (plan.target != target)
    return llvm::createStringError("plan: is for " + plan.target + " in a table for " + target);
  return llvm::Error::success();
}

llvm::Expected<TableEntry> entryFromJson(const Json &json, const std::string &target) {
  TableEntry entry;
  FieldReader reader(json);
  const Json *kernel = reader.find("kernel"), *shape = reader.find("shape"),
             *plan = reader.find("plan");
  reader.read("machine", entry.machine);
  reader.read("threads", entry.threads);
  reader.read("seconds", entry.seconds);
  reader.read("share_of_peak", entry.shareOfPeak);
  if (llvm::Error error = reader.finish())
    return error;
  llvm::Expected<KernelKey> key = keyFromJson(*kernel);
  if (!key)
    return inside("kernel", key.takeError());
  entry.kernel = std::move(*key);
  if (llvm::Error error = readShape(*shape, entry.kernel, entry.shape))
    return error;
  if (llvm::Error error = readPlan(*plan, target, entry.plan))
    return error;
  return entry;
}

OrderedJson entryJson(const TableEntry &entry) {
  OrderedJson shape = OrderedJson::object();
  for (const char *extent : extentsOf(entry.kernel))
    shape[extent] = entry.shape.at(extent);
  Json plan = toJson(entry.plan);
  plan.erase("target");
  return {{"kernel", toJson(entry.kernel)},    {"shape", shape},
          {"plan", OrderedJson(plan)},         {"machine", entry.machine},
          {"threads", entry.threads},          {"seconds", entry.seconds},
          {"share_of_peak", entry.shareOfPeak}};
}

bool isSameCase(const TableEntry &a, const TableEntry &b) {
  return a.kernel == b.kernel && a.shape == b.shape;
}

/// For the order of the text.
std::string caseText(const TableEntry &entry) {
  std::string text = toJson(entry.kernel).dump();
  for (const char *extent : extentsOf(entry.kernel)) {
    std::string number = std::to_string(entry.shape.at(extent));
    text += std::string(20 - number.size(), ' ') + number;
  }
  return text;
}

/// The outermost object, without its entries' contents.
llvm::Expected<const Json *> readHead(const Json &json, Table &table) {
  int64_t format = 0;
  FieldReader reader(json);
  reader.read("heed_table", format);
  reader.read("target", table.target);
  const Json *entries = reader.find("entries");
  if (llvm::Error error = reader.finish())
    return error;
  if (format != version)
    return llvm::createStringError("this is version " + std::to_string(format) +
                                   " of the format, and this heedc reads version " +
                                   std::to_string(version) + ": tune again");
  if (llvm::Error error = findTarget(table.target).takeError())
    return error;
  if (!entries->is_array())
    return llvm::createStringError("entries has to be a list");
  return entries;
}

} // namespace

std::string toText(const Table &table) {
  std::vector<std::pair<std::string, std::string>> lines;
  for (const TableEntry &entry : table.entries)
    lines.push_back({caseText(entry), entryJson(entry).dump()});
  llvm::sort(lines);
  std::string text = "{\"heed_table\": " + std::to_string(version) + ", \"target\": \"" +
                     table.target + "\", \"entries\": [";
  for (const auto &[order, line] : lines)
    text += (&line == &lines.front().second ? "\n" : ",\n") + line;
  return text + "\n]}\n";
}

static llvm::Expected<Table> tableFromJson(const std::string &file, const JsonText &text) {
  Table table{.file = file, .target = {}, .entries = {}};
  llvm::Expected<const Json *> entries = readHead(text.json, table);
  if (!entries)
    return llvm::createStringError(file + ": error: " + llvm::toString(entries.takeError()));
  for (size_t i = 0; i < (*entries)->size(); ++i) {
    llvm::Expected<TableEntry> entry = entryFromJson((**entries)[i], table.target);
    if (!entry) { // a list's elements that are no objects have no lines
      std::string line = i < text.lines.size() ? ":" + std::to_string(text.lines[i]) : "";
      return llvm::createStringError(file + line + ": error: entry " + std::to_string(i + 1) +
                                     ": " + llvm::toString(entry.takeError()));
    }
    insert(table, std::move(*entry));
  }
  return table;
}

llvm::Expected<Table> tableFromText(const std::string &file, llvm::StringRef text) {
  llvm::Expected<JsonText> parsed = parseJson(file, text);
  return parsed ? tableFromJson(file, *parsed) : parsed.takeError();
}

llvm::Expected<Table> readTable(const std::string &file) {
  llvm::Expected<JsonText> text = readJson("the table", file);
  return text ? tableFromJson(file, *text) : text.takeError();
}

void insert(Table &table, TableEntry entry) {
  for (TableEntry &known : table.entries)
    if (isSameCase(known, entry)) {
      known = std::move(entry);
      return;
    }
  table.entries.push_back(std::move(entry));
}

std::string shapeText(const Shape &shape) {
  std::string text;
  for (const char *extent : {"queries", "keys", "batch_heads", "rows"})
    if (auto found = shape.find(extent); found != shape.end())
      text += (text.empty() ? "" : ", ") + found->first + " " + std::to_string(found->second);
  return text;
}

std::string machineName() {
  auto file = llvm::MemoryBuffer::getFileAsStream("/proc/cpuinfo");
  llvm::StringRef text = file ? (*file)->getBuffer() : "";
  llvm::StringRef name = text.split("model name").second.split('\n').first;
  name = name.ltrim(": \t").trim();
  return name.empty() ? "unknown CPU" : name.str();
}

} // namespace heed
