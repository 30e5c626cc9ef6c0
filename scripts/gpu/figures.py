"""Figures of CUDA kernels on a machine without a GPU: what heedc says, what the PTX holds, and what ptxas makes of it."""
import dataclasses
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "compare"))  # its cases, for this folder's scripts

REGISTERS = 64  # that Halide's runtime lets a thread have (HL_CUDA_JIT_MAX_REGISTERS)
SHARED = 48 * 1024  # bytes a block, that it can ask for


@dataclasses.dataclass
class Kernel:
    """What is launched for one description."""

    ptx: str
    threads: int  # of a block
    shared: int  # bytes of a block
    plan: dict

    def count(self, instruction):
        return len(re.findall(rf"^\s*(?:@%p\d+ )?{re.escape(instruction)}", self.ptx, flags=re.M))


@dataclasses.dataclass
class Assembled:
    """What ptxas says of it, on one architecture."""

    registers: int
    spilled: int  # bytes stored and loaded
    stack: int  # bytes of a thread's own memory, those included


def find_ptxas():
    """$PTXAS, the one on the path, that of the PyPI package in .deps; None where there is none."""
    here = pathlib.Path(__file__).resolve().parents[2]
    known = [os.environ.get("PTXAS"), shutil.which("ptxas")]
    known += map(str, here.glob(".deps/venv/lib/python3*/site-packages/nvidia/cu13/bin/ptxas"))
    return next((path for path in known if path), None)


def heedc_output(heedc, flags):
    return subprocess.run([heedc, *flags, "--target", "cuda"], check=True, capture_output=True, text=True).stdout


def compile_kernel(heedc, flags):
    """The kernel for CUDA that heedc makes of a description's flags."""
    text = heedc_output(heedc, [*flags, "--emit", "device"])
    launches = re.findall(r"^// a block: (\d+) threads, (\d+) bytes of shared memory$", text, flags=re.M)
    entries = re.findall(r"^\.visible \.entry \w+", text, flags=re.M)
    if len(launches) != 1 or len(entries) != 1:
        raise ValueError(f"{flags}: {len(entries)} entries and {len(launches)} launches, expected one")
    plans = json.loads(heedc_output(heedc, [*flags, "--emit", "plan"]))
    (plan,) = next(iter(plans.values()))
    return Kernel(text, int(launches[0][0]), int(launches[0][1]), plan)


def assemble(ptxas, kernel, architecture):
    with tempfile.NamedTemporaryFile("w", suffix=".ptx") as file:
        file.write(kernel.ptx)
        file.flush()
        command = [ptxas, f"-arch={architecture}", f"-maxrregcount={REGISTERS}", "-v", file.name, "-o", "/dev/null"]
        run = subprocess.run(command, capture_output=True, text=True)
    if run.returncode:
        raise ValueError(f"ptxas for {architecture}: {run.stderr}")
    return Assembled(
        int(re.search(r"Used (\d+) registers", run.stderr)[1]),
        sum(map(int, re.findall(r"(\d+) bytes spill", run.stderr))),
        int(re.search(r"(\d+) bytes stack frame", run.stderr)[1]),
    )
