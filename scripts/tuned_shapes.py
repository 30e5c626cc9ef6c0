"""What the tables that come with Heed are tuned for: the cases of heed-bench, short lengths of their kernels, many queries of few keys without a
mask, and decoding with causal ones."""

import shlex
import subprocess

# Odd lengths are left out: scripts/untuned.py measures what tables are worth at shapes that nobody tuned.
UNTUNED = ("dense1000", "dense1023", "causal1000")
# What most texts have, in tokens. Beside the lengths of the cases, which are powers of two.
SHORT_LENGTHS = (100, 300)
FEW_QUERIES = 16
DENSE = ("--preset", "dense")
DECODING = {"b": 1, "h": 32, "q": 1, "k": 4096}


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
        options = {"--preset": "dense"} | options
        if options["--preset"] == "causal":  # the same kernel where there are as many queries; a single one sees all keys
            options["--preset"] = "causal=bottom_right"
        kernel = tuple(word for pair in options.items() for word in pair)
        if name not in UNTUNED:
            kernels.setdefault((kernel, extents["d"], extents["h"] // extents["hk"]), []).append(extents)
    for (kernel, dim, group), shapes in kernels.items():
        longest = max(shapes, key=lambda s: s["q"])
        if longest["q"] > FEW_QUERIES and set(longest) == {"b", "h", "hk", "q", "k", "d"}:
            shapes += [longest | {"q": length, "k": length} for length in SHORT_LENGTHS]
            if kernel == DENSE:
                shapes.append(longest | {"k": SHORT_LENGTHS[0]})
        if "causal=bottom_right" in kernel:
            shapes.append(DECODING | {"hk": DECODING["h"] // group, "d": dim})
    return kernels
