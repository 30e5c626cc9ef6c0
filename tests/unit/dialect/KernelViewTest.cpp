#include "compiler/dialect/KernelView.h"
#include "compiler/dialect/presets/Presets.h"
#include "tests/unit/Parse.h"

using namespace heed;

namespace {

TEST(KernelView, FindsThePartsOfAttentionInOrder) {
  mlir::MLIRContext context;
  auto module = buildPreset(context, {.name = "k",
                                      .components = {"causal", "softcap=30", "lengths", "alibi",
                                                     "window=4", "log_sum_exp", "weights"},
                                      .heads = 4,
                                      .keyHeads = 2,
                                      .headDim = 16,
                                      .valueDim = 8});
  ASSERT_TRUE(static_cast<bool>(module)) << llvm::toString(module.takeError());
  attn::KernelOp kernel = *(*module)->getOps<attn::KernelOp>().begin();
  ASSERT_EQ(kindOf(kernel), KernelKind::Attention);
  AttentionView view = *viewAttention(kernel);
  ASSERT_EQ(view.modifies.size(), 2u);
  EXPECT_EQ(view.modifies[0].getCaptures().size(), 0u); // softcap, then alibi with its slopes
  EXPECT_EQ(view.modifies[1].getCaptures().size(), 1u);
  EXPECT_EQ(view.masks.size(), 2u);
  EXPECT_TRUE(view.result<attn::LogSumExpOp>());
  EXPECT_TRUE(view.result<attn::NormalizeOp>());
  EXPECT_EQ(view.dim, 16);
  EXPECT_EQ(view.valueDim, 8);
  EXPECT_DOUBLE_EQ(view.scale, 0.25);
  ASSERT_TRUE(view.keyLengths);
  EXPECT_EQ(kernel.getArgumentName(llvm::cast<mlir::BlockArgument>(view.keyLengths).getArgNumber()),
            "key_lengths");
  EXPECT_FALSE(view.queryLengths);
  EXPECT_FALSE(view.queryOffsets);
}

TEST(KernelView, FindsTheLayers) {
  Parsed parsed(R"(
attn.kernel @linear(%x: tensor<?x3xf32>, %w: tensor<3x5xf32>) -> tensor<?x5xf32> {
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<?x3xf32>, tensor<3x5xf32>) -> tensor<?x5xf32>
  attn.return %y : tensor<?x5xf32>
}
attn.kernel @rowwise(%x: tensor<?x3xf32>) -> tensor<?x3xf32> {
  %y = attn.rowwise captures(%x : tensor<?x3xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x3xf32>):
    %a = attn.load %t[%row, %column] : tensor<?x3xf32>
    attn.yield %a : f32
  } : tensor<?x3xf32>
  attn.return %y : tensor<?x3xf32>
}
attn.kernel @rows(%x: tensor<?x?x2x7xf32>) -> tensor<?x?x2x7xf32> {
  %y = attn.rowwise captures(%x : tensor<?x?x2x7xf32>) {
  ^bb0(%batch: index, %position: index, %head: index, %column: index, %t: tensor<?x?x2x7xf32>):
    %a = attn.load %t[%batch, %position, %head, %column] : tensor<?x?x2x7xf32>
    attn.yield %a : f32
  } : tensor<?x?x2x7xf32>
  attn.return %y : tensor<?x?x2x7xf32>
})");
  ASSERT_TRUE(parsed) << parsed.errors;
  auto kernels = llvm::to_vector(parsed.module->getOps<attn::KernelOp>());
  EXPECT_EQ(kindOf(kernels[0]), KernelKind::Linear);
  EXPECT_EQ(viewLinear(kernels[0])->inputs, 3);
  EXPECT_EQ(viewLinear(kernels[0])->outputs, 5);
  EXPECT_EQ(kindOf(kernels[1]), KernelKind::Rowwise);
  EXPECT_EQ(viewRowwise(kernels[1])->columns, 3);
  EXPECT_EQ(viewRowwise(kernels[2])->columns, 7);
}

} // namespace
