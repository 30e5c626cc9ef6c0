// The kernels of MiniLM-L6-H384, a BERT encoder (Devlin et al. 2018; Wang et al. 2020): width 384,
// 12 heads of 32, inner width 1536. A row is a token of the batch: rows = batch * sequence.
// Bert.cpp calls them.

// Word, position and type embeddings, summed and normed.
attn.kernel @bert_embed(
    %words: tensor<?x384xf32>, %positions: tensor<?x384xf32>, %types: tensor<?x384xf32>,
    %word_ids: tensor<?xi32>, %position_ids: tensor<?xi32>, %type_ids: tensor<?xi32>,
    %gamma: tensor<384xf32>, %beta: tensor<384xf32>) -> tensor<?x384xf32> {
  %y = attn.rowwise captures(
      %words, %positions, %types, %word_ids, %position_ids, %type_ids, %gamma, %beta
      : tensor<?x384xf32>, tensor<?x384xf32>, tensor<?x384xf32>, tensor<?xi32>, tensor<?xi32>,
        tensor<?xi32>, tensor<384xf32>, tensor<384xf32>) {
  ^bb0(%row: index, %column: index, %w: tensor<?x384xf32>, %p: tensor<?x384xf32>,
       %t: tensor<?x384xf32>, %wi: tensor<?xi32>, %pi: tensor<?xi32>, %ti: tensor<?xi32>,
       %g: tensor<384xf32>, %b: tensor<384xf32>):
    %word_id = attn.load %wi[%row] : tensor<?xi32>
    %word = arith.index_cast %word_id : i32 to index
    %position_id = attn.load %pi[%row] : tensor<?xi32>
    %position = arith.index_cast %position_id : i32 to index
    %type_id = attn.load %ti[%row] : tensor<?xi32>
    %type = arith.index_cast %type_id : i32 to index
    %from_word = attn.load %w[%word, %column] : tensor<?x384xf32>
    %from_position = attn.load %p[%position, %column] : tensor<?x384xf32>
    %from_type = attn.load %t[%type, %column] : tensor<?x384xf32>
    %two = arith.addf %from_word, %from_position : f32
    %x = arith.addf %two, %from_type : f32

    %per_column = arith.constant 0.0026041666666666665 : f32 // 1 / 384
    %epsilon = arith.constant 1.0e-12 : f32
    %sum = attn.row_sum %x : f32
    %mean = arith.mulf %sum, %per_column : f32
    %centred = arith.subf %x, %mean : f32
    %square = arith.mulf %centred, %centred : f32
    %squares = attn.row_sum %square : f32
    %variance = arith.mulf %squares, %per_column : f32
    %padded = arith.addf %variance, %epsilon : f32
    %scale = math.rsqrt %padded : f32
    %normed = arith.mulf %centred, %scale : f32
    %gain = attn.load %g[%column] : tensor<384xf32>
    %shift = attn.load %b[%column] : tensor<384xf32>
    %scaled = arith.mulf %normed, %gain : f32
    %result = arith.addf %scaled, %shift : f32
    attn.yield %result : f32
  } : tensor<?x384xf32>
  attn.return %y : tensor<?x384xf32>
}

// Query, key and value of all heads in one product: columns 0-383, 384-767, 768-1151.
attn.kernel @bert_qkv(%x: tensor<?x384xf32>, %w: tensor<384x1152xf32>, %bias: tensor<1152xf32>)
    -> tensor<?x1152xf32> {
  %y = attn.linear %x, %w captures(%bias : tensor<1152xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<1152xf32>):
    %here = attn.load %b[%column] : tensor<1152xf32>
    %sum = arith.addf %acc, %here : f32
    attn.yield %sum : f32
  } : (tensor<?x384xf32>, tensor<384x1152xf32>) -> tensor<?x1152xf32>
  attn.return %y : tensor<?x1152xf32>
}

// Every token looks at every token of its own text; padding is behind the text's length.
attn.kernel @bert_attention(
    %q: tensor<?x?x12x32xf32>, %k: tensor<?x?x12x32xf32>, %v: tensor<?x?x12x32xf32>,
    %lengths: tensor<?xi32> {attn.key_lengths}) -> tensor<?x?x12x32xf32> {
  %s = attn.score scaled_dot %q, %k
      : (tensor<?x?x12x32xf32>, tensor<?x?x12x32xf32>) -> tensor<?x12x?x?xf32>
  %w = attn.normalize softmax %s : tensor<?x12x?x?xf32>
  %o = attn.weighted_sum %w, %v
      : (tensor<?x12x?x?xf32>, tensor<?x?x12x32xf32>) -> tensor<?x?x12x32xf32>
  attn.return %o : tensor<?x?x12x32xf32>
}

