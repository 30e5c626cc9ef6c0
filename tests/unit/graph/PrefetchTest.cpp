// Rows of the next block are fetched into L2: the pass names LLVM's intrinsic, and finds loops by
// their names; if Halide came to spell either otherwise, this would notice.
#include "compiler/transforms/Pipeline.h"
#include "schedules/families/Families.h"
#include "schedules/families/Online.h"
#include "tests/unit/Parse.h"

#include "mlir/Pass/PassManager.h"

#include <fstream>
#include <iterator>

using namespace heed;

namespace {

/// How often the assembly of a kernel with keys and values of `type` fetches into L2.
int fetches(const std::string &type) {
  const std::string q = "tensor<1x?x2x32xf32>", k = "tensor<1x?x2x32x" + type + ">",
                    s = "tensor<1x2x?x?xf32>";
  Parsed parsed("attn.kernel @dense(%q: " + q + ", %k: " + k + ", %v: " + k + ") -> " + q +
                " {\n%s = attn.score dot %q, %k : (" + q + ", " + k + ") -> " + s +
                "\n%w = attn.normalize softmax %s : " + s + "\n%o = attn.weighted_sum %w, %v : (" +
                s + ", " + k + ") -> " + q + "\nattn.return %o : " + q + "\n}");
  EXPECT_TRUE(parsed) << parsed.errors;
  mlir::PassManager passes(&parsed.context);
  buildPipeline(passes);
  EXPECT_TRUE(succeeded(passes.run(*parsed.module))) << parsed.errors;
  const TargetInfo host = llvm::cantFail(findTarget("host"));
  auto entries = buildEntries(parsed.kernel(), {host.name, defaultOnlinePlan(host)});
  EXPECT_TRUE(succeeded(entries)) << parsed.errors;
  Stage &stage = entries->front().stages.front();
  const std::string file = testing::TempDir() + "heed_row_prefetch_" + type + ".s";
  stage.pipeline.compile_to_assembly(file, stage.inputs, "dense", stage.target);
  std::ifstream in(file);
  std::string assembly((std::istreambuf_iterator<char>(in)), {});
  int count = 0;
  for (size_t at = 0; (at = assembly.find("prefetcht1", at)) != std::string::npos; at++)
    count++;
  return count;
}

} // namespace

TEST(RowPrefetch, FetchesKeysAndValuesThatAreReadAsTheyAre) { EXPECT_GE(fetches("f32"), 2); }

TEST(RowPrefetch, LeavesPackedRowsAlone) { EXPECT_EQ(fetches("bf16"), 0); }
