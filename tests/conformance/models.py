"""Models of one attention operator through compiled kernels: docs/onnx.md says how the two meet."""
import re
import subprocess

import numpy as np
import onnx

from kernels import Library

# Operator: which inputs are queries, keys or values, and the attributes that say their numbers of heads.
OPERATORS = {"Attention": ((0, 1, 2, 4, 5), "q_num_heads", "kv_num_heads"),
             "MultiHeadAttention": ((0, 1, 2, 6, 7), "num_heads", "num_heads"),
             "GroupQueryAttention": ((0, 1, 2, 3, 4), "num_heads", "kv_num_heads")}


def heedc(program, model, *flags, target="host"):
    """What it prints; raises ValueError with its message."""
    done = subprocess.run([program, model, "--target", target, *flags], capture_output=True, text=True)
    if done.returncode:
        raise ValueError(done.stderr.strip())
    return done.stdout


def rows(array, heads):
    """(batch, heads, positions, dim) or (batch, positions, heads * dim) as kernels have it: a view."""
    if array.ndim == 4:
        return array.swapaxes(1, 2)
    return array.reshape(array.shape[0], array.shape[1], heads, -1)


def heads_of_rows(graph):
    """The names of queries, keys, values, outputs and caches -> their numbers of heads, where the graph says."""
    attention, = [node for node in graph.node if node.op_type in OPERATORS]
    numbers, queries, keys = OPERATORS[attention.op_type]
    attributes = {a.name: onnx.helper.get_attribute_value(a) for a in attention.attribute}
    made_of = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "RotaryEmbedding"}
    inputs = [attention.input[i] for i in numbers if i < len(attention.input)]
    heads = {made_of.get(name, name): attributes.get(keys) for name in inputs + list(attention.output[1:3])}
    for name in (inputs[0], attention.output[0]):
        heads[made_of.get(name, name)] = attributes.get(queries)
    return heads


def run(library, model, inputs, expected, device="cpu"):
    """The outputs of the model that heedc made `library` of; `expected` gives their shapes and types."""
    kernels, name, heads = Library(library, device), library.name, heads_of_rows(model.graph)

    def view(tensor, array):
        return rows(array, heads[tensor]) if tensor in heads else array

    outputs = {value.name: np.full_like(array, 77) for value, array in zip(model.graph.output, expected)}
    arrays = {re.sub(r"\W", "_", tensor): view(tensor, array) for tensor, array in inputs.items()}
    presents = [tensor for tensor in outputs if f"{name}_{tensor}" in kernels.kernels]
    for tensor in presents:
        arrays[tensor] = view(tensor, outputs[tensor])
        kernels.call(f"{name}_{tensor}", arrays, [arrays[tensor]])
    results = [tensor for tensor in outputs if tensor not in presents]
    for tensor in results[1:]:  # scores have the type that kernels compute in
        if outputs[tensor].dtype != np.float64:
            outputs[tensor] = outputs[tensor].astype(np.float32)
    kernels.call(name, arrays, [view(tensor, outputs[tensor]) for tensor in results])
    return [output.astype(array.dtype) for output, array in zip(outputs.values(), expected)]