// The heads' results mixed, and added to what went in.
attn.kernel @bert_project(%x: tensor<?x384xf32>, %w: tensor<384x384xf32>, %bias: tensor<384xf32>,
                          %residual: tensor<?x384xf32>) -> tensor<?x384xf32> {
  %y = attn.linear %x, %w captures(%bias, %residual : tensor<384xf32>, tensor<?x384xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<384xf32>, %r: tensor<?x384xf32>):
    %here = attn.load %b[%column] : tensor<384xf32>
    %before = attn.load %r[%row, %column] : tensor<?x384xf32>
    %sum = arith.addf %acc, %here : f32
    %total = arith.addf %sum, %before : f32
    attn.yield %total : f32
  } : (tensor<?x384xf32>, tensor<384x384xf32>) -> tensor<?x384xf32>
  attn.return %y : tensor<?x384xf32>
}

// Layer norm (Ba et al. 2016).
attn.kernel @bert_norm(%x: tensor<?x384xf32>, %gamma: tensor<384xf32>, %beta: tensor<384xf32>)
    -> tensor<?x384xf32> {
  %y = attn.rowwise captures(
      %x, %gamma, %beta : tensor<?x384xf32>, tensor<384xf32>, tensor<384xf32>) {
  ^bb0(%row: index, %column: index, %t: tensor<?x384xf32>, %g: tensor<384xf32>,
       %b: tensor<384xf32>):
    %value = attn.load %t[%row, %column] : tensor<?x384xf32>
    %per_column = arith.constant 0.0026041666666666665 : f32 // 1 / 384
    %epsilon = arith.constant 1.0e-12 : f32
    %sum = attn.row_sum %value : f32
    %mean = arith.mulf %sum, %per_column : f32
    %centred = arith.subf %value, %mean : f32
    %square = arith.mulf %centred, %centred : f32
    %squares = attn.row_sum %square : f32
    %variance = arith.mulf %squares, %per_column : f32
    %padded = arith.addf %variance, %epsilon : f32
    %scale = math.rsqrt %padded : f32
    %normed = arith.mulf %centred, %scale : f32
    %gain = attn.load %g[%column] : tensor<384xf32>
    %shift = attn.load %b[%column] : tensor<384xf32>
    %scaled = arith.mulf %normed, %gain : f32
    %result = arith.addf %scaled, %shift : f32
    attn.yield %result : f32
  } : tensor<?x384xf32>
  attn.return %y : tensor<?x384xf32>
}

// The wide layer and its GELU, x Phi(x) (Hendrycks and Gimpel 2016), exact.
attn.kernel @bert_up(%x: tensor<?x384xf32>, %w: tensor<384x1536xf32>, %bias: tensor<1536xf32>)
    -> tensor<?x1536xf32> {
  %y = attn.linear %x, %w captures(%bias : tensor<1536xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<1536xf32>):
    %here = attn.load %b[%column] : tensor<1536xf32>
    %sum = arith.addf %acc, %here : f32
    %half = arith.constant 0.5 : f32
    %one = arith.constant 1.0 : f32
    %sqrt_half = arith.constant 0.70710678118654752 : f32
    %scaled = arith.mulf %sum, %sqrt_half : f32
    %erf = math.erf %scaled : f32
    %shifted = arith.addf %erf, %one : f32
    %halved = arith.mulf %sum, %half : f32
    %gelu = arith.mulf %halved, %shifted : f32
    attn.yield %gelu : f32
  } : (tensor<?x384xf32>, tensor<384x1536xf32>) -> tensor<?x1536xf32>
  attn.return %y : tensor<?x1536xf32>
}

// Back to the model's width, and added to what went in.
attn.kernel @bert_down(%x: tensor<?x1536xf32>, %w: tensor<1536x384xf32>, %bias: tensor<384xf32>,
                       %residual: tensor<?x384xf32>) -> tensor<?x384xf32> {
  %y = attn.linear %x, %w captures(%bias, %residual : tensor<384xf32>, tensor<?x384xf32>) {
  ^bb0(%acc: f32, %row: index, %column: index, %b: tensor<384xf32>, %r: tensor<?x384xf32>):
    %here = attn.load %b[%column] : tensor<384xf32>
    %before = attn.load %r[%row, %column] : tensor<?x384xf32>
    %sum = arith.addf %acc, %here : f32
    %total = arith.addf %sum, %before : f32
    attn.yield %total : f32
  } : (tensor<?x1536xf32>, tensor<1536x384xf32>) -> tensor<?x384xf32>
  attn.return %y : tensor<?x384xf32>
}
