"""table.py PLANS TABLE [here]: a table of two entries for the kernel of a plan file, as if tuned here or elsewhere."""
import json
import re
import sys

plan = json.load(open(sys.argv[1]))["causal"][-1]
kernel = {"kind": "attention", "types": ["f32"] * 4, "dim": 64, "value_dim": 64, "group": 1, "score": "dot",
          "operands": "stored", "mask": "band", "modify": "none", "results": "output", "whole_row": False}
machine = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())[1].strip() if sys.argv[3:] else "Test CPU"


def entry(queries, tile):
    return {"kernel": kernel, "shape": {"queries": queries, "keys": 1024, "batch_heads": 2},
            "plan": dict(plan, query_tile=tile, key_tile=64, edge_key_tile=32, query_vectors=2), "machine": machine,
            "threads": 1, "seconds": 0.001, "share_of_peak": 0.5}


lines = ",\n".join(json.dumps(e, separators=(",", ":")) for e in (entry(16, 16), entry(256, 32)))
open(sys.argv[2], "w").write('{"heed_table": 1, "target": "x86-64-avx2", "entries": [\n' + lines + "\n]}\n")
