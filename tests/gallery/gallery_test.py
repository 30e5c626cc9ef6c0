#!/usr/bin/env python3
"""Every variant of the gallery against its formula: gallery_test.py HEEDC GALLERY FOLDER [NAME...]

Compiles each description for this CPU into FOLDER and calls it on random inputs of two sizes. Prints a line a variant: the largest
difference from the formula in NumPy (formulas.py), relative to the largest result, and what was allowed. A description without a
formula, or a formula without a description, is a mistake.
"""
import concurrent.futures
import faulthandler
import pathlib
import subprocess
import sys

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).parents[1] / "conformance"))
from kernels import Library  # noqa: E402

from formulas import CASES, Draw  # noqa: E402

faulthandler.enable()  # a kernel that crashes is named by the line before
HEEDC, GALLERY, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
LENGTHS = (100, 67)  # neither is a multiple of a tile


def compile_variant(name):
    """Its library; raises ValueError with heedc's first message."""
    output = FOLDER / name
    done = subprocess.run([HEEDC, GALLERY / f"{name}.mlir", "--target", "host", "--emit", "shared", "-o", output],
                          capture_output=True, text=True)
    if done.returncode:
        raise ValueError((done.stderr.strip() or f"status {done.returncode}").splitlines()[0])
    return Library(output)


def differences(name, library):
    """For each size and result: its largest difference over what is allowed, and the difference."""
    for length in LENGTHS:
        made = CASES[name](Draw(np.random.default_rng(length), queries=length, keys=length))
        results = [np.full(result.shape, np.nan, np.float32) for result in made.results]
        library.call(name, made.inputs, results)
        for result, expected in zip(results, made.results):
            difference = np.abs(result - expected).max() / np.abs(expected).max()
            yield difference / made.tolerance, difference, made.tolerance


def main():
    described = sorted(path.stem for path in GALLERY.glob("*.mlir"))
    wrong = [f"{name}: has a description or a formula, not both" for name in sorted(set(described) ^ set(CASES))]
    wanted = sys.argv[4:] or sorted(set(described) & set(CASES))
    FOLDER.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:  # each waits for a heedc
        libraries = {name: pool.submit(compile_variant, name) for name in wanted}
    for name in wanted:
        print(name, end=": ", flush=True)
        try:
            share, difference, allowed = max(differences(name, libraries[name].result()),
                                             key=lambda found: np.nan_to_num(found[0], nan=np.inf))
        except ValueError as mistake:
            print(mistake)
            wrong.append(f"{name}: {mistake}")
            continue
        verdict = "" if share <= 1 else "  TOO MUCH"
        print(f"{difference:.1e} of {allowed:.0e} allowed{verdict}")
        if not share <= 1:
            wrong.append(f"{name}: differs by {difference:.1e}")
    print(f"{len(wanted)} variants, {len(wrong)} wrong", *wrong, sep="\n  ")
    return bool(wrong) or not wanted


if __name__ == "__main__":
    sys.exit(main())
