#!/usr/bin/env python3
"""ONNX's own test cases of Attention through compiled kernels: conformance_test.py HEEDC FOLDER

The cases and what they expect come from the onnx package while this runs; FOLDER is for compiled kernels.
Prints a line a case and a summary. A case that cannot pass stands in unsupported.txt with its reason; that it
fails, and that every other one passes, is the test.
"""
import collections
import concurrent.futures
import hashlib
import pathlib
import re
import sys

# The module makes its cases when it is imported; collect_testcases() would make those of every operator.
from onnx.backend.test.case.node import _NodeTestCases, attention  # noqa: F401
from onnx.backend.test.runner import Runner

from models import heedc, run

HEEDC, FOLDER = sys.argv[1], pathlib.Path(sys.argv[2])


def describe_model(case):
    """Writes the model; returns its path, and a name for what it describes as attn IR."""
    path = FOLDER / "models" / case.name / "attention.onnx"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(case.model.SerializeToString())
    return path, hashlib.sha256(heedc(HEEDC, path, "--emit", "attn").encode()).hexdigest()[:16]


def compile_model(path, name):
    library = FOLDER / "kernels" / name / "attention"
    heedc(HEEDC, path, "--emit", "shared", "-o", library)
    return library


def judge(case, library):
    """Raises AssertionError, as ONNX's own runner does."""
    (inputs, expected), = case.data_sets
    named = dict(zip((value.name for value in case.model.graph.input), inputs))
    Runner.assert_similar_outputs(expected, run(library, case.model, named, expected), case.rtol, case.atol)


def read_unsupported():
    """name -> reason; a line is the one, white space and the other."""
    lines = pathlib.Path(__file__).with_name("unsupported.txt").read_text().splitlines()
    return dict(line.split(None, 1) for line in lines if line and not line.startswith("#"))


def outcome(case, library):
    """What became of a case, and why; in a process of its own, so that a crash is one case's."""
    try:
        with concurrent.futures.ProcessPoolExecutor(1) as pool:
            pool.submit(judge, case, library.result()).result()
    except concurrent.futures.process.BrokenProcessPool:
        return "crashed", "the kernel ended the process"
    except AssertionError as difference:
        return "failed", " ".join(re.findall(r"(?:Mismatched|Max absolute|Max relative|nan location).*",
                                             str(difference))) or str(difference).strip()
    except ValueError as mistake:
        return "error", str(mistake)
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
    cases = [case for case in _NodeTestCases if not case.name.endswith("_expanded")]
    expanded = len(_NodeTestCases) - len(cases)
    unsupported, surprises = read_unsupported(), []
    surprises += [f"unsupported.txt names {name}, which is no case" for name in unsupported
                  if name not in {case.name for case in cases}]
    libraries = compile_all(cases)
    counts = collections.Counter()
    for case in cases:
        what, why = outcome(case, libraries[case.name])
        listed = case.name in unsupported
        if listed and what == "passed":
            surprises.append(f"{case.name} passes: take it out of unsupported.txt")
        elif listed:
            what, why = "unsupported", unsupported[case.name]
        elif what != "passed":
            surprises.append(f"{case.name}: {what}")
        counts[what] += 1
        print(f"{case.name}: {what}{': ' if why else ''}{why}")
    print(f"{len(cases)} cases of Attention: " + ", ".join(f"{n} {what}" for what, n in counts.items()))
    print(f"{expanded} more are the same cases as graphs of primitive operators (_expanded), without an "
          "attention operator: no input for heedc, not run")
    print("\n".join(surprises))
    return bool(surprises) or not cases


if __name__ == "__main__":
    sys.exit(main())
