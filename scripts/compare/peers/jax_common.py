"""Attention as its formula, in JAX."""

import jax
import jax.numpy as jnp


def formula(problem):
    """A function of query, key and value, (batch, head, sequence, dim)."""
    case = problem.case

    def scores_of(query, key):
        if case.features:
            sums = (query @ problem.query_weights)[:, :, :, None, :] + (key @ problem.key_weights)[:, :, None, :, :]
            return jnp.sum(jnp.tanh(sums) * problem.feature_weights, -1)
        if case.cosine:
            query = query / jnp.linalg.norm(query, axis=-1, keepdims=True) * problem.scales.reshape(1, -1, 1, 1)
            return query @ (key / jnp.linalg.norm(key, axis=-1, keepdims=True)).swapaxes(-1, -2)
        scores = query @ key.swapaxes(-1, -2) * problem.scale
        return case.softcap * jnp.tanh(scores / case.softcap) if case.softcap else scores

    def attention(query, key, value):
        if case.group > 1:
            key, value = jnp.repeat(key, case.group, 1), jnp.repeat(value, case.group, 1)
        scores = scores_of(query, key)
        away = jnp.arange(case.queries)[:, None] - jnp.arange(case.keys)
        if case.alibi:
            scores = scores - jnp.asarray(problem.slopes, scores.dtype)[:, None, None] * away.astype(scores.dtype)
        if case.causal:
            scores = jnp.where((away >= 0) & (away < (case.window or case.keys + 1)), scores, -1e30)
        if case.padded:
            scores = jnp.where(problem.counts(), scores, -1e30)
        return jax.nn.softmax(scores, -1) @ value

    return attention
