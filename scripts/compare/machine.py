"""What the machine could do, measured between the peers' turns by heed-bench's own loops."""

import json
import subprocess


class Machine:
    """The FMA peak, and a plain read loop over as many bytes as the case reads."""

    def __init__(self, heed_bench, threads, bytes, cores):
        self.command = ["taskset", "-c", ",".join(map(str, cores)), heed_bench, "--machine", "--rounds", "2", "--threads", str(threads),
                        "--bytes", str(bytes), "--format", "json"]
        self.peak, self.read = 0.0, 0.0

    def turn(self):
        done = subprocess.run(self.command, check=True, capture_output=True, text=True)
        measured = json.loads(done.stdout)
        self.peak = max(self.peak, measured["peak_gflops"] or 0)
        self.read = max(self.read, measured["read_gbytes_per_s"])
