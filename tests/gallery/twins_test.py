#!/usr/bin/env python3
"""What the C++ twins write says the same as the descriptions: twins_test.py HEED_OPT TWINS GALLERY

Both are read, simplified and printed by heed-opt, and have to come out alike. No twin takes more than ten lines to describe its
variant, aside from the regions of a normalizer of its own, which stand on a line each.
"""
import pathlib
import subprocess
import sys

MOST_LINES = 10
HEED_OPT, TWINS, GALLERY = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def canonical(text):
    done = subprocess.run([HEED_OPT, "--canonicalize", "--cse"], input=text, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else done.stderr


def lines_of(source):
    """The lines between main's braces that describe something."""
    body = source.split("int main() {\n")[1].split("  std::cout")[0]
    return [line for line in map(str.strip, body.splitlines()) if line and not line.startswith(("//", "."))]


def main():
    names = sorted({path.stem for kind in ("*.mlir", "*.cpp") for path in GALLERY.glob(kind)})
    wrong = []
    for name in names:
        description, twin = GALLERY / f"{name}.mlir", TWINS / name
        if not description.exists() or not twin.exists():
            wrong.append(f"{name}: needs a .mlir and a .cpp")
            continue
        if (length := len(lines_of((GALLERY / f"{name}.cpp").read_text()))) > MOST_LINES:
            wrong.append(f"{name}: its twin takes {length} lines, not {MOST_LINES}")
        written = subprocess.run([twin], capture_output=True, text=True, check=True).stdout
        expected, got = canonical(description.read_text()), canonical(written)
        if expected != got:
            lines = zip(expected.splitlines(), got.splitlines())
            first = next(((a, b) for a, b in lines if a != b), ("", ""))
            wrong.append(f"{name}: differs\n  description: {first[0]}\n  twin:        {first[1]}")
    print(f"{len(names)} variants, {len(wrong)} whose twin says something else", *wrong, sep="\n")
    return bool(wrong) or not names


if __name__ == "__main__":
    sys.exit(main())
