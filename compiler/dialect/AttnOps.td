// The ops of the attn dialect. Rules are numbered per op; the verifiers and tests/lit/dialect/invalid.mlir
// carry the same labels.
#ifndef HEED_ATTN_OPS_TD
#define HEED_ATTN_OPS_TD

include "compiler/dialect/AttnDialect.td"
include "compiler/dialect/AttnInterfaces.td"
include "mlir/IR/OpAsmInterface.td"
include "mlir/IR/SymbolInterfaces.td"
include "mlir/Interfaces/ControlFlowInterfaces.td"
include "mlir/Interfaces/FunctionInterfaces.td"
include "mlir/Interfaces/SideEffectInterfaces.td"

class Attn_Op<string mnemonic, list<Trait> traits = []> : Op<Attn_Dialect, mnemonic, traits>;

/// An op whose region is a component: see AttnInterfaces.td for the rules of its body.
class Attn_ComponentOp<string mnemonic, list<Trait> traits = []> : Attn_Op<mnemonic, !listconcat(traits, [
    Pure, IsolatedFromAbove,
    DeclareOpInterfaceMethods<Attn_Component, ["getParameterNames", "getYieldedType"]>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>])>;

def Attn_Tensor2 : 2DTensorOf<[F32]>;
def Attn_Tensor3 : 3DTensorOf<[F32]>;
def Attn_Tensor4 : 4DTensorOf<[F32]>;
def Attn_Capture : RankedTensorOf<[F32, I1, I32, I64]>;
def Attn_Scalar : AnyTypeOf<[F32, I1, I32, I64, Index]>;

//===-------------------------------------------------------------------------------------------------===//
// Kernels
//===-------------------------------------------------------------------------------------------------===//

