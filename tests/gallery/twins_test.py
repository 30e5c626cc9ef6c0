#!/usr/bin/env python3
"""What the C++ twins write says the same as the descriptions: twins_test.py HEED_OPT TWINS GALLERY

Both are read, simplified and printed by heed-opt, and have to come out alike.
"""
import pathlib
import subprocess
import sys

HEED_OPT, TWINS, GALLERY = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])


def canonical(text):
    done = subprocess.run([HEED_OPT, "--canonicalize", "--cse"], input=text, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else done.stderr


def main():
    names = sorted({path.stem for kind in ("*.mlir", "*.cpp") for path in GALLERY.glob(kind)})
    wrong = []
    for name in names:
        description, twin = GALLERY / f"{name}.mlir", TWINS / name
        if not description.exists() or not twin.exists():
            wrong.append(f"{name}: needs a .mlir and a .cpp")
            continue
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
