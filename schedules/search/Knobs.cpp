#include "schedules/search/Knobs.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringRef.h"

namespace heed {

llvm::ArrayRef<Knob> allKnobs() {
  // clang-format off
  static const std::vector<Knob> knobs = {
      {"online",  "query_tile",     {8, 16, 24, 32, 48, 64, 96, 128, 192}},
      {"online",  "task_tiles",     {1, 2, 4, 8}},
      {"online",  "key_tile",       {8, 16, 24, 32, 48, 64, 96, 128, 192, 256}},
      {"online",  "edge_key_tile",  {4, 8, 12, 16, 24, 32, 48, 64, 96, 128}},
      {"online",  "query_vectors",  {1, 2, 3, 4, 6, 8}},
      {"online",  "edge_vectors",   {1, 2, 3, 4}},
      {"online",  "key_unroll",     {1, 2, 3, 4, 5, 6, 8, 12}},
      {"online",  "depth_unroll",   {1, 2, 3, 4, 5, 6, 8, 12, 16}},
      {"online",  "reduce_unroll",  {1, 2, 4, 8}},
      {"online",  "turn",           {1, 4, 8, 16}},

      {"split",   "part_keys",      {64, 128, 256, 512, 1024, 2048}},
      {"split",   "key_tile",       {8, 16, 32, 64, 128}},
      {"split",   "key_heads",      {1, 2, 4, 8, 16}},
      {"split",   "row_tile",       {1, 2, 3, 4, 6, 8}},
      {"split",   "key_unroll",     {1, 2, 3, 4, 5, 6, 8, 12}},
      {"split",   "column_vectors", {1, 2, 3, 4, 6, 8}},
      {"split",   "reduce_unroll",  {1, 2, 4, 8, 16}},
      {"split",   "keys_ahead",     {0, 32, 64, 128, 256, 512}},

      {"row",     "query_tile",     {4, 8, 16, 24, 32, 48, 64, 96, 128}},
      {"row",     "key_tile",       {8, 16, 32, 48, 64, 96, 128, 256}},
      {"row",     "key_unroll",     {1, 2, 3, 4, 5, 6, 8, 12}},
      {"row",     "depth_unroll",   {1, 2, 3, 4, 5, 6, 8, 12, 16}},
      {"row",     "turn",           {1, 4, 8, 16}},

      {"gpu",     "query_tile",     {8, 16, 32, 48, 64, 96, 128}},
      {"gpu",     "key_tile",       {8, 16, 32, 48, 64, 96, 128}},
      {"gpu",     "query_threads",  {1, 2, 4, 8, 16, 32}},
      {"gpu",     "key_threads",    {1, 2, 4, 8, 16, 32}},
      {"gpu",     "query_registers", {1, 2, 4, 8}},
      {"gpu",     "key_registers",  {1, 2, 4, 8}},
      {"gpu",     "columns",        {1, 2, 4, 8, 16}},
      {"gpu",     "reduce_unroll",  {1, 2, 4, 8}},
      {"gpu",     "part_keys",      {0, 128, 256, 512, 1024}},

      {"gpu_linear", "row_threads",   {1, 2, 4, 8, 16, 32}},
      {"gpu_linear", "column_threads", {2, 4, 6, 8, 12, 16}},
      {"gpu_linear", "row_registers", {1, 2, 4, 8}},
      {"gpu_linear", "column_registers", {1, 2, 4, 8}},
      {"gpu_linear", "input_tile",    {8, 16, 32, 64}},
      {"gpu_linear", "reduce_unroll", {1, 2, 4, 8}},

      {"gpu_rows", "rows",            {1, 2, 4, 8, 16}},
      {"gpu_rows", "column_threads",  {8, 16, 32, 64, 128}},

      {"merge",   "rows_per_task",  {1, 4, 16, 64, 256}},

      {"linear",  "row_tile",       {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 12, 14}},
      {"linear",  "column_vectors", {1, 2, 3, 4, 6}},
      {"linear",  "rows_per_task",  {8, 16, 32, 64, 128, 256, 512}},
      {"linear",  "prefetch",       {0, 1}},

      {"rowwise", "column_vectors", {1, 2, 3, 4, 6, 8, 16}},
      {"rowwise", "rows_per_task",  {1, 4, 16, 64, 256}},
  };
  // clang-format on
  return knobs;
}

std::vector<const Knob *> knobsOf(const Plan &plan) {
  std::vector<const Knob *> knobs;
  for (const Knob &knob : allKnobs())
    if (llvm::StringRef(knob.form) == formName(plan))
      knobs.push_back(&knob);
  return knobs;
}

static PlanField fieldOf(Plan &plan, const Knob &knob) {
  std::vector<PlanField> fields = fieldsOf(plan);
  return *llvm::find_if(fields,
                        [&](const PlanField &f) { return llvm::StringRef(f.key) == knob.key; });
}

int valueOf(const Plan &plan, const Knob &knob) {
  Plan copy = plan;
  return std::visit([](auto *value) { return int(*value); }, fieldOf(copy, knob).value);
}

void setValue(Plan &plan, const Knob &knob, int value) {
  std::visit([&](auto *field) { *field = value; }, fieldOf(plan, knob).value);
}

} // namespace heed
