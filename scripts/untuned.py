#!/usr/bin/env python3
"""Shapes that nobody tuned, beside the nearest shape that somebody did: what the tables in schedules/ are worth elsewhere.

  scripts/untuned.py [--build build] [--seed 1] [--shapes 20] [--target NAME] [--rounds 6]

Draws shapes for the kernels of scripts/tuned_shapes.py and times each in turn with the nearest tuned shape of the same kernel (in doublings
of queries, keys and heads), one thread, both layouts, each as a share of the peak measured in between. Keep the machine quiet.
Exit status: 0 if all reach 90% of their neighbour's share, 1 if some do not.
"""

import argparse
import json
import math
import random
import shlex
import subprocess
import sys

from tuned_shapes import DENSE, FEW_QUERIES, shape_text, tuned_shapes

WANTED = 0.90
LEAST_QUERIES, MOST_QUERIES, MOST_FLOP = 64, 4096, 2e10


def bench(build, arguments):
    command = [f"{build}/tools/heed-bench", "--format", "json", *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        sys.exit(f"{shlex.join(command)}: {done.stderr.strip()}")
    return json.loads(done.stdout)


def prompts(build):
    """The kernels with many queries over stored lengths, with their tuned shapes."""
    def lists(kernel):
        return any(word in part for part in kernel for word in ("block_sparse", "documents"))
    return {key: shapes for key, shapes in tuned_shapes(build).items()
            if not lists(key[0]) and any(s["q"] > FEW_QUERIES for s in shapes)}


def drawn(dice, kernels):
    """A kernel, and a shape of it that is not tuned."""
    while True:
        kernel, size, group = key = dice.choice(sorted(kernels))
        queries = round(2 ** dice.uniform(math.log2(LEAST_QUERIES), math.log2(MOST_QUERIES)))
        keys = queries if kernel != DENSE or dice.random() < 0.5 else round(2 ** dice.uniform(6, 12))
        key_heads = dice.randint(1, 6)
        shape = {"b": dice.randint(1, 3), "h": key_heads * group, "hk": key_heads, "q": queries, "k": keys, "d": size}
        if shape not in kernels[key] and 4 * shape["b"] * shape["h"] * queries * keys * size < MOST_FLOP:
            return key, shape


def doublings(a, b):
    """How far two shapes are apart."""
    heads = abs(math.log2(a["b"] * a["h"] / (b["b"] * b["h"])))
    return abs(math.log2(a["q"] / b["q"])) + abs(math.log2(a["k"] / b["k"])) + heads / 4


def nearest(shapes, shape):
    return min((s for s in shapes if s["q"] > FEW_QUERIES), key=lambda s: doublings(s, shape))


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
    kernels, dice = prompts(args.build), random.Random(args.seed)
    how = ["--target", args.target, "--rounds", str(args.rounds)]
    print(f"seed {args.seed}; % of peak in (b,h,s,d) / (b,s,h,d); of the neighbour's share, at least {WANTED:.0%}")
    behind = 0
    for number in range(args.shapes):
        key, shape = drawn(dice, kernels)
        kernel, neighbour = key[0], nearest(kernels[key], shape)
        best = {}
        for _ in range(2):  # in turn
            for name, what in (("own", shape), ("near", neighbour)):
                results = bench(args.build, [*kernel, "--shape", shape_text(what), *how])
                for layout, share in shares(results, "percent_of_peak_at_min").items():
                    best[name, layout] = max(share, best.get((name, layout), 0))
        ratio = min(best["own", layout] / best["near", layout] for layout in ("bhsd", "bshd"))
        behind += ratio < WANTED
        print(f"{number + 1:2} {' '.join(kernel[1:]):24} {shape_text(shape):38} {best['own', 'bhsd']:5.1f} / {best['own', 'bshd']:5.1f}   "
              f"{shape_text(neighbour):38} {best['near', 'bhsd']:5.1f} / {best['near', 'bshd']:5.1f}   {ratio:5.0%}{'  behind' * (ratio < WANTED)}",
              flush=True)
    print(f"{args.shapes - behind} of {args.shapes} reach {WANTED:.0%}")
    return behind > 0


if __name__ == "__main__":
    sys.exit(main())
