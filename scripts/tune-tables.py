#!/usr/bin/env python3
"""Makes the tables that come with Heed: schedules/TARGET/CPU.json, for the CPU that it runs on, as LLVM calls it.

  scripts/tune-tables.py [--build build] [--target x86-64-avx512] [--seconds 60]

Shapes of one kernel (scripts/tuned_shapes.py) are tuned together, so that thresholds between them are found, --seconds each. The log,
BUILD/tune-TARGET.log, makes a second run go on where the first ended. Keep the machine quiet meanwhile.
"""

import argparse
import pathlib
import re
import subprocess

from tuned_shapes import shape_text, tuned_shapes

ROOT = pathlib.Path(__file__).resolve().parent.parent


def cpu_name():
    """znver4, sapphirerapids: by this name heedc looks for the table (compiler/emit/PlanSources.cpp)."""
    version = subprocess.run(["llc-22", "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return re.search(r"Host CPU: (\S+)", version)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--target", default="x86-64-avx512")
    parser.add_argument("--seconds", type=int, default=60)
    args = parser.parse_args()
    table = ROOT / "schedules" / args.target / f"{cpu_name()}.json"
    table.parent.mkdir(parents=True, exist_ok=True)
    for (kernel, *_), shapes in tuned_shapes(args.build).items():
        options = [word for shape in shapes for word in ("--shape", shape_text(shape))]
        print("==", *kernel, *options, flush=True)
        subprocess.run([f"{args.build}/tools/heed-tune", *kernel, *options, "--target", args.target,
                        "--budget", f"{args.seconds * len(shapes)}s", "--table", table,
                        "--log", f"{args.build}/tune-{args.target}.log", "--page", f"{args.build}/tune-{args.target}.html"], check=True)


if __name__ == "__main__":
    main()
