"""ONNX Runtime's Attention (ONNX opset 23), with what it lacks as operators around it."""

import numpy as np

from peers import Cannot
from peers.ort_common import VERSION_OF, Graph  # noqa: F401


def additive(graph, problem, query, key, value):
    """The whole of attention as operators: Attention's scores are products."""
    q = graph.node("MatMul", [query, graph.constant("wq", problem.query_weights)], "q_features")
    k = graph.node("MatMul", [key, graph.constant("wk", problem.key_weights)], "k_features")
    q = graph.node("Unsqueeze", [q, graph.constant("last", np.array([3]))], "q_rows")
    k = graph.node("Unsqueeze", [k, graph.constant("middle", np.array([2]))], "k_columns")
    sums = graph.node("Tanh", [graph.node("Add", [q, k], "sums")], "tanhs")
    scores = graph.node("MatMul", [sums, graph.constant("w", problem.feature_weights)], "scores")
    weights = graph.node("Softmax", [scores], "weights", axis=-1)
    graph.node("MatMul", [weights, value], "out")


def directions(graph, problem, query, key):
    """Query and key whose product is the cosine score."""
    last = graph.constant("last", np.array([-1]))
    for name in (query, key):
        graph.node("ReduceL2", [name, last], name + "_norm", keepdims=1)
        graph.node("Div", [name, name + "_norm"], name + "_unit")
    scales = graph.constant("scales", problem.scales.reshape(1, -1, 1, 1))
    return graph.node("Mul", [query + "_unit", scales], query + "_scaled"), key + "_unit"


def prepare(problem, threads):
    case, graph = problem.case, Graph()
    if case.dtype == "bf16":
        raise Cannot("no bfloat16 on CPUs")
    query, key, value = (graph.input(n, getattr(problem, n)) for n in ("query", "key", "value"))
    if case.features:
        additive(graph, problem, query, key, value)
        return graph.prepare({"out": problem.query.shape}, threads)
    attributes, inputs = {}, [query, key, value]
    if case.cosine:
        inputs[:2] = directions(graph, problem, query, key)
        attributes["scale"] = 1.0
    if case.softcap:
        attributes["softcap"] = case.softcap
    if case.causal and not case.window and not case.alibi:
        attributes["is_causal"] = 1
    elif case.causal or case.padded:
        mask = problem.bias() if case.alibi else problem.counts()
        shape = (case.batch if case.padded else 1, mask.shape[1], case.queries, case.keys)
        inputs.append(graph.input("mask", np.broadcast_to(mask, shape)))
    graph.node("Attention", inputs, "out", **attributes)
    return graph.prepare({"out": problem.query.shape}, threads)
