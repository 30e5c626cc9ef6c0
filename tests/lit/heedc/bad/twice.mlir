attn.kernel @up(%x: tensor<?x16xf32>, %w: tensor<16x16xf32>) -> tensor<?x16xf32> {
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<?x16xf32>, tensor<16x16xf32>) -> tensor<?x16xf32>
  attn.return %y : tensor<?x16xf32>
}
attn.kernel @up_pack(%x: tensor<?x16xf32>) -> tensor<?x16xf32> {
  %y = attn.rowwise captures(%x : tensor<?x16xf32>) {
  ^bb0(%row: index, %column: index, %xt: tensor<?x16xf32>):
    %a = attn.load %xt[%row, %column] : tensor<?x16xf32>
    attn.yield %a : f32
  } : tensor<?x16xf32>
  attn.return %y : tensor<?x16xf32>
}
