#!/usr/bin/env python3
"""The house rules a compiler can't hold: house_test.py SOURCE HEEDC.

- No preset's name stands in the code outside its builders: nothing downstream may treat one specially.
- Arrows go one way: what a folder includes, and who may schedule.
- Every folder of code opens with a README of at most a page.
- The README's example compiles.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

SOURCE, HEEDC = pathlib.Path(sys.argv[1]), sys.argv[2]
CODE = (".h", ".cpp", ".td")
PAGE = 80  # lines
problems = []

# Folder: what none of its files may include.
ARROWS = {
    "runtime": ["compiler/", "schedules/", "models/", "tools/", "mlir/", "llvm/", "Halide.h"],
    "models": ["compiler/", "schedules/", "tools/", "mlir/", "llvm/", "Halide.h"],
    "compiler/dialect": ["compiler/evaluate", "compiler/transforms", "compiler/graph", "compiler/emit", "schedules/", "Halide.h"],
    "compiler/reference": ["compiler/graph", "compiler/emit", "schedules/", "Halide.h"],
    "compiler/transforms": ["compiler/graph", "compiler/emit", "schedules/", "Halide.h"],
    "compiler/graph": ["compiler/emit", "schedules/families"],
    "schedules/plan": ["compiler/", "schedules/families", "schedules/table", "schedules/search", "Halide.h"],
    "schedules/table": ["compiler/", "schedules/families", "schedules/search", "Halide.h"],
    "schedules/search": ["compiler/", "schedules/families", "Halide.h"],
    "schedules/families": ["compiler/emit", "schedules/table", "schedules/search"],
}
# In compiler/evaluate only these may know Halide.
HALIDE_DOMAIN = {"HalideDomain.h", "HalideDomain.cpp", "HalideMath.h", "HalideMath.cpp", "Storage.h", "Storage.cpp"}
SCHEDULING = re.compile(r"\.(split|vectorize|parallel|unroll|compute_at|compute_root|reorder|fuse|tile)\(")


def files(folder):
    return [p for p in sorted((SOURCE / folder).rglob("*")) if p.suffix in CODE]


def without_comments(text):
    return re.sub(r"//[^\n]*|/\*.*?\*/", "", text, flags=re.S)


def report(path, text, position, message):
    line = text.count("\n", 0, position) + 1
    problems.append(f"{path.relative_to(SOURCE)}:{line}: {message}")


def check_arrows():
    for folder, banned in ARROWS.items():
        for path in files(folder):
            text = path.read_text()
            for match in re.finditer(r'#include\s+["<]([^">]+)[">]', text):
                if any(match[1].startswith(b) for b in banned):
                    report(path, text, match.start(), f"{folder} may not include {match[1]}")
    for path in files("compiler/evaluate"):
        text = path.read_text()
        if path.name not in HALIDE_DOMAIN and '#include "Halide.h"' in text:
            report(path, text, 0, "of compiler/evaluate only the Halide domain may include Halide")
    for path in files("compiler"):
        text = path.read_text()
        for match in SCHEDULING.finditer(without_comments(text)):
            if path.parent.name == "graph":
                report(path, without_comments(text), match.start(), "only schedules/families makes scheduling calls")


def check_preset_names():
    table = (SOURCE / "compiler/dialect/presets/Presets.cpp").read_text()
    # but for results, which are called what their arguments are
    names = re.findall(r'^\s*\{(?!results)\w+, "([a-z0-9_]+)",', table, flags=re.M)
    if len(names) < 5:
        problems.append("Presets.cpp: the table of presets was not found")
    literal = re.compile('"(' + "|".join(names) + ')"')
    for path in files("compiler") + files("schedules") + files("runtime"):
        if "presets" in path.parts or "import" in path.parts:  # ONNX's names of attributes are its own
            continue
        code = without_comments(path.read_text())
        for match in literal.finditer(code):
            report(path, code, match.start(), f"{match[0]} is a preset's name: only its builder may know it")
        for match in re.finditer(r"(?i)causal|alibi|softcap", code):
            report(path, code, match.start(), f"{match[0]} names a variant outside the presets")


def check_readmes():
    folders = {p.parent for top in ("compiler", "schedules", "runtime", "models", "tools") for p in files(top)}
    for folder in sorted(folders):
        if folder.name in ("heed", "presets", "tools", "heedc") or "include" in folder.parts:  # described by the folder above
            continue
        readme = folder / "README.md"
        if not readme.exists():
            problems.append(f"{folder.relative_to(SOURCE)}: has no README.md")
        elif readme.read_text().count("\n") > PAGE:
            problems.append(f"{readme.relative_to(SOURCE)}: is longer than a page ({PAGE} lines)")


def check_readme_example():
    blocks = re.findall(r"```mlir\n(.*?)```", (SOURCE / "README.md").read_text(), flags=re.S)
    if not blocks:
        problems.append("README.md: has no example")
    for block in blocks:
        with tempfile.NamedTemporaryFile("w", suffix=".mlir") as file:
            file.write(block)
            file.flush()
            run = subprocess.run([HEEDC, file.name, "--emit", "graph", "--target", "x86-64-sse41"],
                                 capture_output=True, text=True)
            if run.returncode != 0:
                problems.append(f"README.md: the example does not compile:\n{run.stderr}")


for check in (check_arrows, check_preset_names, check_readmes, check_readme_example):
    check()
print("\n".join(problems) or "the house is in order")
sys.exit(bool(problems))
