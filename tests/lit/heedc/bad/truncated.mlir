attn.kernel @a(%x: tensor<?x48xf32>) -> tensor<?x48xf32> {
  %y = attn.rowwise captures(%x : tensor<?x48xf32>) {
  ^bb0(%row: index, %column: index, %xt: tensor<?x48xf32>):
    %a = attn.load %xt[%row, %column] : ten
