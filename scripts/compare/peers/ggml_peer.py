"""ggml_flash_attn_ext of llama.cpp on its CPU backend, called through ctypes."""

import ctypes
from ctypes import c_bool, c_float, c_int, c_int64, c_size_t, c_void_p
from pathlib import Path

import numpy as np

from peers import Cannot, Prepared
from problem import bfloat16_bits

VERSION_OF = None  # of the source package that setup.sh names
VERSION = "llama-cpp-python 0.3.36"

F32, F16, BF16 = 0, 1, 30  # enum ggml_type


class InitParameters(ctypes.Structure):
    _fields_ = [("bytes", c_size_t), ("memory", c_void_p), ("no_alloc", c_bool)]


def load():
    """Both libraries' functions, with their types."""
    folder = Path(__file__).resolve().parents[3] / ".deps/peers/ggml"
    base, cpu = (ctypes.CDLL(str(folder / f"libggml-{part}.so"), ctypes.RTLD_GLOBAL) for part in ("base", "cpu"))
    tensor = graph = context = backend = c_void_p
    signatures = {
        (base, "ggml_init"): (context, [InitParameters]),
        (base, "ggml_free"): (None, [context]),
        (base, "ggml_new_tensor_4d"): (tensor, [context, c_int] + 4 * [c_int64]),
        (base, "ggml_get_data"): (c_void_p, [tensor]),
        (base, "ggml_flash_attn_ext"): (tensor, [context] + 4 * [tensor] + 3 * [c_float]),
        (base, "ggml_new_graph"): (graph, [context]),
        (base, "ggml_build_forward_expand"): (None, [graph, tensor]),
        (base, "ggml_backend_graph_compute"): (c_int, [backend, graph]),
        (base, "ggml_backend_free"): (None, [backend]),
        (cpu, "ggml_backend_cpu_init"): (backend, []),
        (cpu, "ggml_backend_cpu_set_n_threads"): (None, [backend, c_int]),
    }
    functions = {}
    for (library, name), (result, arguments) in signatures.items():
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
        functions[name] = function
    return functions


class Arena:
    """A ggml context with the tensors of one call."""

    def __init__(self, functions, bytes):
        self.functions = functions
        self.context = functions["ggml_init"](InitParameters(bytes, None, False))

    def tensor(self, array, type):
        """Of a (d3, d2, d1, d0) array, d0 contiguous."""
        tensor = self.functions["ggml_new_tensor_4d"](self.context, type, *reversed(array.shape))
        stored = {F32: lambda x: x.astype(np.float32), F16: lambda x: x.astype(np.float16), BF16: bfloat16_bits}[type](array)
        stored = np.ascontiguousarray(stored)
        ctypes.memmove(self.functions["ggml_get_data"](tensor), stored.ctypes.data, stored.nbytes)
        return tensor


def mask_of(problem):
    """(batch entries, 1, query, key), and how much of it counts as ALiBi."""
    case = problem.case
    if case.alibi:  # slopes are ggml's own, of this bias
        away = np.arange(case.keys) - np.arange(case.queries)[:, None]
        return np.where(away <= 0, away, -np.inf)[None, None], 8.0
    bias = problem.bias()
    if bias is None:
        return None, 0.0
    return np.broadcast_to(bias, (bias.shape[0], 1, case.queries, case.keys)), 0.0


def prepare(problem, threads):
    case = problem.case
    if case.cosine or case.features:
        raise Cannot("its scores are scaled products")
    ggml = load()
    mask, alibi = mask_of(problem)
    bytes = 4 * (2 * problem.query.size + 2 * problem.key.size) + (0 if mask is None else 2 * mask.size)
    arena = Arena(ggml, bytes + (64 << 20))
    cache = BF16 if case.dtype == "bf16" else F32
    query = arena.tensor(problem.query, F32)
    key, value = arena.tensor(problem.key, cache), arena.tensor(problem.value, cache)
    mask = None if mask is None else arena.tensor(mask, F16)
    out = ggml["ggml_flash_attn_ext"](arena.context, query, key, value, mask, problem.scale, alibi, case.softcap)
    graph = ggml["ggml_new_graph"](arena.context)
    ggml["ggml_build_forward_expand"](graph, out)
    backend = ggml["ggml_backend_cpu_init"]()
    ggml["ggml_backend_cpu_set_n_threads"](backend, threads)

    def output():
        shape = (case.batch, case.queries, case.heads, case.dim)
        data = ctypes.cast(ggml["ggml_get_data"](out), ctypes.POINTER(c_float))
        return np.ctypeslib.as_array(data, shape).transpose(0, 2, 1, 3).copy()

    def close():
        ggml["ggml_backend_free"](backend)
        ggml["ggml_free"](arena.context)

    return Prepared(lambda: ggml["ggml_backend_graph_compute"](backend, graph), output, close)
