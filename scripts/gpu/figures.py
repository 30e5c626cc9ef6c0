"""Figures of CUDA kernels on a machine without a GPU, as heedc writes them into a library's manifest where ptxas is at hand."""
import dataclasses
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))  # its cases, for this folder's scripts

REGISTERS = 64  # that Halide's runtime lets a thread have (HL_CUDA_JIT_MAX_REGISTERS)
SHARED = 48 * 1024  # bytes a block, that it can ask for


@dataclasses.dataclass
class Assembled:
    """What ptxas says of a kernel, on one architecture."""

    registers: int
    spilled_bytes: int  # stored and loaded
    stack_bytes: int  # a thread's own memory, those included


@dataclasses.dataclass
class Kernel:
    """What is launched, as a library's manifest has it."""

    entry: str  # the C function
    plan: dict
    when: dict  # what calls it serves; all, if empty
    threads: int  # of a block
    shared: int  # bytes of a block
    instructions: dict  # in the PTX, by name
    assembled: dict  # by architecture

    def count(self, prefix):
        """Instructions whose names begin with it."""
        return sum(count for name, count in self.instructions.items() if name.startswith(prefix))


def find_ptxas():
    """$HEED_PTXAS, the one on the path, that of the PyPI package in .deps; None where there is none."""
    here = pathlib.Path(__file__).resolve().parents[2]
    known = [os.environ.get("HEED_PTXAS"), shutil.which("ptxas")]
    known += map(str, here.glob(".deps/venv/lib/python3*/site-packages/nvidia/cu13/bin/ptxas"))
    return next((path for path in known if path), None)


def compile_kernels(heedc, flags, ptxas):
    """The kernels for CUDA that heedc makes of a description's flags."""
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder, "library")
        environment = {**os.environ, "HEED_PTXAS": str(ptxas)}
        subprocess.run([heedc, *flags, "--target", "cuda", "-o", library], check=True, capture_output=True, env=environment)
        manifest = json.loads(library.with_suffix(".json").read_text())
    kernels = []
    for entry in manifest["entries"]:
        for variant in entry["variants"]:
            for launched in variant["objects"]:
                for kernel in launched["kernels"]:
                    assembled = {name: Assembled(**said) for name, said in kernel["ptxas"].items()}
                    kernels.append(Kernel(entry["name"], variant["plan"], variant["when"], kernel["threads"], kernel["shared_bytes"],
                                          kernel["instructions"], assembled))
    return kernels


def compile_kernel(heedc, flags, ptxas):
    """The one that computes attention in calls of any shape: the last, after those that list blocks of keys for it."""
    return [kernel for kernel in compile_kernels(heedc, flags, ptxas) if not kernel.when][-1]