def Attn_KernelOp : Attn_Op<"kernel", [
    FunctionOpInterface, IsolatedFromAbove,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "one C function";
  let description = [{
    A kernel becomes one function of the generated library. Its body is a straight line of ops of one of
    three kinds: attention (score, modify*, mask*, normalize, weighted sum, and a log-sum-exp where it is
    a result), linear, or rowwise. The names of the arguments in the text are the names of the C
    function's parameters; a name that C does not allow becomes `argN`.

    An argument may have a role: `attn.key_lengths`, `attn.query_lengths` or `attn.query_offsets`. Without
    one the lengths are the tensors' extents, and the offset is key length - query length.

    - (C1) The kernel's name is a C identifier that does not start with heed_ or halide_; the arguments' names
      are C identifiers, and distinct.
    - (C2) Arguments are tensors of f32, i1, i32 or i64; extents are dynamic or at least 1.
    - (C3) A role stands on one argument at most, of an attention kernel, of type tensor<Bxi32> where B is
      the query's batch extent.
    - (C4) The body is of one of the three kinds: every op in it belongs to the chain that gives the results.
    - (C5) Query, key, value, input and weights are distinct arguments of the kernel; captures are
      arguments of the kernel.
    - (C6) An attention kernel returns the output, then, as wanted, the log-sum-exp, then the weights;
      the weights need the log-sum-exp. Linear and rowwise kernels return their one result.
    - (C7) Extents that an op forces to agree do agree: also a capture's axis that is loaded at a
      position of the region itself has that position's extent.
    - (C8) An integer tensor whose values index other tensors indexes axes of one extent only.

    ```mlir
    attn.kernel @dense(%q: tensor<?x?x12x64xf32>, %k: tensor<?x?x12x64xf32>, %v: tensor<?x?x12x64xf32>,
                       %lengths: tensor<?xi32> {attn.key_lengths}) -> tensor<?x?x12x64xf32> {
      %s = attn.score scaled_dot %q, %k
          : (tensor<?x?x12x64xf32>, tensor<?x?x12x64xf32>) -> tensor<?x12x?x?xf32>
      %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
      %o = attn.weighted_sum %w, %v
          : (tensor<?x12x?x?xf32>, tensor<?x?x12x64xf32>) -> tensor<?x?x12x64xf32>
      attn.return %o : tensor<?x?x12x64xf32>
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name,
                       TypeAttrOf<FunctionType>:$function_type,
                       StrArrayAttr:$arg_names,
                       OptionalAttr<DictArrayAttr>:$arg_attrs,
                       OptionalAttr<DictArrayAttr>:$res_attrs);
  let regions = (region SizedRegion<1>:$body);
  let builders = [OpBuilder<(ins "::llvm::StringRef":$name, "::mlir::FunctionType":$type,
                                 "::llvm::ArrayRef<::llvm::StringRef>":$argumentNames)>];
  let skipDefaultBuilders = 1;
  let extraClassDeclaration = [{
    ::mlir::Region *getCallableRegion() { return &getBody(); }
    ::llvm::ArrayRef<::mlir::Type> getArgumentTypes() { return getFunctionType().getInputs(); }
    ::llvm::ArrayRef<::mlir::Type> getResultTypes() { return getFunctionType().getResults(); }

    /// The argument's name: a C identifier.
    ::llvm::StringRef getArgumentName(unsigned index) {
      return ::llvm::cast<::mlir::StringAttr>(getArgNames()[index]).getValue();
    }
    /// The argument with this role (keyLengthsRole, ...), or null.
    ::mlir::BlockArgument getArgumentWithRole(::llvm::StringRef role);
  }];
  let hasCustomAssemblyFormat = 1;
  let hasVerifier = 1;
  let hasRegionVerifier = 1;
}

def Attn_ReturnOp : Attn_Op<"return", [Pure, Terminator, ReturnLike, HasParent<"KernelOp">]> {
  let summary = "the kernel's results";
  let description = [{
    Ends a kernel.

    - (C1) The types are those of the kernel's results.

    ```mlir
    attn.return %o, %lse : tensor<?x?x12x64xf32>, tensor<?x12x?xf32>
    ```
  }];
  let arguments = (ins Variadic<AnyRankedTensor>:$results);
  let assemblyFormat = "($results^ `:` type($results))? attr-dict";
  let hasVerifier = 1;
}

//===-------------------------------------------------------------------------------------------------===//
// Attention: score, modify, mask, normalize, weighted sum
//===-------------------------------------------------------------------------------------------------===//

def Attn_ScoreOp : Attn_Op<"score", [Pure]> {
  let summary = "how alike each query and each key are";
  let description = [{
    `scores[b, h, i, j] = scale * sum_d query[b, i, h, d] * key[b, j, h / group, d]`, where `group` is the
    number of query heads to a key head. `dot` has no scale; that of `scaled_dot` is 1 / sqrt(dim) unless given
    (Vaswani et al. 2017, section 3.2.1). Query and key are (batch, sequence, head, dim), scores are
    (batch, head, query, key).

    - (C1) Query and key have the same static head dim.
    - (C2) Query and key have the same batch extent (? is the same as ? only).
    - (C3) The query's heads are a multiple of the key's; where the query's are static, so are the key's.
    - (C4) The scores' extents are the query's batch, heads and sequence, and the key's sequence.
    - (C5) Only `scaled_dot` takes a scale, which is finite and not 0.

    ```mlir
    %s = attn.score scaled_dot %q, %k {scale = 0.125 : f64}
        : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
    ```
  }];
  let arguments = (ins Attn_ScoreKindAttr:$kind, Attn_Tensor4:$query, Attn_Tensor4:$key,
                       OptionalAttr<F64Attr>:$scale);
  let results = (outs Attn_Tensor4:$scores);
  let assemblyFormat = "`` $kind $query `,` $key attr-dict `:` functional-type(operands, results)";
  let extraClassDeclaration = [{
    /// What the sum is multiplied by.
    double getScaleFactor();
  }];
  let hasVerifier = 1;
}

def Attn_ModifyOp : Attn_ComponentOp<"modify", [AllTypesMatch<["scores", "result"]>]> {
  let summary = "changes one score from its value and its position";
  let description = [{
    The body gives the new score from (score, batch, head, query, key): biases, slopes, soft caps. A score of
    -inf is a masked pair. `head` counts query heads. Modifies stand before masks.

    ```mlir
    %b = attn.modify %s captures(%slopes : tensor<12xf32>) {
    ^bb0(%x: f32, %batch: index, %head: index, %query: index, %key: index, %sl: tensor<12xf32>):
      %slope = attn.load %sl[%head] : tensor<12xf32>
      %y = arith.mulf %x, %slope : f32
      attn.yield %y : f32
    } : tensor<?x12x?x?xf32>
    ```
  }];
  let arguments = (ins Attn_Tensor4:$scores, Variadic<Attn_Capture>:$captures);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attn_Tensor4:$result);
  let assemblyFormat = [{
    $scores (`captures` `(` $captures^ `:` type($captures) `)`)? $body attr-dict `:` type($scores)
  }];
}

def Attn_MaskOp : Attn_ComponentOp<"mask", [AllTypesMatch<["scores", "result"]>]> {
  let summary = "says which pairs of a query and a key count";
  let description = [{
    The body yields whether the pair (query, key) of (batch, head) counts. A masked pair has weight exactly 0.
    Successive masks keep what all of them keep. Keys from the key length on never count, whatever the mask.

    The pass `attn-mask-ranges` adds a second region, `ranges`, which says of a tile of queries
    `first <= query <= last` which keys may count and which all count, as two half-open intervals that readers
    intersect with [0, key length): no key outside [hull_begin, hull_end) counts for any query of the
    tile, and every key in [full_begin, full_end) counts for all of them.

    - (C1) `ranges`, where present, takes (batch, head, first, last) of type index, then the captures; it
      obeys the rules of a body and yields four values of type index.

    ```mlir
    %m = attn.mask %s {
    ^bb0(%batch: index, %head: index, %query: index, %key: index):
      %keep = arith.cmpi sle, %key, %query : index
      attn.yield %keep : i1
    } ranges {
    ^bb0(%batch: index, %head: index, %first: index, %last: index):
      %lowest = arith.constant -1073741824 : index
      %one = arith.constant 1 : index
      %hull_end = arith.addi %last, %one : index
      %full_end = arith.addi %first, %one : index
      attn.yield %lowest, %hull_end, %lowest, %full_end : index, index, index, index
    } : tensor<?x12x?x?xf32>
    ```
  }];
  let arguments = (ins Attn_Tensor4:$scores, Variadic<Attn_Capture>:$captures);
  let regions = (region SizedRegion<1>:$body, MaxSizedRegion<1>:$ranges);
  let results = (outs Attn_Tensor4:$result);
  let assemblyFormat = [{
    $scores (`captures` `(` $captures^ `:` type($captures) `)`)? $body (`ranges` $ranges^)? attr-dict
    `:` type($scores)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$scores, "::mlir::ValueRange":$captures)>];
  let hasRegionVerifier = 1;
}

def Attn_NormalizeOp : Attn_Op<"normalize", [Pure, AllTypesMatch<["scores", "weights"]>]> {
  let summary = "turns the scores of a query into weights";
  let description = [{
    `softmax`: `weights[j] = exp(scores[j]) / sum_k exp(scores[k])` over the keys that count. A query
    without keys has weights 0.

    ```mlir
    %w = attn.normalize softmax %m : tensor<?x12x?x?xf32>
    ```
  }];
  let arguments = (ins Attn_NormalizerKindAttr:$kind, Attn_Tensor4:$scores);
  let results = (outs Attn_Tensor4:$weights);
  let assemblyFormat = "`` $kind $scores attr-dict `:` type($scores)";
}

def Attn_LogSumExpOp : Attn_Op<"log_sum_exp", [Pure]> {
  let summary = "the logarithm of softmax's denominator";
  let description = [{
    `result[b, h, i] = log(sum_j exp(scores[b, h, i, j]))` over the keys that count; -inf for a query without
    keys. With it, attention over parts of the keys can be merged, and weights recomputed.

    - (C1) The result has the scores' extents without the last.

    ```mlir
    %lse = attn.log_sum_exp %m : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
    ```
  }];
  let arguments = (ins Attn_Tensor4:$scores);
  let results = (outs Attn_Tensor3:$result);
  let assemblyFormat = "$scores attr-dict `:` type($scores) `->` type($result)";
  let hasVerifier = 1;
}

def Attn_WeightedSumOp : Attn_Op<"weighted_sum", [Pure]> {
  let summary = "mixes the values by their weights";
  let description = [{
    `result[b, i, h, d] = sum_j weights[b, h, i, j] * value[b, j, h / group, d]`. The value's dim is
    independent of the query's.

    - (C1) Weights and value have the same batch extent and the same number of keys.
    - (C2) The result's extents are the weights' batch, queries and heads, and the value's static dim.
    - (C3) The value has as many heads as the key.

    ```mlir
    %o = attn.weighted_sum %w, %v
        : (tensor<?x12x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x12x64xf32>
    ```
  }];
  let arguments = (ins Attn_Tensor4:$weights, Attn_Tensor4:$value);
  let results = (outs Attn_Tensor4:$result);
  let assemblyFormat = "$weights `,` $value attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

//===-------------------------------------------------------------------------------------------------===//
// The layers around attention
//===-------------------------------------------------------------------------------------------------===//

def Attn_LinearOp : Attn_ComponentOp<"linear"> {
  let summary = "y = epilogue(x W)";
  let description = [{
    `result[r, c] = body(sum_i input[r, i] * weights[i, c], r, c)`. Bias, activation and residual are one
    region. The generated function takes the weights packed in panels; a second one, NAME_pack, packs them.

    - (C1) The input's columns and the weights' rows are the same static extent; the weights' columns are static.
    - (C2) The result's extents are the input's rows and the weights' columns.

    ```mlir
    %y = attn.linear %x, %w captures(%bias : tensor<1536xf32>) {
    ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<1536xf32>):
      %bias_here = attn.load %b[%column] : tensor<1536xf32>
      %sum = arith.addf %acc, %bias_here : f32
      attn.yield %sum : f32
    } : (tensor<?x384xf32>, tensor<384x1536xf32>) -> tensor<?x1536xf32>
    ```
  }];
  let arguments = (ins Attn_Tensor2:$input, Attn_Tensor2:$weights, Variadic<Attn_Capture>:$captures);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attn_Tensor2:$result);
  let assemblyFormat = [{
    $input `,` $weights (`captures` `(` $captures^ `:` type($captures) `)`)? $body attr-dict
    `:` `(` type($input) `,` type($weights) `)` `->` type($result)
  }];
  let hasVerifier = 1;
}

def Attn_RowwiseOp : Attn_ComponentOp<"rowwise"> {
  let summary = "each element from its row and column";
  let description = [{
    `result[r, c] = body(r, c)`, where `attn.row_sum` in the body sums over the columns of row `r`: norms,
    embeddings.

    - (C1) The number of columns is static.

    ```mlir
    %y = attn.rowwise captures(%x : tensor<?x384xf32>) {
    ^bb0(%row: index, %column: index, %xt: tensor<?x384xf32>):
      %a = attn.load %xt[%row, %column] : tensor<?x384xf32>
      %square = arith.mulf %a, %a : f32
      %sum = attn.row_sum %square : f32
      %norm = math.rsqrt %sum : f32
      %b = arith.mulf %a, %norm : f32
      attn.yield %b : f32
    } : tensor<?x384xf32>
    ```
  }];
  let arguments = (ins Variadic<Attn_Capture>:$captures);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attn_Tensor2:$result);
  let assemblyFormat = [{
    (`captures` `(` $captures^ `:` type($captures) `)`)? $body attr-dict `:` type($result)
  }];
  let hasVerifier = 1;
}

//===-------------------------------------------------------------------------------------------------===//
// Inside regions
//===-------------------------------------------------------------------------------------------------===//

class Attn_BodyOp<string mnemonic, list<string> parents, list<Trait> traits = [Pure]>
    : Attn_Op<mnemonic, !listconcat(traits, [ParentOneOf<parents>])>;

def Attn_YieldOp : Attn_BodyOp<"yield", ["ModifyOp", "MaskOp", "LinearOp", "RowwiseOp"],
                               [Pure, Terminator, ReturnLike]> {
  let summary = "what a region gives";
  let description = [{
    Ends a region of a modify (f32), mask (i1; its ranges: four of type index), linear or rowwise op (f32).

    ```mlir
    attn.yield %keep : i1
    ```
  }];
  let arguments = (ins Variadic<Attn_Scalar>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

def Attn_LoadOp : Attn_BodyOp<"load", ["ModifyOp", "MaskOp", "LinearOp", "RowwiseOp"], [
    Pure, TypesMatchWith<"the result is an element of the tensor", "tensor", "result",
                         "::llvm::cast<::mlir::RankedTensorType>($_self).getElementType()">]> {
  let summary = "one element of a captured tensor";
  let description = [{
    An index that is not itself a position argument of the region is clamped to the axis.

    - (C1) There is one index for each axis of the tensor.

    ```mlir
    %slope = attn.load %slopes[%head] : tensor<12xf32>
    ```
  }];
  let arguments = (ins Attn_Capture:$tensor, Variadic<Index>:$indices);
  let results = (outs Attn_Scalar:$result);
  let assemblyFormat = "$tensor `[` $indices `]` attr-dict `:` type($tensor)";
  let hasVerifier = 1;
}

def Attn_QueryLengthOp : Attn_BodyOp<"query_length", ["ModifyOp", "MaskOp"]> {
  let summary = "the number of queries of the batch entry";
  let description = [{
    From the kernel's argument with the role `attn.query_lengths`, or the query's extent.

    ```mlir
    %n = attn.query_length
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Attn_KeyLengthOp : Attn_BodyOp<"key_length", ["ModifyOp", "MaskOp"]> {
  let summary = "the number of keys of the batch entry";
  let description = [{
    From the kernel's argument with the role `attn.key_lengths`, or the key's extent.

    ```mlir
    %n = attn.key_length
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Attn_QueryOffsetOp : Attn_BodyOp<"query_offset", ["ModifyOp", "MaskOp"]> {
  let summary = "the place of the batch entry's first query among its keys";
  let description = [{
    From the kernel's argument with the role `attn.query_offsets`, or key length - query length: the last query
    then stands at the last key, as it does with a cache of earlier keys.

    ```mlir
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    ```
  }];
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Attn_RowSumOp : Attn_BodyOp<"row_sum", ["RowwiseOp"]> {
  let summary = "the sum of a value over the columns of the row";
  let description = [{
    Sums `value`, as computed at each column of the row. The result is the same at each column.

    ```mlir
    %sum = attn.row_sum %x : f32
    ```
  }];
  let arguments = (ins F32:$value);
  let results = (outs F32:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

#endif
