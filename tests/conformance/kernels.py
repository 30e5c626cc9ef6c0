"""Compiled kernels of a model, called with its tensors as ONNX has them."""
import ctypes
import json

import ml_dtypes
import numpy as np

# DLPack: type code, bits
TYPES = {np.dtype(np.float32): (2, 32), np.dtype(np.float64): (2, 64), np.dtype(np.float16): (2, 16),
         np.dtype(ml_dtypes.bfloat16): (4, 16), np.dtype(np.int8): (0, 8), np.dtype(np.int32): (0, 32),
         np.dtype(np.int64): (0, 64), np.dtype(np.bool_): (1, 8)}


class DLTensor(ctypes.Structure):
    _fields_ = [("data", ctypes.c_void_p), ("device_type", ctypes.c_int32), ("device_id", ctypes.c_int32),
                ("rank", ctypes.c_int32), ("code", ctypes.c_uint8), ("bits", ctypes.c_uint8),
                ("lanes", ctypes.c_uint16), ("shape", ctypes.POINTER(ctypes.c_int64)),
                ("strides", ctypes.POINTER(ctypes.c_int64)), ("byte_offset", ctypes.c_uint64)]


def describe(array):
    """The DLTensor of an array, which has to outlive it."""
    axes = ctypes.c_int64 * array.ndim
    code, bits = TYPES[array.dtype]
    return DLTensor(array.ctypes.data, 1, 0, array.ndim, code, bits, 1, axes(*array.shape),
                    axes(*(s // array.itemsize for s in array.strides)), 0)


DEVICES = {"cpu": 1, "opencl": 4}  # DLPack's


class Library:
    """PATH.so and PATH.json as heedc --emit shared writes them; calls run on `device`."""

    def __init__(self, path, device="cpu"):
        self.device = DEVICES[device]
        with open(f"{path}.json", encoding="utf-8") as file:
            self.kernels = {entry["name"]: entry["arguments"] for entry in json.load(file)["entries"]}
        self.code = ctypes.CDLL(f"{path}.so")
        self.code.heed_last_error.restype = ctypes.c_char_p

    def call(self, kernel, inputs, results):
        """Runs a kernel: inputs by the arguments' names, then its results in their order."""
        wanted = [a["name"] for a in self.kernels[kernel] if a["role"] != "output"]
        if missing := [name for name in wanted if name not in inputs]:
            raise ValueError(f"{kernel} takes {missing}, which nothing gives")
        arrays = [inputs[name] for name in wanted] + results
        if self.device == DEVICES["cpu"]:
            return self._check(kernel, *map(describe, arrays))
        compact = [np.ascontiguousarray(array) for array in arrays]  # as memory of the device is
        there = [self._upload(array) for array in compact]
        self._check(kernel, *there)
        for array, own, tensor in list(zip(arrays, compact, there))[len(wanted):]:
            self._check("heed_device_copy", tensor, describe(own))
            array[...] = own
        for tensor in there:
            self._check("heed_device_free", tensor)

    def _upload(self, array):
        here, there = describe(array), describe(array)
        there.device_type = self.device
        self._check("heed_device_allocate", there)
        self._check("heed_device_copy", here, there)
        return there

    def _check(self, function, *tensors):
        if getattr(self.code, function)(*[ctypes.byref(tensor) for tensor in tensors]):
            raise ValueError(self.code.heed_last_error().decode())
