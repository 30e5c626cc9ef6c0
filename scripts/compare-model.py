#!/usr/bin/env python3
"""MiniLM's encoder on Heed and on ONNX Runtime: the same weights, tokens and machine, rounds taking turns.

The ONNX graph is built here, from the safetensors, out of the fused operators that ONNX Runtime's own
transformer optimizer makes of BERT (com.microsoft: EmbedLayerNormalization, Attention, BiasGelu,
SkipLayerNormalization). Before anything is timed, both must agree on the last hidden states.
"""

import argparse
import json
import statistics
import struct
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

TOLERANCE = 1e-4  # of hidden states, which are of order 1


def read_safetensors(path):
    data = path.read_bytes()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if entry.get("dtype") == "F32":
            begin, end = (8 + length + offset for offset in entry["data_offsets"])
            tensors[name] = np.frombuffer(data[begin:end], np.float32).reshape(entry["shape"])
    return tensors


class BertGraph:
    """The encoder as an ONNX model. Inputs: ids, types (batch, tokens), lengths (batch), all int32."""

    def __init__(self, folder):
        self.weights = read_safetensors(folder / "model.safetensors")
        self.config = json.loads((folder / "config.json").read_text())
        self.nodes, self.initializers = [], []

    def constant(self, name, value):
        self.initializers.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def parameter(self, name):
        return self.constant(name, self.weights[name])

    def matrix(self, name):
        return self.constant(name, self.weights[name].T)  # (inputs, outputs)

    def node(self, operator, inputs, outputs, domain="com.microsoft", **attributes):
        self.nodes.append(helper.make_node(operator, inputs, outputs, domain=domain, **attributes))
        return outputs[0]

    def linear(self, x, name, out):
        return self.node("MatMul", [x, self.matrix(name + ".weight")], [out], domain="")

    def skip_norm(self, x, skip, norm, bias, out):
        parameters = [norm + ".LayerNorm.weight", norm + ".LayerNorm.bias", bias]
        inputs = [x, skip] + [self.parameter(p) for p in parameters]
        return self.node("SkipLayerNormalization", inputs, [out], epsilon=self.config["layer_norm_eps"])

    def layer(self, x, i):
        name = f"encoder.layer.{i}."
        parts = [f"{name}attention.self.{part}" for part in ("query", "key", "value")]
        qkv = self.constant(name + "qkv", np.concatenate([self.weights[p + ".weight"].T for p in parts], 1))
        bias = self.constant(name + "qkv_bias", np.concatenate([self.weights[p + ".bias"] for p in parts]))
        context = self.node("Attention", [x, qkv, bias, "lengths"], [name + "context"],
                            num_heads=self.config["num_attention_heads"])
        mixed = self.linear(context, name + "attention.output.dense", name + "mixed")
        x = self.skip_norm(mixed, x, name + "attention.output", name + "attention.output.dense.bias", name + "x")
        wide = self.linear(x, name + "intermediate.dense", name + "wide")
        wide = self.node("BiasGelu", [wide, self.parameter(name + "intermediate.dense.bias")], [name + "gelu"])
        narrow = self.linear(wide, name + "output.dense", name + "narrow")
        return self.skip_norm(narrow, x, name + "output", name + "output.dense.bias", name + "out")

    def build(self):
        embeddings = ["word_embeddings.weight", "position_embeddings.weight", "token_type_embeddings.weight",
                      "LayerNorm.weight", "LayerNorm.bias"]
        inputs = ["ids", "types"] + [self.parameter("embeddings." + e) for e in embeddings]
        x = self.node("EmbedLayerNormalization", inputs, ["embedded", "unused"],
                      epsilon=self.config["layer_norm_eps"])
        for i in range(self.config["num_hidden_layers"]):
            x = self.layer(x, i)
        integers = lambda name, shape: helper.make_tensor_value_info(name, TensorProto.INT32, shape)
        graph = helper.make_graph(
            self.nodes, "bert",
            [integers("ids", ["batch", "tokens"]), integers("types", ["batch", "tokens"]), integers("lengths", ["batch"])],
            [helper.make_tensor_value_info(x, TensorProto.FLOAT, ["batch", "tokens", self.config["hidden_size"]])],
            self.initializers)
        opsets = [helper.make_opsetid("", 17), helper.make_opsetid("com.microsoft", 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=8).SerializeToString()


def synthetic_batch(batch, tokens):
    """As tools/heed-run/Bench.h makes it."""
    text, token = np.arange(batch)[:, None], np.arange(tokens)[None]
    ids = (1000 + (131 * text + 7 * token) % 20000).astype(np.int32)
    return {"ids": ids, "types": np.zeros_like(ids), "lengths": np.full(batch, tokens, np.int32)}


class OnnxRuntime:
    def __init__(self, model, threads):
        options = ort.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        self.session = ort.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    def run(self, feeds, rounds):
        times = []
        for _ in range(rounds + 1):  # the first warms up
            start = time.perf_counter()
            (hidden,) = self.session.run(None, feeds)
            times.append(1e3 * (time.perf_counter() - start))
        return {"min_ms": min(times[1:]), "median_ms": statistics.median(times[1:]), "first": hidden[:, 0].ravel()}


def run_heed(arguments, batch, tokens, threads, rounds):
    sizes = f"tokens={tokens},batch={batch},rounds={rounds}"
    command = [arguments.heed_run, str(arguments.model), "--bench", sizes, "--threads", str(threads)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"compare-model.py: {' '.join(command)} failed:\n{done.stderr}")
    return json.loads(done.stdout)


def compare(arguments, model, batch, threads):
    """The two runtimes' times for one case, round by round."""
    feeds, peer = synthetic_batch(batch, arguments.tokens), OnnxRuntime(model, threads)
    rounds = max(3, 24 // batch)
    heed, onnx_runtime = [], []
    for turn in range(arguments.rounds):
        heed.append(run_heed(arguments, batch, arguments.tokens, threads, rounds))
        onnx_runtime.append(peer.run(feeds, rounds))
        if turn == 0:
            error = np.abs(np.array(heed[0]["first"]) - onnx_runtime[0]["first"]).max()
            if not error <= TOLERANCE:
                sys.exit(f"compare-model.py: the hidden states differ by {error:.2e}, more than {TOLERANCE}")
    result = {"tokens": arguments.tokens, "batch": batch, "threads": threads, "max_error": float(error)}
    for name, runs in (("heed", heed), ("onnxruntime", onnx_runtime)):
        result[name + "_min_ms"] = min(r["min_ms"] for r in runs)
        result[name + "_median_ms"] = statistics.median(r["median_ms"] for r in runs)
    return result


def print_table(results):
    print(f"\nMiniLM's encoder, {results[0]['tokens']} tokens a text, ms a batch"
          f" (ONNX Runtime {ort.__version__}; onnx {onnx.__version__})\n")
    print("| texts | threads | Heed min | median | ONNX Runtime min | median | Heed / ONNX Runtime (min) | difference |")
    print("|---|---|---|---|---|---|---|---|")
    for r in results:
        print(f"| {r['batch']} | {r['threads']} | {r['heed_min_ms']:.2f} | {r['heed_median_ms']:.2f} |"
              f" {r['onnxruntime_min_ms']:.2f} | {r['onnxruntime_median_ms']:.2f} |"
              f" {r['heed_min_ms'] / r['onnxruntime_min_ms']:.2f} | {r['max_error']:.1e} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--heed-run", required=True, help="the built tool")
    parser.add_argument("--model", required=True, type=Path, help="the model's folder")
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--batch", type=int, nargs="+", default=[1, 8])
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=8, help="turns of each runtime in each case")
    parser.add_argument("--json", type=Path, help="write the results here as well")
    arguments = parser.parse_args()
    model = BertGraph(arguments.model).build()
    results = []
    for batch in arguments.batch:
        for threads in arguments.threads:
            print(f"{batch} texts, {threads} threads", file=sys.stderr)
            results.append(compare(arguments, model, batch, threads))
    print_table(results)
    if arguments.json:
        arguments.json.write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
