"""ONNX Runtime's MultiHeadAttention (com.microsoft)."""

import numpy as np

from peers import Cannot
from peers.ort_common import VERSION_OF, Graph, finite, heads_first, sequences_first  # noqa: F401


def prepare(problem, threads):
    case, graph = problem.case, Graph()
    if case.group > 1:
        raise Cannot("as many key heads as query heads")
    if case.softcap or case.cosine or case.features:
        raise Cannot("its scores are scaled products")
    if case.dtype == "bf16":
        raise Cannot("no bfloat16 on CPUs")
    inputs = [graph.input(n, sequences_first(getattr(problem, n))) for n in ("query", "key", "value")]
    attributes = {"num_heads": case.heads}
    if case.padded:
        counts = problem.counts().reshape(case.batch, case.keys)
        inputs += ["", graph.input("key_padding_mask", counts.astype(np.int32))]
    elif case.causal and not case.window and not case.alibi:
        attributes["unidirectional"] = 1
    elif case.causal:
        inputs += ["", "", graph.input("bias", finite(problem.bias()))]
    graph.node("MultiHeadAttention", inputs, "out", domain="com.microsoft", **attributes)
    return graph.prepare({"out": graph.feeds["query"].shape}, threads, heads_first(case.heads))
