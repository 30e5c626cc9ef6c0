// The attn dialect and its enumerations.
#ifndef HEED_ATTN_DIALECT_TD
#define HEED_ATTN_DIALECT_TD

include "mlir/IR/EnumAttr.td"
include "mlir/IR/OpBase.td"

def Attn_Dialect : Dialect {
  let name = "attn";
  let summary = "Attention variants, and the few layers around them";
  let description = [{
    A kernel says *what* is computed, never in which order. What makes one attention variant differ from
    another is written as regions of `arith` and `math` operations, so nothing after the dialect knows any
    variant by name.
  }];
  let cppNamespace = "::heed::attn";
  let useDefaultAttributePrinterParser = 1;
  let hasRegionArgAttrVerify = 1;
  let dependentDialects = ["::mlir::arith::ArithDialect", "::mlir::math::MathDialect"];
}

def Attn_ScoreKind : I32EnumAttr<"ScoreKind", "how alike a query and a key are", [
  I32EnumAttrCase<"Dot", 0, "dot">,
  I32EnumAttrCase<"ScaledDot", 1, "scaled_dot">,
  I32EnumAttrCase<"Pairwise", 2, "pairwise">]> {
  let cppNamespace = "::heed::attn";
  let genSpecializedAttr = 0;
}
def Attn_ScoreKindAttr : EnumAttr<Attn_Dialect, Attn_ScoreKind, "score_kind"> {
  let assemblyFormat = "$value";
}

def Attn_NormalizerKind : I32EnumAttr<"NormalizerKind", "how scores become weights", [
  I32EnumAttrCase<"Softmax", 0, "softmax">,
  I32EnumAttrCase<"SoftmaxSinks", 1, "softmax_sinks">,
  I32EnumAttrCase<"SoftmaxPlusOne", 2, "softmax_plus_one">,
  I32EnumAttrCase<"Sigmoid", 3, "sigmoid">,
  I32EnumAttrCase<"ReluSquared", 4, "relu_squared">,
  I32EnumAttrCase<"None", 5, "none">,
  I32EnumAttrCase<"Sparsemax", 6, "sparsemax">,
  I32EnumAttrCase<"Entmax15", 7, "entmax15">]> {
  let cppNamespace = "::heed::attn";
  let genSpecializedAttr = 0;
}
def Attn_NormalizerKindAttr : EnumAttr<Attn_Dialect, Attn_NormalizerKind, "normalizer_kind"> {
  let assemblyFormat = "$value";
}

#endif
