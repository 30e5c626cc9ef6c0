attn.kernel @up(%x: tensor<?x100000xf32>, %w: tensor<100000x100000xf32>) -> tensor<?x100000xf32> {
  %y = attn.linear %x, %w {
  ^bb0(%acc: f32, %row: index, %column: index):
    attn.yield %acc : f32
  } : (tensor<?x100000xf32>, tensor<100000x100000xf32>) -> tensor<?x100000xf32>
  attn.return %y : tensor<?x100000xf32>
}
