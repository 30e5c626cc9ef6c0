# heed_add_kernel and heed_add_model: filled in beside compiler/emit.
