#!/usr/bin/env python3
"""Kernels for CUDA, assembled for each architecture: registers, spills and shared memory as ptxas reports them.

ptxas_test.py HEEDC PTXAS. Halide's runtime lets a kernel have 64 registers a thread, so ptxas may not need more: a spill is a failure.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

HEEDC, PTXAS = sys.argv[1:]
KERNELS = {
    "dense, 64": ["--preset", "dense", "--head-dim", "64"],
    "causal, 128": ["--preset", "causal,log_sum_exp", "--head-dim", "128"],
    "window, alibi, lengths": ["--preset", "causal,window=256,alibi,lengths", "--head-dim", "64", "--heads", "8"],
    "soft cap, sinks": ["--preset", "causal,softcap=30,normalized=softmax_sinks", "--head-dim", "64", "--heads", "8"],
    "distance": ["--preset", "distance", "--head-dim", "64"],
}
ARCHITECTURES = ["sm_80", "sm_90", "sm_100"]

failures = 0
with tempfile.TemporaryDirectory() as folder:
    ptx = pathlib.Path(folder, "kernel.ptx")
    for name, flags in KERNELS.items():
        text = subprocess.run([HEEDC, *flags, "--target", "cuda", "--emit", "device"], check=True, capture_output=True, text=True).stdout
        entries = re.findall(r"^\.visible \.entry \w+", text, flags=re.M)
        if len(entries) != 1:
            sys.exit(f"{name}: {len(entries)} entries in PTX, expected one")
        ptx.write_text(text)
        for architecture in ARCHITECTURES:
            run = subprocess.run([PTXAS, f"-arch={architecture}", "-maxrregcount=64", "-v", ptx, "-o", "/dev/null"],
                                 capture_output=True, text=True)
            if run.returncode:
                sys.exit(f"{name}: ptxas for {architecture}: {run.stderr}")
            registers = int(re.search(r"Used (\d+) registers", run.stderr)[1])
            spills = sum(map(int, re.findall(r"(\d+) bytes spill", run.stderr)))
            print(f"{name:24} {architecture:7} {registers:3} registers, {spills} bytes spilled")
            failures += spills > 0 or registers > 64
sys.exit(f"{failures} kernels spill" if failures else 0)
