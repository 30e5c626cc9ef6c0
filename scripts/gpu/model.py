#!/usr/bin/env python3
"""What bounds each CUDA kernel of the suite, from the plan and from ptxas's figures: model.py [HEEDC] [PTXAS].

Nothing is timed. A block of threads takes a tile of queries through the keys; for each block of keys an SM is busy for as long as the
slowest of its units is: multiply-adds, shared memory, powers of two, what is fetched from L2. Or it waits: keys and values come from
memory at the begin of a block, and only the other blocks of threads on the SM hide that. Times are lower bounds.
"""
import math
import sys

import figures
from cases import CASES, SUITE
from problem import Problem

# name: SMs, GHz, bytes of shared memory an SM, bytes from L2 a cycle and SM
MACHINES = {"sm_80": ("A100", 108, 1.41, 164 * 1024, 40), "sm_90": ("H100", 132, 1.98, 228 * 1024, 40)}
WAIT = 800  # cycles from the load of keys to their use, and again for values, with the barriers in between
ADDS, POWERS = 128, 16  # lanes of an SM


def residents(kernel, assembled, shared_of_sm):
    """Blocks of threads that an SM holds at a time."""
    registers = math.ceil(assembled.registers / 8) * 8
    return min(shared_of_sm // (kernel.shared + 1024), 65536 // (registers * kernel.threads), 2048 // kernel.threads, 32)


def units(plan, dim, machine):
    """Cycles of an SM's units for one block of keys and one tile of queries."""
    queries, keys, columns = plan["query_tile"], plan["key_tile"], plan["columns"]
    of_query, of_key = plan["query_registers"], plan["key_registers"]
    pairs, groups = queries * keys, math.ceil(dim / columns)
    adds = pairs * 2 * dim + 2 * queries * groups * columns
    # Loads of a warp: 128 different bytes at a time. Threads along the other axis read the same.
    def loads(products, a, a_threads, b, b_threads):
        of_warp = products / (32 * a * b)
        return of_warp * (math.ceil(4 * a * a_threads / 128) + math.ceil(4 * b * b_threads / 128))

    across, along = plan["key_threads"], max(1, 32 // plan["key_threads"])
    shared = loads(pairs * dim, of_query, along, of_key, across) + loads(pairs * dim, of_query, along, columns, across)
    shared += (2 * keys * dim + 3 * pairs) / 32  # staged; scores and weights written, scores read
    shared += 2 * pairs * across / 32 / max(1, min(4, of_query))  # each thread reduces its rows
    shared += 2 * queries * groups * (columns + 2) / 32  # the state
    powers = pairs + 2 * queries * groups
    return {
        "multiply-adds": adds / ADDS,
        "shared memory": shared,
        "powers": powers / POWERS,
        "L2": 2 * keys * dim * 4 / machine[4],
    }


def main():
    heedc = sys.argv[1] if len(sys.argv) > 1 else "build/tools/heedc"
    ptxas = sys.argv[2] if len(sys.argv) > 2 else figures.find_ptxas()
    if not ptxas:
        sys.exit("model.py: there is no ptxas: put CUDA's on the path, or name it in HEED_PTXAS")
    print("| case | device | tile, threads | registers | shared KB | blocks an SM, warps | bound by | share of the f32 peak | at least ms |")
    print("|---|---|---|---|---|---|---|---|---|")
    for case in map(CASES.get, SUITE):
        if case.queries == 1 or case.features or case.dtype != "f32":  # decoding and projections have no kernel for devices
            continue
        problem = Problem(case)
        seen = problem.pairs() / (case.batch * case.heads * case.queries)  # keys of a query, on average
        kernel = figures.compile_kernel(heedc, ["--preset", case.preset, "--heads", str(case.heads), "--kv-heads", str(case.key_heads),
                                                "--head-dim", str(case.dim)], ptxas)
        plan = kernel.plan
        for architecture, machine in MACHINES.items():
            device, sms, clock, shared_of_sm, _ = machine
            assembled = kernel.assembled[architecture]
            tiles = case.batch * case.heads * math.ceil(case.queries / plan["query_tile"])
            held = residents(kernel, assembled, shared_of_sm)
            used = min(held, math.ceil(tiles / sms))  # few tiles leave SMs half empty
            cycles = units(plan, case.dim, machine)
            cycles["waiting"] = 2 * WAIT / used
            bound = max(cycles, key=cycles.get)
            blocks = math.ceil(seen / plan["key_tile"])  # of keys, that a tile needs
            total = cycles[bound] * blocks * math.ceil(tiles / sms)
            peak = problem.operations() / (2 * ADDS * sms)
            print(f"| {case.name} | {device} | {plan['query_tile']} x {plan['key_tile']}, {kernel.threads} | {assembled.registers} | "
                  f"{kernel.shared / 1024:.0f} | {held}, {held * kernel.threads // 32} | {bound} | {peak / total:.0%} | "
                  f"{total / clock / 1e6:.3f} |")


if __name__ == "__main__":
    main()
