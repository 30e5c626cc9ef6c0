"""torch.nn.functional.scaled_dot_product_attention. What is no causal mask is a dense one, built outside of the timing."""

import torch
import torch.nn.functional as F

from peers import Cannot
from peers.torch_common import VERSION_OF, operands, prepared, scaled_cosines, start  # noqa: F401


def prepare(problem, threads):
    case = problem.case
    if case.softcap or case.features:
        raise Cannot("its scores are scaled products")
    start(threads)
    tensors = operands(problem)
    if case.cosine:
        directions = scaled_cosines(problem)

        def cosine(query, key, value):
            query, key = directions(query, key)
            return F.scaled_dot_product_attention(query, key, value, scale=1.0)

        return prepared(cosine, tensors)
    options = {"enable_gqa": case.group > 1}
    if case.causal and not case.window and not case.alibi:
        options["is_causal"] = True
    elif (bias := problem.bias()) is not None:
        mask = torch.from_numpy(bias).to(tensors[0].dtype)
        options["attn_mask"] = mask.expand(case.batch, mask.shape[1], case.queries, case.keys)
    return prepared(lambda q, k, v: F.scaled_dot_product_attention(q, k, v, **options), tensors)
