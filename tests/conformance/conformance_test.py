#!/usr/bin/env python3
"""ONNX's own test cases of Attention through compiled kernels: conformance_test.py HEEDC FOLDER [opencl]

The cases and what they expect come from the onnx package while this runs; FOLDER is for compiled kernels. Of each case
the package has a second one, NAME_expanded: the operator's definition as a graph of primitive operators. There is no
attention operator in it to compile; what it computes, by the package's evaluator, is what the case's kernels have to
give too. Prints a line a case and a summary. With `opencl` kernels run on OpenCL's device; it has none for scores that
are returned, which heedc has to say.
"""
import collections
import concurrent.futures
import hashlib
import pathlib
import re
import sys

import numpy as np
# The module makes its cases when it is imported; collect_testcases() would make those of every operator.
from onnx.backend.test.case.node import _NodeTestCases, attention  # noqa: F401
from onnx.backend.test.runner import Runner
from onnx.reference import ReferenceEvaluator

from models import heedc, run

HEEDC, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])
DEVICE = sys.argv[3] if len(sys.argv) > 3 else "cpu"
TARGET = "host" if DEVICE == "cpu" else DEVICE
REFUSED_ON_DEVICES = "has a key axis"


def describe_model(case):
    """Writes the model; returns its path, and a name for what it describes as attn IR."""
    path = FOLDER / "models" / case.name / "attention.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case.model.SerializeToString())
    return path, hashlib.sha256(heedc(HEEDC, path, "--emit", "attn", target=TARGET).encode()).hexdigest()[:16]


def compile_model(path, name):
    library = FOLDER / "kernels" / name / "attention"
    heedc(HEEDC, path, "--emit", "shared", "-o", library, target=TARGET)
    return library


def named_inputs(case):
    (inputs, _), = case.data_sets
    return dict(zip((value.name for value in case.model.graph.input), inputs))


def judge(case, expected, library):
    """Raises AssertionError, as ONNX's own runner does."""
    results = run(library, case.model, named_inputs(case), expected, DEVICE)
    Runner.assert_similar_outputs(expected, results, case.rtol, case.atol)


def expected_of(case, expansion):
    """What a case expects: the package's numbers, and what its expansion computes of the same inputs."""
    (_, expected), = case.data_sets
    yield case.name, expected
    with np.errstate(invalid="ignore"):  # rows without keys: -inf less -inf
        yield expansion.name, ReferenceEvaluator(expansion.model).run(None, named_inputs(case))


def returns_scores(case):
    attention, = case.model.graph.node
    return len(attention.output) > 3 and attention.output[3] != ""


def outcome(case, expected, library):
    """What became of a case, and why; in a process of its own, so that a crash is one case's."""
    try:
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            pool.submit(judge, case, expected, library.result()).result()
    except concurrent.futures.process.BrokenProcessPool:
        return "crashed", "the kernel ended the process"
    except AssertionError as difference:
        return "failed", " ".join(re.findall(r"(?:Mismatched|Max absolute|Max relative|nan location).*",
                                             str(difference))) or str(difference).strip()
    except ValueError as mistake:
        is_refusal = DEVICE != "cpu" and returns_scores(case) and REFUSED_ON_DEVICES in str(mistake)
        return "refused" if is_refusal else "error", str(mistake)
    return "passed", ""


def compile_all(cases):
    """name -> a future of its library; what is described alike is compiled once."""
    with concurrent.futures.ThreadPoolExecutor(2) as pool:  # each waits for a heedc
        described = {case.name: pool.submit(describe_model, case) for case in cases}
        once, libraries = {}, {}
        for name, model in described.items():
            if model.exception():
                libraries[name] = model
                continue
            path, content = model.result()
            if content not in once:
                once[content] = pool.submit(compile_model, path, content)
            libraries[name] = once[content]
        print(f"{len(cases)} models, {len(once)} different descriptions")
    return libraries


def main():
    named = {case.name: case for case in _NodeTestCases}
    cases = [case for case in _NodeTestCases if not case.name.endswith("_expanded")]
    libraries = compile_all(cases)
    counts = collections.Counter()
    for case in cases:
        for name, expected in expected_of(case, named.pop(f"{case.name}_expanded")):
            what, why = outcome(case, expected, libraries[case.name])
            counts[what] += 1
            print(f"{name}: {what}{': ' if why else ''}{why}")
        del named[case.name]
    print(f"{len(cases)} cases of Attention, and as many expanded: "
          + ", ".join(f"{n} {what}" for what, n in counts.items()))
    return bool(named) or counts["passed"] + counts["refused"] != counts.total() or not counts["passed"]


if __name__ == "__main__":
    sys.exit(main())
