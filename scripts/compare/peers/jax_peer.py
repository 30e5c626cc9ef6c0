"""jax.nn.dot_product_attention where the case is one, else its formula, through jax.jit."""

import jax
import jax.numpy as jnp
import numpy as np

from peers import Prepared
from peers.jax_common import formula

VERSION_OF = "jax"


def product_attention(problem):
    """On (batch, sequence, head, dim), its own layout."""
    case, options, large = problem.case, {}, {}
    if case.causal:
        options["is_causal"] = True
    if case.window:
        options["local_window_size"] = (case.window - 1, 0)
    if case.padded:
        large["mask"] = jnp.asarray(problem.counts())
    if case.alibi:
        large["bias"] = jnp.asarray(np.maximum(problem.bias(), np.float32(-1e30)))
    compiled = jax.jit(lambda q, k, v, large: jax.nn.dot_product_attention(q, k, v, **options, **large))
    return lambda q, k, v: compiled(q, k, v, large)


def prepare(problem, threads):
    case = problem.case
    is_product = case.is_plain_product or case.alibi
    function = product_attention(problem) if is_product else jax.jit(formula(problem))
    axes = (0, 2, 1, 3) if is_product else (0, 1, 2, 3)
    dtype = jnp.bfloat16 if case.dtype == "bf16" else jnp.float32
    arrays = [jnp.asarray(x.transpose(axes), dtype) for x in (problem.query, problem.key, problem.value)]
    last = {}

    def call():
        last["output"] = function(*arrays).block_until_ready()

    return Prepared(call, lambda: np.asarray(last["output"].astype(jnp.float32)).transpose(axes))
