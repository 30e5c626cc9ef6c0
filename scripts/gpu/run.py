#!/usr/bin/env python3
"""Kernels on this machine's GPU: run.py BUILD [--bench]. Compares them with float64 on the CPU; with --bench times them, too, beside
PyTorch's attention where there is a torch with CUDA. Without a GPU it goes as far as the first allocation and says so.

Times are of calls one after the other, by the clock, until the device has finished; docs/devices.md has what to expect.
"""
import ctypes
import pathlib
import subprocess
import sys
import tempfile
import time

import figures  # noqa: F401  (finds the modules of scripts/compare)
import numpy as np
from cases import CASES, Case
from peers.heed_common import Device, Tensor
from problem import Problem

CUDA, NO_DEVICE = 2, "no device"
RUN = [CASES[name] for name in ("bert512", "gpt1k", "llama2k", "long8k")] + [Case("ragged", 2, 4, 2, 333, 333, 64, causal=True)]


class Library:
    def __init__(self, path):
        self.functions = ctypes.CDLL(path)
        self.functions.heed_last_error.restype = ctypes.c_char_p
        self.functions.heed_status_name.restype = ctypes.c_char_p

    def call(self, name, *tensors):
        status = self.functions[name](*map(ctypes.byref, tensors))
        if status:
            kind, message = (f.decode() for f in (self.functions.heed_status_name(status), self.functions.heed_last_error()))
            raise (LookupError if kind == NO_DEVICE else ValueError)(f"{kind}: {message}")


def on_device(array):
    """A tensor of the array's shape that lies nowhere yet."""
    tensor = Tensor(array)
    tensor.data, tensor.device = None, Device(CUDA, 0)
    return tensor


def per_call(function, finish):
    """Seconds a call, the least of five rounds."""
    function(), finish()
    rounds = []
    for _ in range(5):
        begin = time.perf_counter()
        for _ in range(20):
            function()
        finish()
        rounds.append((time.perf_counter() - begin) / 20)
    return min(rounds)


def torch_times(q, k, v, is_causal):
    """Arrays are (batch, head, token, column)."""
    try:
        import torch
    except ImportError:
        return {}
    if not torch.cuda.is_available():
        return {}
    import torch.nn.attention.flex_attention as flex

    torch.backends.cuda.matmul.allow_tf32 = False
    q, k, v = (torch.from_numpy(x).cuda() for x in (q, k, v))
    sdpa = lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=is_causal, enable_gqa=True)
    mask = flex.create_block_mask(lambda b, h, i, j: i >= j, None, None, q.shape[2], k.shape[2]) if is_causal else None
    compiled = torch.compile(flex.flex_attention)
    return {"torch SDPA": per_call(sdpa, torch.cuda.synchronize),
            "FlexAttention": per_call(lambda: compiled(q, k, v, block_mask=mask, enable_gqa=True), torch.cuda.synchronize)}


def run(heedc, folder, case, bench):
    path = pathlib.Path(folder, case.name)
    subprocess.run([heedc, "--preset", case.preset, "--heads", str(case.heads), "--kv-heads", str(case.key_heads), "--head-dim", str(case.dim),
                    "--name", "kernel", "--target", "cuda,host", "--emit", "shared", "-o", path], check=True)
    library = Library(f"{path}.so")
    problem = Problem(case)
    operands = [problem.query, problem.key, problem.value]
    arrays = [np.ascontiguousarray(x.transpose(0, 2, 1, 3)) for x in [*operands, np.full_like(problem.query, 7)]]
    here, there = [Tensor(array) for array in arrays], [on_device(array) for array in arrays]
    for a, b in zip(here, there):
        library.call("heed_device_allocate", b)
        library.call("heed_device_copy", a, b)
    kernel = lambda: library.call("kernel", *there)
    finish = lambda: library.call("heed_device_copy", there[-1], here[-1])
    kernel(), finish()
    error = np.abs(arrays[-1].transpose(0, 2, 1, 3) - problem.reference()).max()
    line = f"{case.name}: largest error {error:.1e}"
    if bench:
        times = {"heed": per_call(kernel, finish), **torch_times(*operands, case.causal)}
        line += "".join(f", {who} {seconds * 1e3:.3f} ms" for who, seconds in times.items())
    print(line, flush=True)
    for b in there:
        library.call("heed_device_free", b)
    return error < 1e-5


def main():
    build, *flags = sys.argv[1:]
    heedc = pathlib.Path(build, "tools", "heedc")
    with tempfile.TemporaryDirectory() as folder:
        try:
            wrong = [case.name for case in RUN if not run(heedc, folder, case, "--bench" in flags)]
        except LookupError as missing:
            print(f"skipped: this machine has no GPU to run on ({missing})")
            return 0
    if wrong:
        return f"wrong: {', '.join(wrong)}"
    print(f"right: all {len(RUN)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
