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
    DeclareOpInterfaceMethods<Attn_Component, ["getParameterNames", "getYieldedType", "getArithmeticType"]>,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>])>;

// A kernel computes in f32 or f64: scores, weights and what regions see. Queries, keys, values and outputs may
// be stored narrower.
def Attn_Number : AnyTypeOf<[F32, F64]>;
def Attn_Matrix : 2DTensorOf<[F32]>;
def Attn_Rows : 4DTensorOf<[F16, BF16, F32, F64]> {
  let summary = "rows (rank 4) of f16, bf16, f32 or f64; attn.rowwise gives int8 its scale";
}
def Attn_Scores : 4DTensorOf<[F32, F64]>;
def Attn_PerRow : 3DTensorOf<[F32, F64]>;
def Attn_Capture : RankedTensorOf<[F16, BF16, F32, F64, I1, I8, I32, I64]>;
def Attn_Scalar : AnyTypeOf<[F32, F64, I1, I32, I64, Index]>;

//===-------------------------------------------------------------------------------------------------===//
// Kernels
//===-------------------------------------------------------------------------------------------------===//

def Attn_KernelOp : Attn_Op<"kernel", [
    FunctionOpInterface, IsolatedFromAbove,
    DeclareOpInterfaceMethods<OpAsmOpInterface, ["getAsmBlockArgumentNames"]>]> {
  let summary = "one C function";
  let description = [{
    A kernel becomes one function of the generated library. Its body is a straight line of ops of one of
    four kinds: attention (rowwise and project ops that make its operands, score, modify*, mask*, normalize,
    weighted sum or partial, and what else is a result), merge (merge, finish), linear, or rowwise. The names
    of the arguments in the text are the names of the C function's parameters; a name that C does not allow
    becomes `argN`.

    An argument may have a role: `attn.key_lengths`, `attn.query_lengths` or `attn.query_offsets`. Without
    one the lengths are the tensors' extents, and the offset is key length - query length. `attn.segments`
    stands on cumulative lengths: a nondecreasing tensor<?xi32>, which the runtime checks.

    - (C1) The kernel's name is a C identifier that does not start with heed_ or halide_; the arguments' names
      are C identifiers, and distinct.
    - (C2) Arguments are tensors of f16, bf16, f32, f64, i1, i8, i32 or i64; extents are dynamic or at least 1.
    - (C3) A role stands on one argument at most, of an attention kernel, of type tensor<Bxi32> where B is
      the query's batch extent; attn.segments on any number, of type tensor<?xi32>.
    - (C4) The body is of one of the four kinds: every op in it belongs to the chain that gives the results.
    - (C5) Query, key and value are distinct, each an argument of the kernel or made, in f32 or f64, by a rowwise or
      project op; so are input and weights of a linear op, arguments both. Captures are arguments of the
      kernel; those of a rowwise op that makes an operand may be results of other such ops.
    - (C6) An attention kernel returns the output, then, in any order and each at most once, the
      log-sum-exp, key sums, and scores of its chain: of the score, a modify, a mask or the normalizer.
      A merge kernel returns what its last op gives; linear and rowwise kernels return their one result.
    - (C7) Extents that an op forces to agree do agree: also a capture's axis that is loaded at a
      position of the region itself has that position's extent.
    - (C8) An integer tensor whose values index other tensors indexes axes of one extent: dynamic ones have to agree.

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
// Attention: operands, score, modify, mask, normalize, weighted sum
//===-------------------------------------------------------------------------------------------------===//

def Attn_RowwiseOp : Attn_ComponentOp<"rowwise"> {
  let summary = "each element from its place";
  let description = [{
    Of rank 2, a layer: `result[r, c] = body(r, c)`: norms, embeddings. Of rank 4, queries, keys or values made while
    they are loaded: `result[b, p, h, c] = body(b, p, h, c)`, positions in the sequence: rotary positions, norms of
    queries and keys, numbers from int8 and a scale, pages of a cache. `attn.row_sum` in the body sums over the
    columns of the row.

    How many positions there are follows from a capture loaded at [position]. Where none tells, `positions` does, as
    a sum of captures' extents: `positions(%table[1] * 16)`, `positions(%past[1] + %new[1])`.

    - (C1) The number of columns is static; the result is of rank 2 or 4. In f16 or bf16 it is rounded from f32.
    - (C2) `positions` stands on ops of rank 4 only and names axes that its captures have, with factors of at least 1.

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
  let arguments = (ins Variadic<Attn_Capture>:$captures, OptionalAttr<DenseI64ArrayAttr>:$positions);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs RankedTensorOf<[F16, BF16, F32, F64]>:$result);
  let assemblyFormat = [{
    custom<CapturesAndPositions>($captures, type($captures), $positions) $body attr-dict `:` type($result)
  }];
  let extraClassDeclaration = [{
    /// A summand of the number of positions: the extent of an axis of a capture, times a factor.
    struct PositionTerm {
      unsigned capture, axis;
      int64_t factor;
    };
    /// Empty where a load at [position] tells.
    ::llvm::SmallVector<PositionTerm> getPositionTerms();
  }];
  let hasVerifier = 1;
}

def Attn_ProjectOp : Attn_Op<"project", [Pure]> {
  let summary = "rows times a matrix for each head";
  let description = [{
    `result[b, p, h, e] = sum_d input[b, p, h, d] * weights[h, d, e]`; weights with one head serve all. Bilinear
    scores (Luong et al. 2015, section 3.1) are the dot product of projected queries and keys.

    - (C1) The input's columns and the weights' second extent are the same static extent; the weights' last is static.
    - (C2) The weights have the input's heads, or one.
    - (C3) The result's extents are the input's and the weights' last.

    ```mlir
    %p = attn.project %k, %w : (tensor<?x?x4x64xf32>, tensor<4x64x32xf32>) -> tensor<?x?x4x32xf32>
    ```
  }];
  let arguments = (ins Attn_Rows:$input, 3DTensorOf<[F16, BF16, F32, F64]>:$weights);
  let results = (outs 4DTensorOf<[F32, F64]>:$result);
  let assemblyFormat = "$input `,` $weights attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attn_ScoreOp : Attn_ComponentOp<"score"> {
  let summary = "how alike each query and each key are";
  let description = [{
    `scores[b, h, i, j] = scale * sum_d query[b, i, h, d] * key[b, j, h / group, d]`, where `group` is the
    number of query heads to a key head. `dot` has no scale; that of `scaled_dot` is 1 / sqrt(dim) unless given
    (Vaswani et al. 2017, section 3.2.1). `pairwise` sums what its body gives of (query[b, i, h, d],
    key[b, j, h / group, d], b, h, d) instead of the product. Query and key are (batch, sequence, head, dim), scores
    are (batch, head, query, key).

    - (C1) Query and key have the same static head dim.
    - (C2) Query and key have the same batch extent (? is the same as ? only).
    - (C3) The query's heads are a multiple of the key's; where the query's are static, so are the key's.
    - (C4) The scores' extents are the query's batch, heads and sequence, and the key's sequence; they are f64 where
      query and key are, else f32, and query and key are both f64 or neither.
    - (C5) Only `scaled_dot` takes a scale, which is finite and not 0.
    - (C6) `pairwise` has a body, and captures as it likes; the others have neither.

    ```mlir
    %s = attn.score scaled_dot %q, %k {scale = 0.125 : f64}
        : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
    %t = attn.score pairwise %q, %k captures(%w : tensor<64xf32>) {
    ^bb0(%x: f32, %y: f32, %batch: index, %head: index, %column: index, %weights: tensor<64xf32>):
      %sum = arith.addf %x, %y : f32
      %feature = math.tanh %sum : f32
      %weight = attn.load %weights[%column] : tensor<64xf32>
      %term = arith.mulf %weight, %feature : f32
      attn.yield %term : f32
    } : (tensor<?x?x12x64xf32>, tensor<?x?x4x64xf32>) -> tensor<?x12x?x?xf32>
    ```
  }];
  let arguments = (ins Attn_ScoreKindAttr:$kind, Attn_Rows:$query, Attn_Rows:$key,
                       Variadic<Attn_Capture>:$captures, OptionalAttr<F64Attr>:$scale);
  let regions = (region MaxSizedRegion<1>:$body);
  let results = (outs Attn_Scores:$scores);
  let assemblyFormat = [{
    `` $kind $query `,` $key (`captures` `(` $captures^ `:` type($captures) `)`)?
    custom<PairwiseBody>(ref($kind), $body) attr-dict
    `:` `(` type($query) `,` type($key) `)` `->` type($scores)
  }];
  let builders = [OpBuilder<(ins "::mlir::Type":$scores, "ScoreKind":$kind, "::mlir::Value":$query,
                                 "::mlir::Value":$key, CArg<"::mlir::FloatAttr", "{}">:$scale)>];
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
  let arguments = (ins Attn_Scores:$scores, Variadic<Attn_Capture>:$captures);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attn_Scores:$result);
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

    The pass `attn-mask-status` adds a third, `status`, where the ranges alone would leave much undecided: of the block of
    queries `first <= query <= last` and keys `first_key <= key <= last_key` it says whether any pair may count and
    whether all do.

    - (C1) `ranges`, where present, takes (batch, head, first, last) of type index, then the captures; it
      obeys the rules of a body and yields four values of type index.
    - (C2) `status`, where present, takes (batch, head, first, last, first_key, last_key) of type index, then the
      captures; it obeys the rules of a body and yields two values of type i1.

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
  let arguments = (ins Attn_Scores:$scores, Variadic<Attn_Capture>:$captures);
  let regions = (region SizedRegion<1>:$body, MaxSizedRegion<1>:$ranges, MaxSizedRegion<1>:$status);
  let results = (outs Attn_Scores:$result);
  let assemblyFormat = [{
    $scores (`captures` `(` $captures^ `:` type($captures) `)`)? $body (`ranges` $ranges^)? (`status` $status^)?
    attr-dict `:` type($scores)
  }];
  let builders = [OpBuilder<(ins "::mlir::Value":$scores, "::mlir::ValueRange":$captures)>];
  let hasRegionVerifier = 1;
}

// An op that names a normalizer: a kind or a symbol.
class Attn_NormalizedOp<string mnemonic, list<Trait> traits = []> : Attn_Op<mnemonic, !listconcat(traits, [Pure])> {
  let extraClassDeclaration = [{
    /// As written: the kind's name or @symbol.
    std::string getNormalizerName();
  }];
}

def Attn_NormalizeOp : Attn_NormalizedOp<"normalize", [AllTypesMatch<["scores", "weights"]>]> {
  let summary = "turns the scores of a query into weights";
  let description = [{
    Weights of the keys that count, from their scores x_j. A query without keys has weights 0.

    | kind | weights | |
    |---|---|---|
    | `softmax` | exp(x_j) / sum_k exp(x_k) | |
    | `softmax_sinks` | exp(x_j) / (exp(sink) + sum_k exp(x_k)) | captures sinks[head] (Xiao et al. 2023; gpt-oss) |
    | `softmax_plus_one` | exp(x_j) / (1 + sum_k exp(x_k)) | Miller 2023 |
    | `sigmoid` | 1 / (1 + exp(-(x_j + bias))) | captures bias[head] (Ramapuram et al. 2024, section 3) |
    | `relu_squared` | max(x_j, 0)^2 | Hua et al. 2022, section 2 |
    | `none` | x_j | linear attention |
    | `sparsemax` | max(x_j - t, 0), summing to 1 | Martins and Astudillo 2016, section 2 |
    | `entmax15` | max(x_j / 2 - t, 0)^2, summing to 1 | Peters et al. 2019, section 3 |

    `@name` is a user's own: an `attn.normalizer` or `attn.threshold_normalizer` of the module. The kinds are
    builders of the same ops (compiler/dialect/normalizers), and readers know no other form.

    - (C1) The captures are those that the normalizer's regions take, in type and order.

    ```mlir
    %w = attn.normalize softmax %m : tensor<?x12x?x?xf32>
    %u = attn.normalize softmax_sinks %m captures(%sinks : tensor<12xf32>) : tensor<?x12x?x?xf32>
    ```
  }];
  let arguments = (ins OptionalAttr<Attn_NormalizerKindAttr>:$kind, OptionalAttr<FlatSymbolRefAttr>:$normalizer,
                       Attn_Scores:$scores, Variadic<Attn_Capture>:$captures);
  let results = (outs Attn_Scores:$weights);
  let assemblyFormat = [{
    custom<NormalizerName>($kind, $normalizer) $scores
    (`captures` `(` $captures^ `:` type($captures) `)`)? attr-dict `:` type($scores)
  }];
  let builders = [OpBuilder<(ins "NormalizerKind":$kind, "::mlir::Value":$scores,
                                 CArg<"::mlir::ValueRange", "{}">:$captures)>];
}

def Attn_LogSumExpOp : Attn_Op<"log_sum_exp", [Pure]> {
  let summary = "the logarithm of the normalizer's denominator";
  let description = [{
    Of softmax, `result[b, h, i] = log(sum_j exp(scores[b, h, i, j]))` over the keys that count: the second value of the
    normalizer's `finalize`; -inf for a query without keys. With it, attention over parts of the keys can be merged.

    - (C1) The result has the scores' extents without the last.
    - (C2) The kernel's normalizer finalizes to two values.

    ```mlir
    %lse = attn.log_sum_exp %m : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
    ```
  }];
  let arguments = (ins Attn_Scores:$scores);
  let results = (outs Attn_PerRow:$result);
  let assemblyFormat = "$scores attr-dict `:` type($scores) `->` type($result)";
  let hasVerifier = 1;
}

def Attn_KeySumOp : Attn_Op<"key_sum", [Pure]> {
  let summary = "what each key gets from all queries";
  let description = [{
    `result[b, h, j] = sum_i weights[b, h, i, j]`: which tokens of a cache matter (Zhang et al. 2023, H2O).

    - (C1) The result has the weights' batch, heads and keys.

    ```mlir
    %n = attn.key_sum %w : tensor<?x12x?x?xf32> -> tensor<?x12x?xf32>
    ```
  }];
  let arguments = (ins Attn_Scores:$weights);
  let results = (outs Attn_PerRow:$result);
  let assemblyFormat = "$weights attr-dict `:` type($weights) `->` type($result)";
  let hasVerifier = 1;
}

def Attn_WeightedSumOp : Attn_Op<"weighted_sum", [Pure]> {
  let summary = "mixes the values by their weights";
  let description = [{
    `result[b, i, h, d] = sum_j weights[b, h, i, j] * value[b, j, h / group, d]`, rounded to the result's type. The value's
    dim is independent of the query's.

    `weights_as = bf16` says that a weight may be rounded to bfloat16, before or after it is normalized, where it is multiplied:
    what `softmax(scores).to(bfloat16) @ value` does, and twice as fast where values are bfloat16 and a CPU multiplies these
    in pairs. An element is then off by up to 2^-7 sum_j |weights_j value_j| more, where weights are of one sign; a log-sum-exp
    is as exact as without.

    - (C1) Weights and value have the same batch extent and the same number of keys.
    - (C2) The result's extents are the weights' batch, queries and heads, and the value's static dim.
    - (C3) The value has as many heads as the key.
    - (C4) Weights, value and result are all f64, or none is.
    - (C5) `weights_as` is bf16, of weights that are f32.

    ```mlir
    %o = attn.weighted_sum %w, %v
        : (tensor<?x12x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x12x64xf32>
    %p = attn.weighted_sum %w, %u {weights_as = bf16}
        : (tensor<?x12x?x?xf32>, tensor<?x?x4x64xbf16>) -> tensor<?x?x12x64xbf16>
    ```
  }];
  let arguments = (ins Attn_Scores:$weights, Attn_Rows:$value, OptionalAttr<TypeAttr>:$weights_as);
  let results = (outs Attn_Rows:$result);
  let builders = [OpBuilder<(ins "::mlir::Type":$result, "::mlir::Value":$weights, "::mlir::Value":$value)>];
  let assemblyFormat = "$weights `,` $value attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attn_PartialOp : Attn_Op<"partial", [Pure]> {
  let summary = "a weighted sum that waits for more keys";
  let description = [{
    In the place of attn.weighted_sum: the state of the online normalizer over these keys. The result's last axis holds the
    unfinished columns, then the normalizer's state values. attn.merge joins such states over different keys, attn.finish
    gives the output.

    - (C1) As weighted_sum, but the result's dim is the value's plus the normalizer's number of state values, and
      the result is of the weights' type.
    - (C2) The normalizer is online.

    ```mlir
    %p = attn.partial %w, %v
        : (tensor<?x12x?x?xf32>, tensor<?x?x4x64xf32>) -> tensor<?x?x12x66xf32>
    ```
  }];
  let arguments = (ins Attn_Scores:$weights, Attn_Rows:$value);
  let results = (outs 4DTensorOf<[F32, F64]>:$result);
  let assemblyFormat = "$weights `,` $value attr-dict `:` functional-type(operands, results)";
  let hasVerifier = 1;
}

def Attn_MergeOp : Attn_NormalizedOp<"merge", [AllTypesMatch<["first", "second", "result"]>]> {
  let summary = "two partial states over different keys as one";
  let description = [{
    The normalizer's `merge` on the state values, and its factors on the columns, of two results of attn.partial.

    - (C1) The normalizer is online and has fewer state values than the tensors have columns.

    ```mlir
    %p = attn.merge softmax %a, %b : tensor<?x?x12x66xf32>
    ```
  }];
  let arguments = (ins OptionalAttr<Attn_NormalizerKindAttr>:$kind, OptionalAttr<FlatSymbolRefAttr>:$normalizer,
                       4DTensorOf<[F32, F64]>:$first, 4DTensorOf<[F32, F64]>:$second);
  let results = (outs 4DTensorOf<[F32, F64]>:$result);
  let assemblyFormat = [{
    custom<NormalizerName>($kind, $normalizer) $first `,` $second attr-dict `:` type($first)
  }];
  let hasVerifier = 1;
}

def Attn_FinishOp : Attn_NormalizedOp<"finish"> {
  let summary = "the output of a partial state";
  let description = [{
    The columns of a partial state times the normalizer's final factor; as a second result, where it is written, the log-sum-exp
    (batch, head, query).

    - (C1) The normalizer is online; the result has as many columns as remain without its state values.
    - (C2) The captures are those that the normalizer's regions take.

    ```mlir
    %o = attn.finish softmax %p : tensor<?x?x12x66xf32> -> tensor<?x?x12x64xf32>
    ```
  }];
  let arguments = (ins OptionalAttr<Attn_NormalizerKindAttr>:$kind, OptionalAttr<FlatSymbolRefAttr>:$normalizer,
                       4DTensorOf<[F32, F64]>:$state, Variadic<Attn_Capture>:$captures);
  let results = (outs Attn_Rows:$result, Optional<Attn_PerRow>:$log_sum_exp);
  let assemblyFormat = [{
    custom<NormalizerName>($kind, $normalizer) $state (`captures` `(` $captures^ `:` type($captures) `)`)? attr-dict
    `:` type($state) `->` type($result) (`,` type($log_sum_exp)^)?
  }];
  let hasVerifier = 1;
}

//===-------------------------------------------------------------------------------------------------===//
// Normalizers: how scores become weights
//===-------------------------------------------------------------------------------------------------===//

def Attn_NormalizerOp : Attn_Op<"normalizer", [Symbol, IsolatedFromAbove, NoTerminator]> {
  let summary = "a normalizer whose states over parts of the keys merge";
  let description = [{
    Weights from a *state*, a few numbers that sum a set of keys up, so that keys can be taken block by block and the
    outputs so far rescaled (Milakov and Gimelshein 2018; Dao et al. 2022). With s for the state's values, x a score
    that counts, times `unit`, and P for the positions (batch, head, query):

    | region | takes | yields |
    |---|---|---|
    | `identity` | nothing | s of no key |
    | `summarize` | x, P, captures | s of a block of keys: attn.block_max and attn.block_sum look at all of them |
    | `weight` | x, s, P, captures | the key's weight, not yet final |
    | `merge` | s of some keys, s of others | s of all of them, then the factors of the weights of the first and the second |
    | `finalize` | s, P, captures | the factor that makes weights final; after it, where the normalizer has one, the log-sum-exp |

    merge has to be associative and commutative, with identity as its neutral element, and its factors have to agree with weight:
    weight(x, s) times the factor is weight(x, merged s). `heedc --check-laws` tries it on random states.

    - (C1) The regions have one block each, and take and yield the above; all numbers are f32, or all are f64.
    - (C2) They obey the rules of a component's body (AttnInterfaces.td).
    - (C3) summarize, weight and finalize take the same captures.

    ```mlir
    attn.normalizer @mean identity {
      %zero = arith.constant 0.0 : f32
      attn.yield %zero : f32
    } summarize {
    ^bb0(%x: f32, %batch: index, %head: index, %query: index):
      %one = arith.constant 1.0 : f32
      %count = attn.block_sum %one : f32
      attn.yield %count : f32
    } weight {
    ^bb0(%x: f32, %count: f32, %batch: index, %head: index, %query: index):
      attn.yield %x : f32
    } merge {
    ^bb0(%a: f32, %b: f32):
      %one = arith.constant 1.0 : f32
      %sum = arith.addf %a, %b : f32
      attn.yield %sum, %one, %one : f32, f32, f32
    } finalize {
    ^bb0(%count: f32, %batch: index, %head: index, %query: index):
      %one = arith.constant 1.0 : f32
      %factor = arith.divf %one, %count : f32
      attn.yield %factor : f32
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<F64Attr>:$unit);
  let regions = (region SizedRegion<1>:$identity, SizedRegion<1>:$summarize, SizedRegion<1>:$weight,
                        SizedRegion<1>:$merge, SizedRegion<1>:$finalize);
  let assemblyFormat = [{
    $sym_name `identity` $identity `summarize` $summarize `weight` $weight `merge` $merge `finalize` $finalize
    attr-dict
  }];
  let extraClassDeclaration = [{
    /// Values of a state.
    unsigned getStateCount() { return getIdentity().front().getTerminator()->getNumOperands(); }
    /// What scores are multiplied by before any region sees them.
    double getUnitFactor() { return getUnit() ? getUnit()->convertToDouble() : 1.0; }
    /// finalize also gives the log-sum-exp.
    bool hasLogSumExp() { return getFinalize().front().getTerminator()->getNumOperands() == 2; }
    /// f32 or f64.
    ::mlir::Type getArithmeticType() { return getSummarize().getArgument(0).getType(); }
    ::llvm::SmallVector<::mlir::Type> getCaptureTypes();
  }];
  let hasRegionVerifier = 1;
}

def Attn_ThresholdNormalizerOp : Attn_Op<"threshold_normalizer", [Symbol, IsolatedFromAbove, NoTerminator]> {
  let summary = "a normalizer that finds a threshold at which the weights sum to 1";
  let description = [{
    Weights that need the whole row: `weight(x, t)` falls as t grows, and t is where the weights of the keys that count sum to 1,
    which bisection finds between the two numbers that `bracket` yields. Scores are multiplied by `unit`, and the row's largest is
    subtracted from them: x is at most 0, and as exact as large scores are close.

    | region | takes | yields |
    |---|---|---|
    | `bracket` | nothing | a threshold at which the weights sum to at least 1, one at which they sum to at most 1 |
    | `weight` | x, threshold, batch, head, query, captures | the key's weight |

    - (C1) The regions have one block each, and take and yield the above; all numbers are f32, or all are f64.
    - (C2) They obey the rules of a component's body.

    ```mlir
    attn.threshold_normalizer @sparsemax bracket {
      %low = arith.constant -1.0 : f32
      %high = arith.constant 0.0 : f32
      attn.yield %low, %high : f32, f32
    } weight {
    ^bb0(%x: f32, %threshold: f32, %batch: index, %head: index, %query: index):
      %zero = arith.constant 0.0 : f32
      %above = arith.subf %x, %threshold : f32
      %weight = arith.maximumf %above, %zero : f32
      attn.yield %weight : f32
    }
    ```
  }];
  let arguments = (ins SymbolNameAttr:$sym_name, OptionalAttr<F64Attr>:$unit);
  let regions = (region SizedRegion<1>:$bracket, SizedRegion<1>:$weight);
  let assemblyFormat = "$sym_name `bracket` $bracket `weight` $weight attr-dict";
  let extraClassDeclaration = [{
    /// What scores are multiplied by before any region sees them.
    double getUnitFactor() { return getUnit() ? getUnit()->convertToDouble() : 1.0; }
    /// f32 or f64.
    ::mlir::Type getArithmeticType() { return getWeight().getArgument(0).getType(); }
    ::llvm::SmallVector<::mlir::Type> getCaptureTypes();
  }];
  let hasRegionVerifier = 1;
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
  let arguments = (ins Attn_Matrix:$input, Attn_Matrix:$weights, Variadic<Attn_Capture>:$captures);
  let regions = (region SizedRegion<1>:$body);
  let results = (outs Attn_Matrix:$result);
  let assemblyFormat = [{
    $input `,` $weights (`captures` `(` $captures^ `:` type($captures) `)`)? $body attr-dict
    `:` `(` type($input) `,` type($weights) `)` `->` type($result)
  }];
  let hasVerifier = 1;
}

//===-------------------------------------------------------------------------------------------------===//
// Inside regions
//===-------------------------------------------------------------------------------------------------===//

class Attn_BodyOp<string mnemonic, list<string> parents, list<Trait> traits = [Pure]>
    : Attn_Op<mnemonic, !listconcat(traits, [ParentOneOf<parents>])>;

defvar Attn_WithRegions = ["ModifyOp", "MaskOp", "ScoreOp", "LinearOp", "RowwiseOp", "NormalizerOp",
                           "ThresholdNormalizerOp"];
defvar Attn_WithLengths = ["ModifyOp", "MaskOp", "RowwiseOp"];

def Attn_YieldOp : Attn_BodyOp<"yield", Attn_WithRegions, [Pure, Terminator, ReturnLike]> {
  let summary = "what a region gives";
  let description = [{
    Ends a region: of a modify, score, linear or rowwise op with one number; of a mask with an i1, its ranges with four of type
    index, its status with two i1; of a normalizer as that says.

    ```mlir
    attn.yield %keep : i1
    ```
  }];
  let arguments = (ins Variadic<Attn_Scalar>:$values);
  let assemblyFormat = "($values^ `:` type($values))? attr-dict";
}

// f16 and bf16 load as f32, i8 as i32.
class Attn_ElementOf<string result> : TypesMatchWith<
    "the result is an element of the tensor, widened to f32 or i32", "tensor", result,
    "::heed::attn::loadedType(::llvm::cast<::mlir::RankedTensorType>($_self).getElementType())">;

def Attn_LoadOp : Attn_BodyOp<"load", Attn_WithRegions, [Pure, Attn_ElementOf<"result">]> {
  let summary = "one element of a captured tensor";
  let description = [{
    f16 and bf16 are widened to f32, i8 to i32. An index that is not itself a position argument of the region is
    clamped to the axis; so is the position of a rowwise op with positions(...), which may go past the tensor's end.

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

def Attn_ExtentOp : Attn_BodyOp<"extent", Attn_WithRegions> {
  let summary = "how long an axis of a captured tensor is";
  let description = [{
    Where the past ends and the new keys begin, for a region that puts the two together.

    - (C1) The tensor has the axis.

    ```mlir
    %n = attn.extent %past[1] : tensor<?x?x4x64xf32>
    ```
  }];
  let arguments = (ins Attn_Capture:$tensor, I64Attr:$axis);
  let results = (outs Index:$result);
  let assemblyFormat = "$tensor `[` $axis `]` attr-dict `:` type($tensor)";
  let hasVerifier = 1;
}

class Attn_LoadBoundOp<string which, string what> : Attn_BodyOp<"load_" # which, ["MaskOp"], [
    Pure, SameVariadicOperandSize, Attn_ElementOf<"result">]> {
  let summary = what # " element of a box of a captured tensor";
  let description = [{
    Of the elements whose indices lie between `first` and `last`, both inclusive and clamped to their axes; of i1, false is
    smaller than true.

    - (C1) There is one first and one last index for each axis of the tensor.
    - (C2) It stands in the status of a mask.

    ```mlir
    %r = attn.load_}] # which # [{ %document[%batch, %first] to [%batch, %last] : tensor<?x?xi32>
    ```
  }];
  let arguments = (ins Attn_Capture:$tensor, Variadic<Index>:$first, Variadic<Index>:$last);
  let results = (outs Attn_Scalar:$result);
  let assemblyFormat = "$tensor `[` $first `]` `to` ` ` `[` $last `]` attr-dict `:` type($tensor)";
  let hasVerifier = 1;
}
def Attn_LoadMinOp : Attn_LoadBoundOp<"min", "the smallest">;
def Attn_LoadMaxOp : Attn_LoadBoundOp<"max", "the largest">;

class Attn_SegmentOp<string which, string what> : Attn_BodyOp<"segment_" # which, Attn_WithLengths> {
  let summary = what;
  let description = [{
    `starts` holds cumulative lengths, nondecreasing: the segment of a position ends before the smallest of them
    that is greater (2^30 where there is none) and begins at the largest that is not (0 where there is none).

    - (C1) `starts` is an argument of the kernel with the role attn.segments.

    ```mlir
    %x = attn.segment_}] # which # [{ %starts[%query] : tensor<?xi32>
    ```
  }];
  let arguments = (ins 1DTensorOf<[I32]>:$starts, Index:$position);
  let results = (outs Index:$result);
  let assemblyFormat = "$starts `[` $position `]` attr-dict `:` type($starts)";
}
def Attn_SegmentBeginOp : Attn_SegmentOp<"begin", "where the segment of a position begins">;
def Attn_SegmentEndOp : Attn_SegmentOp<"end", "where the segment of a position ends">;

class Attn_LengthOp<string mnemonic> : Attn_BodyOp<mnemonic, Attn_WithLengths> {
  let results = (outs Index:$result);
  let assemblyFormat = "attr-dict";
}

def Attn_QueryLengthOp : Attn_LengthOp<"query_length"> {
  let summary = "the number of queries of the batch entry";
  let description = [{
    From the kernel's argument with the role `attn.query_lengths`, or the query's extent.

    ```mlir
    %n = attn.query_length
    ```
  }];
}

def Attn_KeyLengthOp : Attn_LengthOp<"key_length"> {
  let summary = "the number of keys of the batch entry";
  let description = [{
    From the kernel's argument with the role `attn.key_lengths`, or the key's extent.

    ```mlir
    %n = attn.key_length
    ```
  }];
}

def Attn_QueryOffsetOp : Attn_LengthOp<"query_offset"> {
  let summary = "the place of the batch entry's first query among its keys";
  let description = [{
    From the kernel's argument with the role `attn.query_offsets`, or key length - query length: the last query
    then stands at the last key, as it does with a cache of earlier keys. Rowwise ops that make queries rotate them by it.

    ```mlir
    %offset = attn.query_offset
    %place = arith.addi %query, %offset : index
    ```
  }];
}

def Attn_RowSumOp : Attn_BodyOp<"row_sum", ["RowwiseOp"], [Pure, AllTypesMatch<["value", "result"]>]> {
  let summary = "the sum of a value over the columns of the row";
  let description = [{
    Sums `value`, as computed at each column of the row. The result is the same at each column.

    ```mlir
    %sum = attn.row_sum %x : f32
    ```
  }];
  let arguments = (ins Attn_Number:$value);
  let results = (outs Attn_Number:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
}

class Attn_BlockReductionOp<string which> : Attn_BodyOp<"block_" # which, ["NormalizerOp"], [
    Pure, AllTypesMatch<["value", "result"]>]> {
  let arguments = (ins Attn_Number:$value);
  let results = (outs Attn_Number:$result);
  let assemblyFormat = "$value attr-dict `:` type($value)";
  let hasVerifier = 1;
}

def Attn_BlockMaxOp : Attn_BlockReductionOp<"max"> {
  let summary = "the largest of a value over the block's keys that count";
  let description = [{
    The largest of `value`, as computed for each key of the block; -1e30 where no key counts.

    - (C1) It stands in `summarize`.

    ```mlir
    %largest = attn.block_max %x : f32
    ```
  }];
}

def Attn_BlockSumOp : Attn_BlockReductionOp<"sum"> {
  let summary = "the sum of a value over the block's keys that count";
  let description = [{
    The sum of `value`, as computed for each key of the block; 0 where no key counts.

    - (C1) It stands in `summarize`.

    ```mlir
    %sum = attn.block_sum %weight : f32
    ```
  }];
}

def Attn_DecayOp : Attn_BodyOp<"decay", ["NormalizerOp"], [Pure, AllTypesMatch<["x", "result"]>]> {
  let summary = "2^x for x <= 0, at least 2^-100";
  let description = [{
    The power that online normalizers take of a score less the largest. It never gives a denormal, which would cost 7 times
    the time of all else; NaN stays NaN. What it gives for x > 0 is not specified.

    ```mlir
    %weight = attn.decay %below : f32
    ```
  }];
  let arguments = (ins Attn_Number:$x);
  let results = (outs Attn_Number:$result);
  let assemblyFormat = "$x attr-dict `:` type($x)";
}

#endif
