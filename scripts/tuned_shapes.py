"""What the tables that come with Heed are tuned for: the cases of heed-bench, and short lengths of their kernels."""

import shlex
import subprocess

# Odd lengths are left out: scripts/untuned.py measures what tables are worth at shapes that nobody tuned.
UNTUNED = ("dense1000", "dense1023", "causal1000")
# What most texts have, in tokens. Beside the lengths of the cases, which are powers of two.
SHORT_LENGTHS = (100, 300)
FEW_QUERIES = 16


def shape_text(extents):
    return ",".join(f"{name}={extent}" for name, extent in extents.items())


def tuned_shapes(build):
    """Kernel -> its shapes, each the extents by their names. A kernel is heed-bench's options for it, a tuple."""
    text = subprocess.run([f"{build}/tools/heed-bench", "--list"], stdout=subprocess.PIPE, text=True, check=True).stdout
    kernels = {}
    for line in text.splitlines():
        name, *words = shlex.split(line)
        options = dict(zip(words[::2], words[1::2]))
        extents = {key: int(value) for key, value in (pair.split("=") for pair in options.pop("--shape").split(","))}
        kernel = tuple(word for pair in ({"--preset": "dense"} | options).items() for word in pair)
        if name not in UNTUNED:
            kernels.setdefault((kernel, extents["d"], extents["h"] // extents["hk"]), []).append(extents)
    for shapes in kernels.values():
        longest = max(shapes, key=lambda s: s["q"])
        if longest["q"] > FEW_QUERIES and set(longest) == {"b", "h", "hk", "q", "k", "d"}:
            shapes += [longest | {"q": length, "k": length} for length in SHORT_LENGTHS]
    return kernels
