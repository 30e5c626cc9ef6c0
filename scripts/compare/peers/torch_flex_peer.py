"""torch.nn.attention.flex_attention, compiled: masks and changes of the score as functions."""

import torch
from torch.nn.attention.flex_attention import create_block_mask, flex_attention

from peers import Cannot
from peers.torch_common import VERSION_OF, operands, prepared, scaled_cosines, start  # noqa: F401


def mask_of(problem):
    case = problem.case
    if case.padded:
        lengths = torch.from_numpy(problem.lengths)
        return lambda b, h, query, key: key < lengths[b]
    if case.window:
        return lambda b, h, query, key: (key <= query) & (query - key < case.window)
    return (lambda b, h, query, key: key <= query) if case.causal else None


def change_of(problem):
    case = problem.case
    if case.alibi:
        slopes = torch.from_numpy(problem.slopes)
        return lambda score, b, h, query, key: score - slopes[h] * (query - key)
    if case.softcap:
        return lambda score, b, h, query, key: case.softcap * torch.tanh(score / case.softcap)
    return None


def prepare(problem, threads):
    case = problem.case
    if case.features:
        raise Cannot("its scores are products")
    start(threads)
    mask = mask_of(problem)
    batch = case.batch if case.padded else None
    blocks = mask and create_block_mask(mask, batch, None, case.queries, case.keys, device="cpu")
    options = {"score_mod": change_of(problem), "block_mask": blocks, "enable_gqa": case.group > 1}
    if case.cosine:
        directions = scaled_cosines(problem)
        options["scale"] = 1.0
    else:
        def directions(query, key):
            return query, key

    def attention(query, key, value):
        return flex_attention(*directions(query, key), value, **options)

    return prepared(torch.compile(attention, dynamic=False), operands(problem))
