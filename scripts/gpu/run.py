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

import numpy as np

CUDA, CPU, NO_DEVICE = 2, 1, "no device"
# name: presets, batch, heads, key heads, tokens, columns
CASES = {
    "bert512": ("dense", 1, 12, 12, 512, 64),
    "gpt1k": ("causal", 1, 12, 12, 1024, 64),
    "ragged": ("causal", 2, 4, 2, 333, 64),
    "llama2k": ("causal", 1, 8, 2, 2048, 128),
    "long8k": ("causal", 1, 2, 2, 8192, 64),
}


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32), ("ndim", ctypes.c_int32),
                ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)), ("byte_offset", ctypes.c_uint64)]


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


def tensor(array, device=CPU):
    """Of an array's shape; with its numbers where it is the CPU's."""
    shape = (ctypes.c_int64 * array.ndim)(*array.shape)
    return DLTensor(array.ctypes.data if device == CPU else None, device, 0, array.ndim, 2, 32, 1, shape, None, 0)


def reference(q, k, v, is_causal):
    """In float64, a head at a time; arrays are (batch, token, head, column)."""
    out = np.empty(q.shape)
    length, group = q.shape[1], q.shape[2] // k.shape[2]
    for b in range(q.shape[0]):
        for h in range(q.shape[2]):
            score = q[b, :, h].astype(float) @ k[b, :, h // group].T.astype(float) / np.sqrt(q.shape[3])
            if is_causal:
                score[np.triu_indices(length, 1)] = -np.inf
            weight = np.exp(score - score.max(axis=1, keepdims=True))
            out[b, :, h] = weight / weight.sum(axis=1, keepdims=True) @ v[b, :, h // group]
    return out


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
    try:
        import torch
    except ImportError:
        return {}
    if not torch.cuda.is_available():
        return {}
    import torch.nn.attention.flex_attention as flex

    torch.backends.cuda.matmul.allow_tf32 = False
    q, k, v = (torch.from_numpy(x).cuda().transpose(1, 2).contiguous() for x in (q, k, v))
    sdpa = lambda: torch.nn.functional.scaled_dot_product_attention(q, k, v, is_causal=is_causal, enable_gqa=True)
    mask = flex.create_block_mask(lambda b, h, i, j: i >= j, None, None, q.shape[2], k.shape[2]) if is_causal else None
    compiled = torch.compile(flex.flex_attention)
    return {"torch SDPA": per_call(sdpa, torch.cuda.synchronize),
            "FlexAttention": per_call(lambda: compiled(q, k, v, block_mask=mask, enable_gqa=True), torch.cuda.synchronize)}


def run(heedc, folder, name, bench):
    presets, batch, heads, key_heads, length, dim = CASES[name]
    path = pathlib.Path(folder, name)
    subprocess.run([heedc, "--preset", presets, "--heads", str(heads), "--kv-heads", str(key_heads), "--head-dim", str(dim), "--name", "kernel",
                    "--target", "cuda,host", "--emit", "shared", "-o", path], check=True)
    library = Library(f"{path}.so")
    random = np.random.default_rng(1)
    arrays = [random.standard_normal((batch, length, h, dim), np.float32) for h in (heads, key_heads, key_heads)]
    arrays.append(np.full((batch, length, heads, dim), 7, np.float32))
    here = [tensor(array) for array in arrays]
    there = [tensor(array, CUDA) for array in arrays]
    for a, b in zip(here, there):
        library.call("heed_device_allocate", b)
        library.call("heed_device_copy", a, b)
    kernel = lambda: library.call("kernel", *there)
    finish = lambda: library.call("heed_device_copy", there[-1], here[-1])
    kernel(), finish()
    is_causal = "causal" in presets
    error = np.abs(arrays[-1] - reference(*arrays[:3], is_causal)).max()
    line = f"{name}: largest error {error:.1e}"
    if bench:
        times = {"heed": per_call(kernel, finish), **torch_times(*arrays[:3], is_causal)}
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
            wrong = [name for name in CASES if not run(heedc, folder, name, "--bench" in flags)]
        except LookupError as missing:
            print(f"skipped: this machine has no GPU to run on ({missing})")
            return 0
    return f"wrong: {', '.join(wrong)}" if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
