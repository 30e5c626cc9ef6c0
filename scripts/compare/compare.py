#!/usr/bin/env python3
"""Heed among other ways to run attention on a CPU: the same numbers, each in a process of its own, taking turns.

Every output is compared with a float64 reference before anything is timed. A peer that cannot do a case says why. Times
are of one call; the minimum over all rounds is what each reaches undisturbed.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import peers
from cases import CASES, SUITE
from machine import Machine
from problem import Problem
from rounds import Contest, Worker


def choose(known):
    def names(text):
        chosen = text.split(",")
        for name in chosen:
            if name not in known:
                raise argparse.ArgumentTypeError(f"there is no '{name}': choose among {', '.join(known)}")
        return chosen

    return names


def positive(kind):
    def number(text):
        value = kind(text)
        if not value > 0:
            raise argparse.ArgumentTypeError(f"must be more than 0, not {text}")
        return value

    return number


def read_arguments():
    parser = argparse.ArgumentParser(prog="make compare", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=choose(list(CASES)), default=SUITE, help="default: the suite of 16")
    parser.add_argument("--peers", type=choose(peers.NAMES), default=peers.NAMES, help="default: all")
    parser.add_argument("--best", type=positive(int), default=4, help="of the peers of a case, so many are timed (4)")
    parser.add_argument("--rounds", type=positive(int), default=15, help="turns of each (15)")
    parser.add_argument("--threads", type=positive(int), default=1, help="of each (1)")
    parser.add_argument("--minutes", type=positive(float), default=15,
                        help="after so long rounds are cut short; three are always made (15)")
    parser.add_argument("--build", type=Path, default=Path("build"), help="where Heed is built (build)")
    parser.add_argument("--out", type=Path, help="the results; a page and a log stand beside it (BUILD/compare.json)")
    arguments = parser.parse_args()
    if arguments.threads > len(os.sched_getaffinity(0)):
        parser.error(f"--threads: there are {len(os.sched_getaffinity(0))} cores")
    arguments.out = arguments.out or arguments.build / "compare.json"
    return arguments


def cpu_name():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def cores_of(threads, number):
    """As many cores: the first for number 0, and others where there are others, so that preparing is spread."""
    cores = sorted(os.sched_getaffinity(0))
    return [cores[(number * threads + i) % len(cores)] for i in range(threads)]


def run_case(case, workers, arguments, folder, deadline):
    problem = Problem(case)
    reference = folder / f"{case.name}.npy"
    np.save(reference, problem.reference())
    contest = Contest(case, workers, reference)
    reference.unlink()
    cores = cores_of(arguments.threads, 0)
    contest.pin(cores)
    contest.keep_best(arguments.best, peers.OURS)
    size = 2 if case.dtype == "bf16" else 4
    inputs = size * (problem.query.size + problem.key.size + problem.value.size)
    machine = Machine(arguments.build / "tools/heed-bench", arguments.threads, inputs, cores)
    contest.run(arguments.rounds, deadline, machine)
    contest.close()
    return {"case": case.name, "gflop": problem.operations() / 1e9, "pairs": problem.pairs(),
            "pair_features": problem.pairs() * case.features, "input_bytes": inputs,
            "peak_gflops": machine.peak, "read_gbytes_per_s": machine.read, "entries": contest.entries}


def speed_of(result, seconds):
    """In the case's own unit: of the read loop where memory bounds it, of the peak, or in pair-features."""
    if result["pair_features"]:
        return f"{result['pair_features'] / seconds / 1e9:6.2f} G pair-features/s"
    read = result["input_bytes"] / 1e9 / result["read_gbytes_per_s"]
    computed = result["gflop"] / result["peak_gflops"]
    return f"{100 * read / seconds:5.1f}% of a read loop" if read > computed else f"{100 * computed / seconds:5.1f}% of peak"


def describe(result):
    """One case for people: the quickest first."""
    lines = [f"{result['case']}: {result['gflop']:.3f} GFLOP, peak {result['peak_gflops']:.0f} GFLOP/s, "
             f"read loop {result['read_gbytes_per_s']:.1f} GB/s"]
    entries = result["entries"]
    for peer, e in sorted(entries.items(), key=lambda item: item[1].get("min_ms", float("inf"))):
        if "min_ms" in e:
            lines.append(f"  {peer:15} min {e['min_ms']:9.3f}  median {e['median_ms']:9.3f} ms  "
                         f"{speed_of(result, e['min_ms'] / 1e3)}  error {e['max_error']:.0e}  {e['rounds']} rounds")
        else:
            why = e.get("error") or e.get("cannot") or f"not among the best: {e['first_ms']:.3f} ms at first"
            lines.append(f"  {peer:15} {why}")
    return "\n".join(lines)


def write_page(arguments):
    """The same cases by heed-bench, for the roofline, and bars of this comparison."""
    page = arguments.out.with_suffix(".html")
    print("== the page", file=sys.stderr, flush=True)
    command = [arguments.build / "tools/heed-bench", "--case", ",".join(arguments.cases), "--format", "html", "--peers",
               arguments.out, "--threads", str(arguments.threads), "--rounds", str(arguments.rounds)]
    page.write_bytes(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    return page


def main():
    arguments = read_arguments()
    os.environ["HEED_BUILD"] = str(arguments.build.resolve())
    begin = time.monotonic()
    results = {"cpu": cpu_name(), "threads": arguments.threads, "cases": []}
    with tempfile.TemporaryDirectory() as folder, open(arguments.out.with_suffix(".log"), "w") as log:
        workers = [Worker(peer, cores_of(arguments.threads, i), log) for i, peer in enumerate(arguments.peers)]
        results["versions"] = {w.peer: w.ask("version").get("version", "not here") for w in workers}
        for number, name in enumerate(arguments.cases):
            left = 60 * arguments.minutes - (time.monotonic() - begin)
            print(f"== {name}, {number + 1} of {len(arguments.cases)}: preparing", file=sys.stderr, flush=True)
            result = run_case(CASES[name], workers, arguments, Path(folder), 0.75 * left / (len(arguments.cases) - number))
            results["cases"].append(result)
            print(describe(result), flush=True)
            arguments.out.write_text(json.dumps(results, indent=1) + "\n")
        for worker in workers:
            worker.stop()
    print(f"{arguments.out}, {write_page(arguments)}")


if __name__ == "__main__":
    main()
