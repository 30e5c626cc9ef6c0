#!/usr/bin/env python3
"""Shapes that nobody tuned, beside the nearest shape that somebody did: what the tables in schedules/ are worth elsewhere.

  scripts/untuned.py [--build build] [--seed 1] [--shapes 20] [--target NAME] [--rounds 6]

Draws shapes for kernels of heed-bench's cases and times each in turn with the nearest case of the same kernel (in doublings of
queries, keys and heads), one thread, both layouts, each as a share of the peak measured in between. Keep the machine quiet.
Exit status: 0 if all reach 90% of their neighbour's share, 1 if some do not.
"""

import argparse
import json
import math
import random
import shlex
import subprocess
import sys

WANTED = 0.90
LEAST_QUERIES, MOST_QUERIES, MOST_FLOP = 64, 4096, 2e10
# Kept out of scripts/tune-tables.sh, so nothing was tuned at them either.
UNTUNED = ("dense1000", "dense1023", "causal1000")


def bench(build, arguments):
    command = [f"{build}/tools/heed-bench", "--format", "json", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def cases_of(build):
    """Name -> (options, extents) of the tuned cases with many queries over stored lengths."""
    text = subprocess.run([f"{build}/tools/heed-bench", "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    cases = {}
    for line in text.splitlines():
        name, *options = shlex.split(line)
        values = dict(zip(options[::2], options[1::2]))
        extents = {key: int(value) for key, value in (e.split("=") for e in values.pop("--shape").split(",")) if "." not in key}
        kernel = [word for pair in values.items() for word in pair]
        lists = "block_sparse" in values.get("--preset", "") or "documents" in values.get("--preset", "")
        if name not in UNTUNED and extents["q"] > 16 and not lists:
            cases[name] = (kernel, extents)
    return cases


def drawn(dice, cases):
    """A kernel's options and a shape of it that is no case."""
    while True:
        kernel, known = cases[dice.choice(sorted(cases))]
        queries = round(2 ** dice.uniform(math.log2(LEAST_QUERIES), math.log2(MOST_QUERIES)))
        keys = queries if kernel or dice.random() < 0.5 else round(2 ** dice.uniform(6, 12))
        key_heads = dice.randint(1, 6)
        heads = key_heads * (known["h"] // known["hk"])
        shape = {"b": dice.randint(1, 3), "h": heads, "hk": key_heads, "q": queries, "k": keys, "d": known["d"]}
        if shape != {"b": 1, **known} and 4 * shape["b"] * heads * queries * keys * known["d"] < MOST_FLOP:
            return kernel, shape


def doublings(a, b):
    """How far two shapes are apart."""
    heads = abs(math.log2(a["b"] * a["h"] / (b["b"] * b["h"])))
    return abs(math.log2(a["q"] / b["q"])) + abs(math.log2(a["k"] / b["k"])) + heads / 4


def nearest(cases, kernel, shape):
    same = [name for name, (options, known) in cases.items() if options == kernel and known["d"] == shape["d"]]
    return min(same, key=lambda name: doublings(cases[name][1], shape))


def shares(results, figure):
    return {result["layout"]: result[figure] for result in results}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", default="build")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--shapes", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=6)
    parser.add_argument("--target", default="host")
    args = parser.parse_args()
    cases, dice = cases_of(args.build), random.Random(args.seed)
    how = ["--target", args.target, "--rounds", str(args.rounds)]
    print(f"seed {args.seed}; % of peak in (b,h,s,d) / (b,s,h,d); of the neighbour's share, at least {WANTED:.0%}")
    behind = 0
    for number in range(args.shapes):
        kernel, shape = drawn(dice, cases)
        neighbour = nearest(cases, kernel, shape)
        text = ",".join(f"{key}={value}" for key, value in shape.items())
        best = {}
        for _ in range(2):  # in turn
            for name, what in (("own", [*kernel, "--shape", text]), ("near", ["--case", neighbour])):
                for layout, share in shares(bench(args.build, [*what, *how]), "percent_of_peak_at_min").items():
                    best[name, layout] = max(share, best.get((name, layout), 0))
        ratio = min(best["own", layout] / best["near", layout] for layout in ("bhsd", "bshd"))
        behind += ratio < WANTED
        print(f"{number + 1:2} {' '.join(kernel[1:]) or 'dense':24} {text:38} {best['own', 'bhsd']:5.1f} / {best['own', 'bshd']:5.1f}   "
              f"{neighbour:12} {best['near', 'bhsd']:5.1f} / {best['near', 'bshd']:5.1f}   {ratio:5.0%}{'  behind' * (ratio < WANTED)}",
              flush=True)
    print(f"{args.shapes - behind} of {args.shapes} reach {WANTED:.0%}")
    return behind > 0


if __name__ == "__main__":
    sys.exit(main())
