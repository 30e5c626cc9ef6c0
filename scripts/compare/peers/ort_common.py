"""What the peers made of ONNX Runtime share."""

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

from peers import Prepared

VERSION_OF = "onnxruntime"

TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int32): TensorProto.INT32,
         np.dtype(np.bool_): TensorProto.BOOL}


class Graph:
    """A model under construction: inputs are given by their arrays."""

    def __init__(self):
        self.feeds, self.nodes, self.constants = {}, [], []

    def input(self, name, array):
        self.feeds[name] = np.ascontiguousarray(array)
        return name

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def node(self, operator, inputs, output, **attributes):
        self.nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output

    def prepare(self, outputs, threads, shape=lambda output: output):
        """`outputs` are names and shapes, the first the attention's; `shape` makes it (batch, head, query, dim)."""
        values = [helper.make_tensor_value_info(n, TYPES[a.dtype], a.shape) for n, a in self.feeds.items()]
        results = [helper.make_tensor_value_info(n, TensorProto.FLOAT, s) for n, s in outputs.items()]
        graph = helper.make_graph(self.nodes, "attention", values, results, self.constants)
        opsets = [helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=10)
        options = ort.SessionOptions()
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        binding = session.io_binding()
        held = {name: ort.OrtValue.ortvalue_from_numpy(array) for name, array in self.feeds.items()}
        for name, value in held.items():
            binding.bind_ortvalue_input(name, value)
        for name in outputs:
            binding.bind_output(name)
        return Prepared(lambda: (held, session.run_with_iobinding(binding))[1],
                        lambda: shape(binding.copy_outputs_to_cpu()[0]))


def sequences_first(x):
    """(batch, head, sequence, dim) as (batch, sequence, head * dim)."""
    return x.transpose(0, 2, 1, 3).reshape(x.shape[0], x.shape[2], -1)


def heads_first(heads):
    return lambda x: x.reshape(*x.shape[:2], heads, -1).transpose(0, 2, 1, 3)


def finite(bias):
    return np.maximum(bias, np.float32(-1e30))
