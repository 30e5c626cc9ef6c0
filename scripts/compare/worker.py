"""One peer in a process of its own: reads a request a line, answers a line. Started by compare.py.

Requests: {"do": "prepare", "case", "reference"}, {"do": "burst", "calls", "warm"}, {"do": "close"}, {"do": "version"}.
"""

import importlib.metadata
import json
import os
import sys
import time
import traceback

import numpy as np

import peers
from cases import CASES
from problem import Problem


class Worker:
    def __init__(self, peer, threads):
        self.peer, self.threads = peer, threads
        self.module, self.prepared = None, None

    def version(self):
        self.module = self.module or peers.load(self.peer)
        package = self.module.VERSION_OF
        return {"version": importlib.metadata.version(package) if package else self.module.VERSION}

    def prepare(self, case, reference):
        """Makes the call ready, looks at what it computes, and how long it takes: once, after a first time."""
        self.close()
        self.module = self.module or peers.load(self.peer)
        self.prepared = self.module.prepare(Problem(CASES[case]), self.threads)
        self.prepared.call()
        wanted = np.load(reference)
        output = np.asarray(self.prepared.output(), np.float64)
        if output.shape != wanted.shape:
            return {"error": f"its output is {output.shape}, not {wanted.shape}"}
        return {"max_error": float(np.abs(output - wanted).max())}

    def burst(self, calls, warm=True):
        """Seconds of each of `calls` calls, after one that brings the data back into the caches."""
        call, seconds = self.prepared.call, []
        if warm:
            call()
        for _ in range(calls):
            begin = time.perf_counter()
            call()
            seconds.append(time.perf_counter() - begin)
        return {"seconds": seconds}

    def pin(self, cores):
        """All threads, also those of the peer's pool, onto these cores."""
        for task in os.listdir("/proc/self/task"):
            os.sched_setaffinity(int(task), cores)
        return {}

    def close(self):
        if self.prepared:
            self.prepared.close()
        self.prepared = None
        return {}

    def answer(self, do, **arguments):
        try:
            return getattr(self, do)(**arguments)
        except peers.Cannot as reason:
            return {"cannot": str(reason)}
        except Exception as error:
            traceback.print_exc()
            return {"error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}


def main():
    worker = Worker(sys.argv[1], int(sys.argv[2]))
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what the peer prints goes with its complaints
    for line in sys.stdin:
        answers.write(json.dumps(worker.answer(**json.loads(line))) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
