"""What the peers made of PyTorch share."""

import torch
import torch.nn.functional as F

from peers import Prepared

VERSION_OF = "torch"


def start(threads):
    torch.set_num_threads(threads)
    torch.set_grad_enabled(False)
    if hasattr(torch, "_dynamo"):
        torch._dynamo.reset()


def operands(problem):
    dtype = torch.bfloat16 if problem.case.dtype == "bf16" else torch.float32
    return [torch.from_numpy(x).to(dtype) for x in (problem.query, problem.key, problem.value)]


def scaled_cosines(problem):
    """Query and key whose product is the cosine score."""
    scales = torch.from_numpy(problem.scales).view(1, -1, 1, 1)
    return lambda query, key: (F.normalize(query, dim=-1) * scales, F.normalize(key, dim=-1))


def prepared(function, arguments):
    last = {}

    def call():
        last["output"] = function(*arguments)

    return Prepared(call, lambda: last["output"].float().numpy())
