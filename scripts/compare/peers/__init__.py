"""Who is compared: one module a peer, imported in a process of its own.

A module has `prepare(problem, threads)`, which returns a Prepared or raises Cannot where the peer has no way to say the
case, and `VERSION_OF`, the Python package whose version is reported.
"""

import importlib
from dataclasses import dataclass
from typing import Callable

NAMES = ["heed", "heed_bshd", "torch_sdpa", "torch_flex", "torch_compile", "ort_attention", "ort_mha", "ort_gqa",
         "openvino", "jax", "iree_stablehlo", "ggml"]
OURS = ["heed", "heed_bshd"]


@dataclass
class Prepared:
    call: Callable[[], None]
    output: Callable  # () -> (batch, head, query, dim) in float32, of the last call
    close: Callable[[], None] = lambda: None


class Cannot(Exception):
    """Why the peer does not run this case."""


def load(name):
    return importlib.import_module(f"peers.{name}_peer")
