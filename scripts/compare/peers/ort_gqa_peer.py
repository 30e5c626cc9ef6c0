"""ONNX Runtime's GroupQueryAttention (com.microsoft): causal, with a cache of keys and values."""

import numpy as np
from onnx import helper

from peers import Cannot
from peers.ort_common import VERSION_OF, Graph, finite, heads_first, sequences_first  # noqa: F401


def prepare(problem, threads):
    case, graph = problem.case, Graph()
    if not case.causal and case.queries > 1:
        raise Cannot("it is causal")
    if case.cosine or case.features:
        raise Cannot("its scores are scaled products")
    if case.dtype == "bf16":
        raise Cannot("no bfloat16 on CPUs")
    past = case.keys - case.queries  # decoding: all keys but the new one are in the cache
    inputs = [graph.input("query", sequences_first(problem.query))]
    inputs += [graph.input(n, sequences_first(getattr(problem, n)[:, :, past:])) for n in ("key", "value")]
    for name in ("key", "value"):
        inputs.append(graph.input("past_" + name, getattr(problem, name)[:, :, :past]) if past else "")
    inputs.append(graph.input("last_key", np.full(case.batch, case.keys - 1, np.int32)))
    inputs.append(graph.input("keys", np.array(case.keys, np.int32)))
    attributes = {"num_heads": case.heads, "kv_num_heads": case.key_heads}
    if case.window:
        attributes["local_window_size"] = case.window
    if case.softcap:
        attributes["softcap"] = case.softcap
    if case.alibi:
        inputs += ["", "", "", graph.input("bias", finite(problem.bias()))]
    present = (case.batch, case.key_heads, case.keys, case.dim)
    outputs = {"out": graph.feeds["query"].shape, "present_key": present, "present_value": present}
    graph.nodes.append(helper.make_node("GroupQueryAttention", inputs, list(outputs), domain="com.microsoft",
                                        **attributes))
    return graph.prepare(outputs, threads, heads_first(case.heads))
