"""Attention as its formula, through torch.compile."""

import torch
import torch.nn.functional as F

from peers.torch_common import VERSION_OF, operands, prepared, scaled_cosines, start  # noqa: F401


def scores_of(problem):
    case = problem.case
    if case.cosine:
        directions = scaled_cosines(problem)

        def cosines(query, key):
            query, key = directions(query, key)
            return query @ key.transpose(-1, -2)

        return cosines
    if case.features:
        names = ("query_weights", "key_weights", "feature_weights")
        wq, wk, w = (torch.from_numpy(getattr(problem, name)) for name in names)
        return lambda query, key: (torch.tanh((query @ wq).unsqueeze(3) + (key @ wk).unsqueeze(2)) * w).sum(-1)
    if case.softcap:
        cap = case.softcap
        return lambda query, key: cap * torch.tanh(query @ key.transpose(-1, -2) * problem.scale / cap)
    return lambda query, key: query @ key.transpose(-1, -2) * problem.scale


def prepare(problem, threads):
    case = problem.case
    start(threads)
    tensors = operands(problem)
    scores, bias = scores_of(problem), problem.bias()
    if bias is not None:
        bias = torch.from_numpy(bias).to(tensors[0].dtype)

    def attention(query, key, value):
        if case.group > 1:
            key, value = key.repeat_interleave(case.group, 1), value.repeat_interleave(case.group, 1)
        x = scores(query, key)
        if bias is not None:
            x = x + bias
        return F.softmax(x, -1) @ value

    return prepared(torch.compile(attention, dynamic=False), tensors)
