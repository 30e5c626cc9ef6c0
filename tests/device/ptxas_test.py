#!/usr/bin/env python3
"""Kernels for CUDA, assembled for each architecture, by their manifests: ptxas_test.py SOURCE HEEDC PTXAS.

Of each kernel: no spill within the registers that a thread may have, shared memory within what can be launched, products from register
tiles, powers from the device's own instruction.
"""
import pathlib
import sys

SOURCE, HEEDC, PTXAS = sys.argv[1:]
sys.path.insert(0, str(pathlib.Path(SOURCE, "scripts", "gpu")))
import figures

KERNELS = {
    "dense, 16": ["--preset", "dense", "--head-dim", "16"],
    "dense, 32": ["--preset", "dense", "--head-dim", "32"],
    "dense, 64": ["--preset", "dense", "--head-dim", "64"],
    "dense, 128": ["--preset", "dense", "--head-dim", "128"],
    "dense, 256": ["--preset", "dense", "--head-dim", "256"],
    "causal, 128": ["--preset", "causal,log_sum_exp", "--head-dim", "128"],
    "window, alibi, lengths": ["--preset", "causal,window=256,alibi,lengths", "--head-dim", "64", "--heads", "8"],
    "soft cap, sinks": ["--preset", "causal,softcap=30,normalized=softmax_sinks", "--head-dim", "64", "--heads", "8"],
    "distance": ["--preset", "distance", "--head-dim", "64"],
    "rotary": ["--preset", "causal,rotary", "--head-dim", "64"],
    "distance, rotary": ["--preset", "distance,rotary", "--head-dim", "64"],
    "norms, rotary": ["--preset", "qk_norm,rotary,causal", "--head-dim", "128"],
    "boolean mask": ["--preset", "boolean_mask", "--head-dim", "64"],
    "block-sparse": ["--preset", "block_sparse=64", "--head-dim", "64"],
    "documents": ["--preset", "causal,documents", "--head-dim", "64"],
}
BEFORE = {"lengths": 1, "documents": 3, "boolean": 12, "sparse": 12}
ARCHITECTURES = ["sm_80", "sm_90", "sm_100"]

failures = []


def expect(holds, what):
    if not holds:
        failures.append(what)


def expect_assembles(name, kernel, spilled=0):
    for architecture in ARCHITECTURES:
        assembled = kernel.assembled[architecture]
        print(f"  {architecture:7} {assembled.registers:3} registers, {assembled.spilled_bytes} bytes spilled")
        expect(assembled.spilled_bytes <= spilled, f"{name}, {architecture}: {assembled.spilled_bytes} bytes spilled")
        # ptxas 13 passes by the limit, on sm_90 and later, for kernels of a few threads that ask for statuses.
        most = figures.REGISTERS if kernel.shared else 65536 // kernel.threads
        expect(0 < assembled.registers <= most, f"{name}, {architecture}: {assembled.registers} registers")


for name, flags in KERNELS.items():
    *few, kernel = figures.compile_kernels(HEEDC, flags, PTXAS)
    plan = kernel.plan
    # For few queries a part of the keys and a merge; before both what data decides: a table, bounds of many queries, or lists.
    before = next((number for words, number in BEFORE.items() if words in name), 0)
    expect(len(few) == 2 + before and not kernel.when, f"{name}: {len(few)} kernels beside that for many queries")
    expect(kernel.threads == plan["query_threads"] * plan["key_threads"], f"{name}: {kernel.threads} threads")
    expect(0 < kernel.shared <= figures.SHARED, f"{name}: {kernel.shared} bytes of shared memory")
    products, powers = kernel.count("fma.rn.f32"), kernel.count("ex2.approx.ftz.f32")
    vectors = kernel.count("ld.shared.v2.b32") + kernel.count("ld.shared.v4.b32")
    # Each walk has both products, and a step of one has a whole register tile.
    tile = plan["query_registers"] * min(plan["key_registers"], plan["columns"])
    expect(products >= 2 * plan["reduce_unroll"] * tile, f"{name}: {products} multiply-adds")
    if tile == 16:
        expect(products >= 2.4 * kernel.count("ld.shared"), f"{name}: {products} multiply-adds for {kernel.count('ld.shared')} loads")
    expect(powers >= 3, f"{name}: {powers} powers of two")
    print(f"{name}: {kernel.threads} threads, {kernel.shared} bytes of shared memory; in the PTX {products} multiply-adds, "
          f"{kernel.count('ld.shared')} loads of shared memory, {vectors} of them vectors, {powers} powers")
    for one in [kernel, *few]:
        expect(one.shared <= figures.SHARED, f"{name}: {one.shared} bytes of shared memory")
        # Bounds that are read take a register or two too many, for the loop over blocks.
        expect_assembles(name, one, spilled=16 if "lengths" in name else 0)

layers = figures.compile_kernels(HEEDC, [pathlib.Path(SOURCE, "models", "bert", "kernels.mlir")], PTXAS)
# Seven, of which four have a packing, two of attention for few queries, and one that finds out how many blocks of keys texts have.
expect(len(layers) == 14, f"{len(layers)} kernels of a BERT encoder")
for kernel in layers:
    name, form, products = kernel.entry, kernel.plan["form"], kernel.count("fma.rn.f32")
    print(f"{name}: {kernel.threads} threads, {kernel.shared} bytes of shared memory; in the PTX {products} multiply-adds, "
          f"{kernel.count('ld.shared')} loads of shared memory")
    expect(kernel.shared <= figures.SHARED, f"{name}: {kernel.shared} bytes of shared memory")
    if form == "gpu_linear" and not name.endswith("_pack"):
        # Four steps of a register tile, each of two loads of four words; the tile's four rows are added to sums, and read in the end.
        expect(products >= 4 * 16, f"{name}: {products} multiply-adds")
        expect(kernel.count("ld.shared.v4.b32") == 4 * 2 + 2 * 4, f"{name}: {kernel.count('ld.shared.v4.b32')} loads of four words")
    expect_assembles(name, kernel)
sys.exit("\n".join(failures) if failures else 0)
