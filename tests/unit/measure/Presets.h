// Kernels to measure, from presets or text.
#pragma once

#include "compiler/dialect/presets/Presets.h"
#include "tools/measure/Kernels.h"

#include "mlir/Dialect/Arith/IR/Arith.h"
#include "mlir/Dialect/Math/IR/Math.h"
#include "mlir/IR/MLIRContext.h"
#include "mlir/Parser/Parser.h"

#include <gtest/gtest.h>

namespace heed::measure {

class WithKernels : public testing::Test {
protected:
  WithKernels() {
    context.loadDialect<attn::AttnDialect, mlir::arith::ArithDialect, mlir::math::MathDialect>();
  }

  Kernels preset(PresetOptions options) {
    return llvm::cantFail(Kernels::prepare(llvm::cantFail(buildPreset(context, options))));
  }
  Kernels parsed(llvm::StringRef text) {
    return llvm::cantFail(
        Kernels::prepare(mlir::parseSourceString<mlir::ModuleOp>(text, &context)));
  }

  mlir::MLIRContext context;
};

/// y = x W + b.
constexpr const char *linearText = R"(
attn.kernel @lin(%x: tensor<?x20xf32>, %w: tensor<20x50xf32>, %bias: tensor<50xf32>) -> tensor<?x50xf32> {
  %y = attn.linear %x, %w captures(%bias : tensor<50xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<50xf32>):
    %l = attn.load %b[%column] : tensor<50xf32>
    %s = arith.addf %acc, %l : f32
    attn.yield %s : f32
  } : (tensor<?x20xf32>, tensor<20x50xf32>) -> tensor<?x50xf32>
  attn.return %y : tensor<?x50xf32>
})";

/// Each number over the sum of its row's squares.
constexpr const char *rowwiseText = R"(
attn.kernel @norm(%x: tensor<?x24xf32>) -> tensor<?x24xf32> {
  %y = attn.rowwise captures(%x : tensor<?x24xf32>) {
  ^bb0(%row: index, %column: index, %xt: tensor<?x24xf32>):
    %a = attn.load %xt[%row, %column] : tensor<?x24xf32>
    %square = arith.mulf %a, %a : f32
    %sum = attn.row_sum %square : f32
    %r = arith.divf %a, %sum : f32
    attn.yield %r : f32
  } : tensor<?x24xf32>
  attn.return %y : tensor<?x24xf32>
})";

} // namespace heed::measure
