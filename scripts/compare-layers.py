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

SCRIPTS = Path(__file__).resolve().parent
sys.path.insert(0, str(SCRIPTS / "compare"))
from peers.ort_common import Graph  # noqa: E402

KERNELS = SCRIPTS.parent / "models/bert/kernels.mlir"
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


def onnx_runtime(rows, inputs, outputs, gelu):
    """A call of the layer."""
    random = np.random.default_rng(1)
    tensor = lambda *shape: random.standard_normal(shape, np.float32)
    graph = Graph()
    product = graph.node("MatMul", [graph.input("x", tensor(rows, inputs)), graph.constant("w", tensor(inputs, outputs))], "product")
    result = graph.node("BiasGelu", [product, graph.constant("bias", tensor(outputs))], "y", domain="com.microsoft") if gelu else product
    return graph.prepare({result: (rows, outputs)}, threads=1).call


def least_ms(call, seconds=0.1):
    best, end = float("inf"), time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        call()
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
                peer, heed, other = onnx_runtime(rows, inputs, outputs, gelu=name == "bert_up"), float("inf"), float("inf")
                for _ in range(args.rounds):
                    heed, other = min(heed, heed_ms(args.build, file, rows)), min(other, least_ms(peer))
                flop = 2e-6 * rows * inputs * outputs
                slower += heed > other
                print(f"{name:14} {rows:5} {inputs:7} {outputs:8} {heed:9.4f} {flop / heed:9.1f} {other:17.4f} {flop / other:9.1f}"
                      f" {other / heed:7.2f}", flush=True)
    return slower > 0


if __name__ == "__main__":
    sys.exit(main())
