attn.kernel @a(%q: tensor<?x?x4x8xf32>) -> {
