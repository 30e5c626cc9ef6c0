#!/usr/bin/env python3
"""Calls a kernel from Python, without copies: heedc ../c-app/alibi.mlir --emit shared -o alibi && ./alibi.py

Every array library that speaks DLPack (NumPy, PyTorch, JAX) hands out its tensors as capsules around the
very structure that kernels take.
"""
import ctypes
import sys

import numpy as np

library = ctypes.CDLL(sys.argv[1] if len(sys.argv) > 1 else "./alibi.so")
library.heed_last_error.restype = ctypes.c_char_p
library.heed_status_name.restype = ctypes.c_char_p
capsule_pointer = ctypes.pythonapi.PyCapsule_GetPointer
capsule_pointer.restype = ctypes.c_void_p
capsule_pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def call(kernel, *arrays):
    """Runs a kernel on arrays, its results last; raises ValueError with the runtime's message."""
    capsules = [array.__dlpack__() for array in arrays]  # kept until the call is over
    # A DLManagedTensor begins with its DLTensor.
    status = kernel(*[ctypes.c_void_p(capsule_pointer(c, b"dltensor")) for c in capsules])
    if status:
        raise ValueError(f"{library.heed_status_name(status).decode()}: "
                         f"{library.heed_last_error().decode()}")


def reference(q, k, v, slopes):
    """The formula of alibi.mlir in float64; arrays are (batch, sequence, head, dim)."""
    q, k, v = (x.astype(np.float64).swapaxes(1, 2) for x in (q, k, v))
    k, v = (np.repeat(x, q.shape[1] // x.shape[1], axis=1) for x in (k, v))
    place = np.arange(q.shape[2])[:, None] + k.shape[2] - q.shape[2]
    distance = place - np.arange(k.shape[2])
    score = q @ k.swapaxes(2, 3) / np.sqrt(q.shape[3])
    score = 50 * np.tanh(score / 50) - slopes[:, None, None] * distance
    keep = (distance >= 0) & ((distance < 128) | (np.arange(k.shape[2]) < 4))
    score = np.where(keep, score, -np.inf)
    weight = np.exp(score - score.max(axis=3, keepdims=True))
    return (weight / weight.sum(axis=3, keepdims=True) @ v).swapaxes(1, 2)


def main():
    random = np.random.default_rng(1)
    q = random.standard_normal((2, 50, 8, 32), np.float32)
    # Stored as (batch, head, sequence, dim): the kernel takes the transposed view as it is.
    k, v = (random.standard_normal((2, 2, 300, 32), np.float32).swapaxes(1, 2) for _ in range(2))
    slopes = np.exp2(-np.arange(1, 9, dtype=np.float32))
    output = np.empty_like(q)
    call(library.alibi, q, k, v, slopes, output)
    error = np.abs(output - reference(q, k, v, slopes)).max()
    print(f"alibi: largest error {error:.1e}")

    try:
        call(library.alibi, q, k[:1], v, slopes, output)
    except ValueError as mistake:
        print(f"a mistake is a message: {mistake}")
    return 0 if error < 1e-5 else 1


if __name__ == "__main__":
    sys.exit(main())
