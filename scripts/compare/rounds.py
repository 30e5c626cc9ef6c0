"""Workers taking turns: what is asked of them, and what is made of their answers."""

import contextlib
import json
import os
import statistics
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOLERANCE = {"f32": 2e-3, "bf16": 3e-2}  # of outputs of order 1
BURST = 0.06  # seconds that a peer computes in its turn


class Worker:
    """A peer's process, from its beginning on as many cores as it may use threads: pools are made for these."""

    patience = 180  # seconds

    def __init__(self, peer, cores, log):
        self.peer, self.cores, self.log = peer, cores, log
        self.start()

    def start(self):
        number = str(len(self.cores))
        environment = os.environ | {"OMP_NUM_THREADS": number, "MKL_NUM_THREADS": number,
                                    "OPENBLAS_NUM_THREADS": number, "JAX_PLATFORMS": "cpu"}
        command = ["taskset", "-c", ",".join(map(str, self.cores)), sys.executable, HERE / "worker.py", self.peer, number]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.log,
                                        text=True, env=environment)

    def ask(self, do, **arguments):
        """The worker's answer; one that dies or has none in time is started anew."""
        impatience = threading.Timer(self.patience, self.process.kill)
        impatience.start()
        try:
            self.process.stdin.write(json.dumps({"do": do, **arguments}) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except OSError:
            line = ""
        gave_up = not impatience.is_alive()
        impatience.cancel()
        if line:
            return json.loads(line)
        status = self.stop()
        self.start()
        return {"error": f"no answer in {self.patience} s" if gave_up else f"its process ended with status {status}"}

    def stop(self):
        with contextlib.suppress(OSError):  # it may be gone, with what was not sent yet
            self.process.stdin.close()
        self.process.stdout.close()
        return self.process.wait()


class Contest:
    """One case: the workers that can do it, prepared and checked."""

    def __init__(self, case, workers, reference):
        self.case, self.workers = case, {}
        with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
            begin = time.monotonic()

            def prepare(worker):
                answer = worker.ask("prepare", case=case.name, reference=str(reference))
                return answer | {"prepare_s": round(time.monotonic() - begin, 1)}

            self.entries = dict(zip([w.peer for w in workers], pool.map(prepare, workers)))
        for worker in workers:
            entry = self.entries[worker.peer]
            if "max_error" not in entry:
                continue
            if entry["max_error"] <= TOLERANCE[case.dtype]:
                self.workers[worker.peer] = worker
            else:  # or no number at all, which JSON could not hold
                entry["error"] = f"wrong by {entry.pop('max_error'):.1e}"

    def pin(self, cores):
        for worker in self.workers.values():
            worker.ask("pin", cores=cores)

    def keep_best(self, count, always):
        """Drops all but the `count` quickest by a first look, and those in `always`. Who may be among them is looked at again."""
        first = {peer: min(self.burst(peer, 1, warm=False)) for peer in list(self.workers)}
        others = sorted(seconds for peer, seconds in first.items() if peer not in always)
        limit = 4 * max(others[:count], default=0)
        for peer in [p for p in self.workers if first[p] <= limit or p in always]:
            first[peer] = min([first[peer]] + self.burst(peer, 2))
        first = {peer: seconds for peer, seconds in first.items() if peer in self.workers}
        self.calls = {peer: max(1, round(BURST / seconds)) for peer, seconds in first.items()}
        others = sorted((p for p in first if p not in always), key=first.get)
        for peer in others[count:]:
            self.entries[peer]["first_ms"] = 1e3 * first[peer]
            self.workers.pop(peer).ask("close")

    def burst(self, peer, calls, warm=True):
        """Seconds of each call; a worker that fails is out."""
        answer = self.workers[peer].ask("burst", calls=calls, warm=warm)
        if "seconds" in answer:
            return answer["seconds"]
        self.entries[peer] |= answer
        del self.workers[peer]
        return [float("inf")]

    def run(self, rounds, seconds, machine):
        """Rounds of bursts of everyone, with the machine's own loops in between, for at most so long."""
        times = {peer: [] for peer in self.workers}
        begin = time.monotonic()
        for turn in range(rounds):
            if turn >= 3 and time.monotonic() - begin > seconds:
                break
            machine.turn()
            for peer in list(self.workers):
                times[peer].append(self.burst(peer, self.calls[peer]))
        for peer in self.workers:
            self.entries[peer] |= {"min_ms": 1e3 * min(map(min, times[peer])),
                                   "median_ms": 1e3 * statistics.median(map(statistics.median, times[peer])),
                                   "rounds": len(times[peer])}

    def close(self):
        for worker in self.workers.values():
            worker.ask("close")
