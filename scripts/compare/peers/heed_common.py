"""Heed as any program has it: heedc's shared library, called on tensors of DLPack."""

import ctypes
import os
import subprocess
import tempfile

import numpy as np

from peers import Prepared
from problem import bfloat16_bits, bfloat16_values

VERSION_OF = None
VERSION = "this tree"


class Device(ctypes.Structure):
    _fields_ = [("type", ctypes.c_int32), ("id", ctypes.c_int32)]


class DataType(ctypes.Structure):
    _fields_ = [("code", ctypes.c_uint8), ("bits", ctypes.c_uint8), ("lanes", ctypes.c_uint16)]


class Tensor(ctypes.Structure):
    """DLTensor."""

    _fields_ = [("data", ctypes.c_void_p), ("device", Device), ("ndim", ctypes.c_int32), ("dtype", DataType),
                ("shape", ctypes.POINTER(ctypes.c_int64)), ("strides", ctypes.POINTER(ctypes.c_int64)),
                ("byte_offset", ctypes.c_uint64)]

    CODES = {np.dtype(np.float32): (2, 32), np.dtype(np.int32): (0, 32), np.dtype(np.uint16): (4, 16)}  # bfloat16 as bits

    def __init__(self, array):
        self.array = array  # keeps it
        code, bits = self.CODES[array.dtype]
        extents = ctypes.c_int64 * array.ndim
        super().__init__(array.ctypes.data, Device(1, 0), array.ndim, DataType(code, bits, 1),
                         extents(*array.shape), extents(*(s // array.itemsize for s in array.strides)), 0)


def aligned(array):
    """A copy that begins at a cache line, as a framework's tensors do."""
    memory = np.empty(array.nbytes + 64, np.uint8)
    first = -memory.ctypes.data % 64
    copy = memory[first : first + array.nbytes].view(array.dtype).reshape(array.shape)
    copy[...] = array
    return copy


def load(case):
    """A shared library with the function `attention`. What heedc says goes to the log."""
    heedc = os.environ["HEED_BUILD"] + "/tools/heedc"
    with tempfile.TemporaryDirectory(prefix="heed-compare-") as folder:
        command = [heedc, "--preset", case.preset, "--head-dim", str(case.dim), "--dtype", case.dtype, "--name", "attention",
                   "--target", "host", "--emit", "shared", "-o", folder + "/attention"]
        subprocess.run(command, check=True)
        return ctypes.CDLL(folder + "/attention.so")


def extra_arguments(problem):
    """What the kernel takes besides query, key and value."""
    case = problem.case
    if case.padded:
        yield problem.lengths
    if case.alibi:
        yield problem.slopes
    if case.cosine:
        yield problem.scales
    if case.features:
        yield np.repeat(problem.query_weights[None], case.heads, 0)
        yield np.repeat(problem.key_weights[None], case.key_heads, 0)
        yield problem.feature_weights


def prepare_in(layout):
    """`layout` takes (batch, head, sequence, dim) to an array that lies in memory as it should, and `views` to the
    (batch, sequence, head, dim) that the kernel asks for."""

    def prepare(problem, threads):
        case = problem.case
        library = load(case)
        library.heed_last_error.restype = ctypes.c_char_p
        library.heed_set_threads(threads)
        stored = bfloat16_bits if case.dtype == "bf16" else np.asarray

        def rows(x):
            x = aligned(stored(x).transpose(layout))
            return x.transpose(np.argsort(layout)).transpose(0, 2, 1, 3)

        arrays = [rows(x) for x in (problem.query, problem.key, problem.value)]
        arrays += [aligned(x) for x in extra_arguments(problem)]
        arrays.append(rows(np.zeros_like(problem.query)))
        tensors = [Tensor(x) for x in arrays]
        pointers = [ctypes.byref(t) for t in tensors]

        def call():
            if library.attention(*pointers):
                raise RuntimeError(library.heed_last_error().decode())

        def output():
            out = arrays[-1].transpose(0, 2, 1, 3)
            return bfloat16_values(out) if case.dtype == "bf16" else out

        return Prepared(call, output)

    return prepare
