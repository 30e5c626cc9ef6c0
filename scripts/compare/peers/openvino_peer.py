"""OpenVINO: ScaledDotProductAttention where the case is one, else its formula."""

import numpy as np
import openvino as ov
from openvino import opset13 as ops

from peers import Prepared
from problem import bfloat16_bits, bfloat16_values

VERSION_OF = "openvino"


class Model:
    """Parameters by the arrays they are given."""

    def __init__(self, is_bfloat16):
        self.type = ov.Type.bf16 if is_bfloat16 else ov.Type.f32
        self.parameters, self.tensors, self.held = [], [], []

    def parameter(self, array, type=None):
        type = type or self.type
        if type == ov.Type.bf16:
            bits = bfloat16_bits(array)
            self.held.append(bits)
            self.tensors.append(ov.Tensor(bits, list(bits.shape), type))
        else:
            self.tensors.append(ov.Tensor(np.ascontiguousarray(array)))
        self.parameters.append(ops.parameter(list(array.shape), type))
        return self.parameters[-1]

    def prepare(self, output, shape, threads):
        model = ov.Model([ops.result(output)], self.parameters, "attention")
        settings = {"INFERENCE_NUM_THREADS": threads, "NUM_STREAMS": 1, "PERFORMANCE_HINT": "LATENCY",
                    "INFERENCE_PRECISION_HINT": "bf16" if self.type == ov.Type.bf16 else "f32"}
        request = ov.Core().compile_model(model, "CPU", settings).create_infer_request()
        for i, tensor in enumerate(self.tensors):
            request.set_input_tensor(i, tensor)

        def result():
            tensor = request.get_output_tensor(0)
            if tensor.element_type != ov.Type.bf16:
                return tensor.data.astype(np.float32)
            return bfloat16_values(np.frombuffer(tensor.data.tobytes(), np.uint16)).reshape(shape)

        return Prepared(lambda: (self.held, request.infer())[1], result)


def constant(value, type=np.float32):
    return ops.constant(np.asarray(value, type))


def repeated(x, shape, group):
    """Key heads as often as query heads use them."""
    batch, heads, keys, dim = shape
    wide = ops.broadcast(ops.unsqueeze(x, constant([2], np.int64)), constant([batch, heads, group, keys, dim], np.int64))
    return ops.reshape(wide, constant([batch, heads * group, keys, dim], np.int64), False)


def additive(problem, query, key, value):
    q = ops.unsqueeze(ops.matmul(query, constant(problem.query_weights), False, False), constant([3], np.int64))
    k = ops.unsqueeze(ops.matmul(key, constant(problem.key_weights), False, False), constant([2], np.int64))
    terms = ops.multiply(ops.tanh(ops.add(q, k)), constant(problem.feature_weights))
    scores = ops.reduce_sum(terms, constant([4], np.int64), False)
    return ops.matmul(ops.softmax(scores, 3), value, False, False)


def softcapped(problem, query, key, value):
    cap = problem.case.softcap
    scores = ops.multiply(ops.matmul(query, key, False, True), constant(problem.scale / cap))
    scores = ops.add(ops.multiply(ops.tanh(scores), constant(cap)), constant(problem.bias()))
    return ops.matmul(ops.softmax(scores, 3), value, False, False)


def cosine(problem, query, key, value):
    def unit(x):
        return ops.normalize_l2(x, constant([3], np.int64), 1e-12, "max")

    scaled = ops.multiply(unit(query), constant(problem.scales.reshape(1, -1, 1, 1)))
    return ops.scaled_dot_product_attention(scaled, unit(key), value, constant(0), constant(1))


def prepare(problem, threads):
    case = problem.case
    model = Model(case.dtype == "bf16")
    query, key, value = (model.parameter(x) for x in (problem.query, problem.key, problem.value))
    if case.group > 1:
        key, value = (repeated(x, problem.key.shape, case.group) for x in (key, value))
    if case.features:
        output = additive(problem, query, key, value)
    elif case.softcap:
        output = softcapped(problem, query, key, value)
    elif case.cosine:
        output = cosine(problem, query, key, value)
    elif case.causal and not case.window and not case.alibi:
        output = ops.scaled_dot_product_attention(query, key, value, causal=True)
    elif (bias := problem.bias()) is not None:
        mask = model.parameter(bias, ov.Type.f32)
        output = ops.scaled_dot_product_attention(query, key, value, mask)
    else:
        output = ops.scaled_dot_product_attention(query, key, value)
    return model.prepare(output, problem.query.shape, threads)
