#!/usr/bin/env python3
"""Writes docs/gallery.md and its pictures from the descriptions and the formulas: page.py SOURCE, or page.py --check SOURCE, which
only says whether they are up to date.

A picture is the weights of one head, by the formula: queries downwards, keys to the right, black the largest.
"""
import pathlib
import re
import struct
import sys
import zlib

import numpy as np

from formulas import CASES, Draw

SIZE, SCALE, SHADES = 64, 3, 16  # positions, pixels to a position, levels of grey

INTRODUCTION = """# Gallery

Published variants of attention, one short file each, with the same in C++ beside it ([builder.md](builder.md)). Tests compile every one and compare it
with a formula in NumPy, written from the paper (`tests/gallery/formulas.py`). To use one: `heedc examples/gallery/alibi.mlir -o build/alibi`.

Pictures show weights of one head on random inputs: queries downwards, keys to the right. This page is made by `tests/gallery/page.py`.

"""


def picture(name):
    """Grey levels of the weights: (SIZE, SIZE) bytes, 0 for the largest."""
    made = CASES[name](Draw(np.random.default_rng(1), queries=SIZE, keys=SIZE, batch=1, loudness=0.4, common=0.6))
    weights = np.abs(made.weights[0, -1 if name == "swin_v2" else 0][:SIZE, :SIZE])
    shade = np.sqrt(weights / weights.max())  # so that small weights are seen at all
    return (255 - np.rint(shade * (SHADES - 1)) * (255 // (SHADES - 1))).astype(np.uint8)


def png(grey):
    """A greyscale PNG of the levels, each SCALE x SCALE pixels."""
    pixels = np.kron(grey, np.ones((SCALE, SCALE), np.uint8))
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", pixels.shape[1], pixels.shape[0], 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def levels(path):
    """The levels that a picture was made of; none if there is no picture."""
    if not path.exists():
        return np.zeros((0, 0), np.uint8)
    data = path.read_bytes()
    start = data.index(b"IDAT") + 4
    length, = struct.unpack(">I", data[start - 8:start - 4])
    rows = np.frombuffer(zlib.decompress(data[start:start + length]), np.uint8).reshape(SIZE * SCALE, -1)
    return rows[::SCALE, 1::SCALE]


def looks_alike(a, b):
    """Another processor may round a level the other way."""
    return a.shape == b.shape and (a != b).mean() < 0.01


def describe(path):
    """What the comment at the top of a description says: its idea, and its paper."""
    lines = re.match(r"(?://[^\n]*\n)+", path.read_text())[0].splitlines()
    paragraphs = "\n".join(line[3:] for line in lines).split("\n\n")
    idea, paper = (" ".join(paragraph.split()) for paragraph in paragraphs)
    return idea, paper


def page(source):
    rows = ["| | variant | |", "|---|---|---|"]
    for path in sorted((source / "examples/gallery").glob("*.mlir")):
        name = path.stem
        idea, paper = describe(path)
        files = ", ".join(f"[{kind}](../examples/gallery/{name}.{ending})" for kind, ending in (("IR", "mlir"), ("C++", "cpp")))
        rows.append(f"| ![weights of {name}](images/gallery/{name}.png) | **{name}** {files}<br>{idea} | {paper} |")
    return INTRODUCTION + "\n".join(rows) + "\n"


def main():
    source = pathlib.Path(sys.argv[-1])
    text, images = source / "docs/gallery.md", source / "docs/images/gallery"
    wanted = {images / f"{name}.png": picture(name) for name in CASES}
    if sys.argv[1] != "--check":
        images.mkdir(parents=True, exist_ok=True)
        text.write_text(page(source))
        for path, grey in wanted.items():
            if not looks_alike(levels(path), grey):
                path.write_bytes(png(grey))
        return 0
    stale = [] if text.exists() and text.read_text() == page(source) else [text]
    stale += [path for path, grey in wanted.items() if not looks_alike(levels(path), grey)]
    stale += set(images.glob("*")) - set(wanted)
    print(*stale or ["the page is up to date"], sep="\n")
    if stale:
        print("run tests/gallery/page.py to make these anew")
    return bool(stale)


if __name__ == "__main__":
    sys.exit(main())
