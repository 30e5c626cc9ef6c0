// The plan: every choice that makes a kernel fast and none that changes what it computes. Plain
// data, no Halide; JSON in and out. An illegal plan is a diagnostic, never a wrong kernel.
#pragma once

#include <dlpack/dlpack.h>
#include <nlohmann/json_fwd.hpp>

#include "llvm/Support/Error.h"

#include <numeric>
#include <string>
#include <variant>
#include <vector>

namespace heed {

/// The targets kernels are compiled for, by the names a user types.
struct TargetInfo {
  std::string name;         ///< "x86-64-avx512"
  std::string halideName;   ///< Halide's target string, without the flags every kernel shares
  int lanes;                ///< float32 lanes of a vector register
  int registers;            ///< vector registers
  uint64_t features;        ///< HEED_CPU_* bits (heed/kernel.h)
  uint32_t device = kDLCPU; ///< whose memory kernels run on; lanes and registers are the CPU's
  std::string extends = {}; ///< the target it adds instructions to, if it does, and whose plans it
                            ///< runs

  bool isDevice() const { return device != kDLCPU; }
  /// The target of its plans.
  const std::string &planName() const { return extends.empty() ? name : extends; }
};

/// Shared memory of a block of threads: what Halide's runtime for CUDA can ask for, and more than
/// OpenCL promises (32 KB).
inline constexpr int mostSharedBytes = 48 * 1024;

/// All targets that are CPUs, best first. `host` resolves to the best one this machine runs.
llvm::ArrayRef<TargetInfo> allTargets();
/// Those whose kernels run on a device.
llvm::ArrayRef<TargetInfo> deviceTargets();
llvm::Expected<TargetInfo> findTarget(llvm::StringRef name);
/// Code that kernels may have beside that for `target`, for its CPUs that can do more, better ones
/// first. No user names these: who asks for a target gets them.
llvm::ArrayRef<TargetInfo> extensionsOf(const TargetInfo &target);

/// Whether this CPU runs code for `target`; of a device, the part for its host.
bool runsHere(const TargetInfo &target);

/// Online attention on a CPU: lanes are queries; a tile of queries walks over blocks of keys.
/// See schedules/families/Online.h for what each number does.
struct OnlinePlan {
  int queryTile = 64;   ///< queries a tile; a multiple of lanes * queryVectors
  int taskTiles = 1;    ///< tiles a task takes; they share rows that are made while they are loaded
  int keyTile = 64;     ///< keys a block; a multiple of edgeKeyTile
  int edgeKeyTile = 32; ///< keys a block where data says which pairs count; a multiple of grain()
  int queryVectors = 4; ///< vectors of queries in a register tile
  int edgeVectors = 2; ///< vectors that walk together where pairs are masked or queries end, as far
                       ///< as these divide queryVectors
  int keyUnroll = 4;   ///< keys in a register tile of the scores
  int depthUnroll = 4; ///< value columns in a register tile of the weighted sum
  int reduceUnroll = 4; ///< steps of either reduction unrolled
  int turn = 1; ///< rows of queries and of the output transposed at a time; a power of two that
                ///< divides queryTile
  int edgeVectorsOfTile() const { return std::gcd(edgeVectors, queryVectors); }
  /// Keys that all stages of a block take in whole steps.
  int grain() const { return std::lcm(keyUnroll, reduceUnroll); }
  bool operator==(const OnlinePlan &) const = default;
};

/// Attention with a tile's whole row of scores in memory: lanes are queries. See
/// schedules/families/Row.h.
struct RowPlan {
  int queryTile = 64;  ///< queries a tile, a multiple of lanes; all in one register tile
  int keyTile = 64;    ///< keys a block; a multiple of keyUnroll
  int keyUnroll = 4;   ///< keys in a register tile of the scores
  int depthUnroll = 4; ///< value columns in a register tile of the weighted sum
  int turn = 1; ///< rows of queries and of the output transposed at a time; a power of two that
                ///< divides queryTile
  bool operator==(const RowPlan &) const = default;
};

/// Attention for few queries: keys are split in parts whose states merge; the rows of a task are
/// the queries of all heads that share a key head. See schedules/families/Split.h.
struct SplitPlan {
  int partKeys = 256;    ///< keys a part; a multiple of keyTile
  int keyTile = 32;      ///< keys a block; a multiple of keyUnroll and reduceUnroll
  int keyHeads = 8;      ///< key heads of a task, where their rows lie side by side
  int rowTile = 4;       ///< rows in a register tile
  int keyUnroll = 4;     ///< keys in a register tile of the scores
  int columnVectors = 4; ///< vectors of value columns in a register tile of the weighted sum
  int reduceUnroll = 8;  ///< steps of either reduction unrolled
  int keysAhead = 0; ///< keys whose rows are fetched into L2 ahead of their use; 0: what hardware
                     ///< fetches by itself
  bool operator==(const SplitPlan &) const = default;
};

/// Online attention on a GPU: a block of queryThreads x keyThreads threads shares a tile of
/// queries. See schedules/families/Gpu.h.
struct GpuPlan {
  int queryTile = 32;   ///< queries a tile; a multiple of queryThreads * queryRegisters
  int keyTile = 32;     ///< keys a block; a multiple of keyThreads * keyRegisters and reduceUnroll
  int queryThreads = 8; ///< threads along the queries; times keyThreads at most 1024
  int keyThreads = 8;   ///< threads along keys and columns
  int queryRegisters = 4; ///< queries in a thread's register tiles
  int keyRegisters = 4;   ///< keys in that of the scores
  int columns = 4;        ///< output columns in that of the weighted sum: a group
  int reduceUnroll = 4;   ///< steps of the products unrolled
  int partKeys = 0; ///< keys a part, a multiple of keyTile: parts have blocks of their own, and
                    ///< their states merge; 0: a block takes all keys
  bool operator==(const GpuPlan &) const = default;
};

/// y = epilogue(x W) on a GPU: a block of rowThreads x columnThreads threads has a tile of y. See
/// schedules/families/GpuLinear.h.
struct GpuLinearPlan {
  int rowThreads = 8;      ///< threads along the rows; times columnThreads at most 1024
  int columnThreads = 12;  ///< threads along the columns
  int rowRegisters = 4;    ///< rows in a thread's register tile
  int columnRegisters = 4; ///< columns in it; a block's columns divide the panel
  int inputTile = 32;      ///< inputs in shared memory at a time; a multiple of reduceUnroll
  int reduceUnroll = 4;    ///< steps of the sums unrolled
  bool operator==(const GpuLinearPlan &) const = default;
};

/// Rows one by one on a GPU: of rowwise kernels, and of states that merge. See
/// schedules/families/GpuRows.h.
struct GpuRowsPlan {
  int rows = 4;           ///< rows of a block; times columnThreads at most 1024
  int columnThreads = 32; ///< threads that share a row
  bool operator==(const GpuRowsPlan &) const = default;
};

/// y = epilogue(x W): weights packed in panels of columns; a tile of rows times a strip of a
/// panel's columns stays in registers. See schedules/families/Linear.h.
struct LinearPlan {
  int rowTile =
      8; ///< rows in a register tile, 1 .. 16; smaller tiles serve what it does not divide
  int columnVectors = 3; ///< vectors of columns in it: a strip; strips divide the panel. At most
                         ///< `registers` vectors in a tile
  int rowsPerTask = 128; ///< rows that one task takes through a panel, rowTile .. 65536
  bool prefetch = true;  ///< fetch panels into L2 ahead of their use
  bool operator==(const LinearPlan &) const = default;
};

/// Merging and finishing states of attention: lanes are columns. See schedules/families/Merge.h.
struct MergePlan {
  int rowsPerTask = 16; ///< 1 .. 65536
  bool operator==(const MergePlan &) const = default;
};

/// One row at a time, lanes are columns. See schedules/families/Rowwise.h.
struct RowwisePlan {
  int columnVectors = 4; ///< vectors of columns unrolled, and of partial sums, 1 .. 16
  int rowsPerTask = 16;  ///< 1 .. 65536
  bool operator==(const RowwisePlan &) const = default;
};

/// What breaks the rules stated above, or success.
llvm::Error checkOnlinePlan(const OnlinePlan &plan, const TargetInfo &target);
llvm::Error checkRowPlan(const RowPlan &plan, const TargetInfo &target);
llvm::Error checkSplitPlan(const SplitPlan &plan, const TargetInfo &target);
llvm::Error checkGpuPlan(const GpuPlan &plan);
llvm::Error checkGpuLinearPlan(const GpuLinearPlan &plan);
llvm::Error checkGpuRowsPlan(const GpuRowsPlan &plan);
llvm::Error checkLinearPlan(const LinearPlan &plan, const TargetInfo &target);
llvm::Error checkMergePlan(const MergePlan &plan);
llvm::Error checkRowwisePlan(const RowwisePlan &plan);

struct Plan {
  std::string target; ///< a TargetInfo's name
  std::variant<OnlinePlan, RowPlan, SplitPlan, GpuPlan, MergePlan, LinearPlan, RowwisePlan,
               GpuLinearPlan, GpuRowsPlan>
      form;
  bool operator==(const Plan &) const = default;
};

/// {"target": "x86-64-avx512", "form": "online", "query_tile": 64, ...}. Unknown or missing keys,
/// wrong types and numbers out of range are errors that name the key.
nlohmann::json toJson(const Plan &plan);
llvm::Expected<Plan> planFromJson(const nlohmann::json &json);

/// What breaks the rules stated beside each field, or success.
llvm::Error checkPlan(const Plan &plan);

/// A number or switch of a plan's form, by its key in JSON; points into the plan.
struct PlanField {
  const char *key;
  std::variant<int *, bool *> value;
};

/// All fields of the plan's form.
std::vector<PlanField> fieldsOf(Plan &plan);

/// "online", "row", "split", "gpu", "merge", "linear", "rowwise", "gpu_linear", "gpu_rows".
const char *formName(const Plan &plan);

} // namespace heed
