#!/usr/bin/env python3
"""Models against ONNX Runtime: com.microsoft's operators, and rotary positions. contrib_test.py HEEDC FOLDER"""
import pathlib
import sys
import unittest

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper

from models import heedc, run

HEEDC, FOLDER = sys.argv.pop(1), pathlib.Path(sys.argv.pop(1))
TYPES = {np.dtype(np.float32): TensorProto.FLOAT, np.dtype(np.int32): TensorProto.INT32,
         np.dtype(np.int64): TensorProto.INT64}
random = np.random.default_rng(4)


def tensor(*shape):
    return random.standard_normal(shape, np.float32)


def angles(positions, width):
    """Tables of cosines and sines: (positions, width)."""
    angle = np.arange(positions)[:, None] / 100 ** (np.arange(width) / width)
    return np.cos(angle).astype(np.float32), np.sin(angle).astype(np.float32)


class ContribTest(unittest.TestCase):
    def compare(self, nodes, inputs, outputs=("y",), counts=None, tolerance=2e-5):
        """The nodes as a model, through ONNX Runtime and through kernels; of presents the keys that count."""
        graph = helper.make_graph(
            nodes, "graph", [helper.make_tensor_value_info(n, TYPES[a.dtype], a.shape) for n, a in inputs.items()],
            [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in outputs])
        model = helper.make_model(graph, ir_version=10, opset_imports=[
            helper.make_opsetid("", 23), helper.make_opsetid("com.microsoft", 1)])
        path = FOLDER / "models" / f"{self.id().rsplit('.')[-1]}.onnx"
        path.parent.mkdir(parents=True, exist_ok=True)
        onnx.save(model, path)
        expected = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"]).run(None, inputs)
        library = FOLDER / "kernels" / path.stem
        heedc(HEEDC, path, "--emit", "shared", "-o", library)
        for name, wanted, given in zip(outputs, expected, run(library, model, inputs, expected)):
            for entry, count in enumerate(counts if counts and name != "y" else []):
                wanted[entry, :, count:] = given[entry, :, count:] = 0
            np.testing.assert_allclose(given, wanted, atol=tolerance, rtol=tolerance, err_msg=name)

    def multi_head(self, more, **attributes):
        inputs = {"q": tensor(2, 5, 24), "k": tensor(2, 7, 24), "v": tensor(2, 7, 36)} | more
        names = [name if name in inputs else "" for name in ("q", "k", "v", "", "padding", "bias")]
        self.compare([helper.make_node("MultiHeadAttention", names, ["y"], domain="com.microsoft", num_heads=3,
                                       **attributes)], inputs)

    def test_multi_head(self):
        self.multi_head({}, scale=0.25)

    def test_multi_head_lengths(self):
        self.multi_head({"padding": np.array([7, 4], np.int32)})

    def test_multi_head_padding_and_bias(self):
        padding = np.array([[1, 1, 0, 1, 1, 1, 1], [1, 1, 1, 1, 1, 0, 0]], np.int32)
        self.multi_head({"padding": padding, "bias": tensor(1, 3, 5, 7)})

    def test_multi_head_unidirectional_with_past(self):
        shape = (2, 4, 24)
        inputs = {"q": tensor(*shape), "k": tensor(*shape), "v": tensor(*shape),
                  "past_k": tensor(2, 3, 6, 8), "past_v": tensor(2, 3, 6, 8)}
        self.compare([helper.make_node("MultiHeadAttention", ["q", "k", "v", "", "", "", "past_k", "past_v"],
                                       ["y", "present_k", "present_v"], domain="com.microsoft", num_heads=3,
                                       unidirectional=1)], inputs, ("y", "present_k", "present_v"))

    def grouped(self, new, last, cache=16, rotary=False, **attributes):
        inputs = {"q": tensor(2, new, 64), "k": tensor(2, new, 32), "v": tensor(2, new, 32),
                  "past_k": tensor(2, 2, cache, 16), "past_v": tensor(2, 2, cache, 16),
                  "last": np.array(last, np.int32), "total": np.array([max(last) + 1], np.int32)}
        if rotary:
            inputs["cos"], inputs["sin"] = angles(cache, 8)
        self.compare([helper.make_node("GroupQueryAttention", list(inputs), ["y", "present_k", "present_v"],
                                       domain="com.microsoft", num_heads=4, kv_num_heads=2, do_rotary=int(rotary),
                                       **attributes)], inputs, ("y", "present_k", "present_v"),
                     [number + 1 for number in last])

    def test_grouped_decode(self):
        self.grouped(1, [9, 4])

    def test_grouped_decode_rotary(self):
        self.grouped(1, [9, 4], rotary=True)

    def test_grouped_rotary_interleaved_window_cap(self):
        self.grouped(1, [12, 7], rotary=True, rotary_interleaved=1, local_window_size=4, softcap=3.0)

    def test_grouped_prompt(self):
        self.grouped(6, [5, 3], rotary=True)

    def rotated(self, interleaved, width, with_ids):
        inputs = {"q": tensor(2, 3, 5, 16), "k": tensor(2, 3, 5, 16), "v": tensor(2, 3, 5, 16)}
        cosines, sines = angles(32, width // 2)
        ids = random.integers(0, 32, (2, 5))
        inputs |= {"cos": cosines if with_ids else cosines[ids], "sin": sines if with_ids else sines[ids]}
        tables = ["cos", "sin"] + (["ids"] if with_ids else [])
        if with_ids:
            inputs["ids"] = ids
        rotations = [helper.make_node("RotaryEmbedding", [x, *tables], [f"{x}_rotated"], interleaved=interleaved,
                                      rotary_embedding_dim=width if width != 16 else 0) for x in "qk"]
        self.compare(rotations + [helper.make_node("Attention", ["q_rotated", "k_rotated", "v"], ["y"])], inputs)

    def test_rotary_halves(self):
        self.rotated(0, 16, True)

    def test_rotary_part_interleaved(self):
        self.rotated(1, 8, False)


if __name__ == "__main__":
    unittest.main(verbosity=2)
