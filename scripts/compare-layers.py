#!/usr/bin/env python3
"""MiniLM's linear layers, each alone, on Heed and on ONNX Runtime, one thread, taking turns.

  .deps/venv/bin/python scripts/compare-layers.py [--build build] [--rows 128,1024] [--rounds 5]

Heed's kernels are those of models/bert/kernels.mlir, which add the bias and the residual as well; ONNX Runtime does a MatMul
with constant weights, and BiasGelu where Heed does a GELU. Minima of all rounds. Keep the machine quiet.
Exit status: 0 if no layer is slower than ONNX Runtime's, 1 if one is.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

KERNELS = Path(__file__).resolve().parent.parent / "models/bert/kernels.mlir"
LAYERS = {"bert_qkv": (384, 1152), "bert_project": (384, 384), "bert_up": (384, 1536), "bert_down": (1536, 384)}


def description(name):
    """The kernel `name` of KERNELS: from its first line to the brace that ends it."""
    lines = KERNELS.read_text().splitlines()
    begin = next(i for i, line in enumerate(lines) if line.startswith(f"attn.kernel @{name}("))
    end = next(i for i in range(begin, len(lines)) if lines[i] == "}")
    return "\n".join(lines[begin : end + 1]) + "\n"


def heed_ms(build, file, rows):
    command = [f"{build}/tools/heed-bench", str(file), "--shape", f"r={rows}", "--rounds", "3", "--format", "json"]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"compare-layers.py: {' '.join(command)}: {done.stderr.strip()}")
    return min(result["min_ms"] for result in json.loads(done.stdout))


class OnnxRuntime:
    def __init__(self, rows, inputs, outputs, gelu):
        random = np.random.default_rng(1)
        constants = {"w": random.standard_normal((inputs, outputs), np.float32)}
        value = lambda name, columns: helper.make_tensor_value_info(name, TensorProto.FLOAT, [rows, columns])
        nodes = [helper.make_node("MatMul", ["x", "w"], ["product" if gelu else "y"])]
        if gelu:
            constants["bias"] = random.standard_normal(outputs, np.float32)
            nodes.append(helper.make_node("BiasGelu", ["product", "bias"], ["y"], domain="com.microsoft"))
        graph = helper.make_graph(nodes, "layer", [value("x", inputs)], [value("y", outputs)],
                                  [numpy_helper.from_array(array, name) for name, array in constants.items()])
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        model = helper.make_model(graph, opset_imports=opsets, ir_version=8)
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        self.binding, self.session = session.io_binding(), session
        self.binding.bind_cpu_input("x", random.standard_normal((rows, inputs), np.float32))
        self.binding.bind_ortvalue_output("y", ort.OrtValue.ortvalue_from_numpy(np.zeros((rows, outputs), np.float32)))

    def ms(self):
        best, end = float("inf"), time.perf_counter() + 0.1
        while time.perf_counter() < end:
            start = time.perf_counter()
            self.session.run_with_iobinding(self.binding)
            best = min(best, 1e3 * (time.perf_counter() - start))
        return best


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--rows", default="1,8,64,128,1024")
    parser.add_argument("--rounds", type=int, default=5)
    args = parser.parse_args()
    print("layer           rows  inputs  outputs   Heed ms   GFLOP/s   ONNX Runtime ms   GFLOP/s   ratio")
    slower = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, (inputs, outputs) in LAYERS.items():
            file = Path(folder) / f"{name}.mlir"
            file.write_text(description(name))
            for rows in map(int, args.rows.split(",")):
                peer, heed, other = OnnxRuntime(rows, inputs, outputs, gelu=name == "bert_up"), float("inf"), float("inf")
                for _ in range(args.rounds):
                    heed, other = min(heed, heed_ms(args.build, file, rows)), min(other, peer.ms())
                flop = 2e-6 * rows * inputs * outputs
                slower += heed > other
                print(f"{name:14} {rows:5} {inputs:7} {outputs:8} {heed:9.4f} {flop / heed:9.1f} {other:17.4f} {flop / other:9.1f}"
                      f" {other / heed:7.2f}", flush=True)
    return slower > 0


if __name__ == "__main__":
    sys.exit(main())
