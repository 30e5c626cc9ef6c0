"""scripts/compare without the peers it installs: compare_test.py SOURCE BUILD

Its cases are heed-bench's, its reference is the formula, a peer that is wrong or dies is out and the others go on, and
the whole runs with Heed alone.
"""

import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE, BUILD = map(pathlib.Path, sys.argv[1:3])
temporary = tempfile.TemporaryDirectory()
COMPARE = pathlib.Path(temporary.name) / "compare"
shutil.copytree(SOURCE / "scripts/compare", COMPARE)
sys.path.insert(0, str(COMPARE))

import numpy as np  # noqa: E402
from cases import CASES, SUITE, Case  # noqa: E402
from problem import Problem, alibi_slopes, bfloat16_bits, bfloat16_values  # noqa: E402
from rounds import Contest, Worker  # noqa: E402

FAKE = """
from peers import Cannot, Prepared
VERSION_OF, VERSION = None, "1"
def prepare(problem, threads):
    %s
"""
BODIES = {
    "right": "return Prepared(lambda: None, problem.reference)",
    "wrong": "return Prepared(lambda: None, lambda: problem.reference() + 1)",
    "missing": "return Prepared(lambda: None, lambda: problem.reference() * float('nan'))",
    "early": "import os; n = []; return Prepared(lambda: os._exit(5) if n else n.append(1), problem.reference)",
    "narrow": "return Prepared(lambda: None, lambda: problem.reference()[:, :1])",
    "refusing": "raise Cannot('it has no such thing')",
    "raising": "raise ValueError('first line\\nsecond')",
    "dying": "import os; os._exit(3)",
    "hanging": "import time; time.sleep(1000)",
    "late": "import os; n = []; return Prepared(lambda: os._exit(4) if len(n) > 6 else n.append(1), problem.reference)",
}
for name, body in BODIES.items():
    (COMPARE / f"peers/{name}_peer.py").write_text(FAKE % body)


class Machine:
    def turn(self):
        pass


class CasesTest(unittest.TestCase):
    def test_are_heed_benchs(self):
        text = subprocess.run([BUILD / "tools/heed-bench", "--list"], check=True, capture_output=True, text=True).stdout
        listed = {line.split()[0]: line for line in text.splitlines()}
        self.assertEqual(len(SUITE), 16)
        for case in CASES.values():
            line = listed[case.name]
            self.assertIn(f"--shape b={case.batch},h={case.heads},hk={case.key_heads},q={case.queries},k={case.keys},"
                          f"d={case.dim}", line)
            preset = re.search(r"--preset '(.*)'", line)
            self.assertEqual(case.preset, preset[1] if preset else "dense")
            self.assertEqual("--dtype bf16" in line, case.dtype == "bf16")
            self.assertIsInstance(case.softcap, float)  # ONNX tells 30 from 30.0


class ProblemTest(unittest.TestCase):
    SMALL = [Case("dense", 2, 4, 2, 5, 7, 4), Case("causal", 1, 2, 1, 6, 6, 4, causal=True),
             Case("window", 1, 2, 2, 9, 9, 4, causal=True, window=3), Case("alibi", 1, 3, 3, 6, 6, 4, causal=True, alibi=True),
             Case("softcap", 1, 2, 2, 6, 6, 4, causal=True, softcap=3.0), Case("cosine", 1, 2, 2, 6, 6, 4, cosine=True),
             Case("additive", 1, 2, 2, 5, 5, 4, features=3), Case("padded", 2, 2, 2, 128, 128, 4, padded=True)]

    def pair(self, problem, b, h, i, j):
        """The score of one pair, or None where it does not count: the definition."""
        case, q, k = problem.case, problem.query[b, h, i].astype(float), problem.key[b, h // problem.case.group, j].astype(float)
        if case.causal and j > i or case.window and i - j >= case.window or case.padded and j >= problem.lengths[b]:
            return None
        if case.features:
            return np.tanh(q @ problem.query_weights + k @ problem.key_weights) @ problem.feature_weights
        if case.cosine:
            return q @ k / np.sqrt(q @ q * (k @ k)) * problem.scales[h]
        score = q @ k / np.sqrt(case.dim)
        if case.softcap:
            score = case.softcap * np.tanh(score / case.softcap)
        return score - problem.slopes[h] * (i - j) if case.alibi else score

    def test_reference_is_the_formula(self):
        for case in self.SMALL:
            problem, pairs = Problem(case), 0
            out = problem.reference()
            for b, h, i in np.ndindex(case.batch, case.heads, case.queries):
                scores = [self.pair(problem, b, h, i, j) for j in range(case.keys)]
                keys = [j for j, score in enumerate(scores) if score is not None]
                weights = np.exp([scores[j] for j in keys])
                wanted = weights @ problem.value[b, h // case.group, keys] / weights.sum()
                np.testing.assert_allclose(out[b, h, i], wanted, atol=1e-6, err_msg=case.name)
                pairs += len(keys)
            self.assertEqual(problem.pairs(), pairs, case.name)
            self.assertEqual(problem.operations(), 2 * pairs * ((case.features or case.dim) + case.dim), case.name)

    def test_bfloats_are_rounded_to_the_nearest(self):
        numbers = np.array([1, 1 + 2**-8, 1 + 3 * 2**-8, -2.5], np.float32)
        np.testing.assert_array_equal(bfloat16_values(bfloat16_bits(numbers)), [1, 1, 1 + 2**-6, -2.5])

    def test_slopes_are_the_papers(self):
        np.testing.assert_allclose(alibi_slopes(8), [2.0**-n for n in range(1, 9)])
        np.testing.assert_allclose(alibi_slopes(12)[8:], [2.0 ** (-0.5 - n) for n in range(4)])


class ContestTest(unittest.TestCase):
    def contest(self, names):
        folder = pathlib.Path(temporary.name)
        reference, case = folder / "reference.npy", CASES["bert128"]
        np.save(reference, Problem(case).reference())
        log = open(folder / "log", "w")
        self.addCleanup(log.close)
        workers = [Worker(name, [min(os.sched_getaffinity(0))], log) for name in names]
        for worker in workers:
            self.addCleanup(worker.stop)
        return Contest(case, workers, reference)

    def test_who_is_wrong_is_not_timed(self):
        entries = self.contest(["right", "wrong", "missing", "narrow", "refusing", "raising", "dying"]).entries
        self.assertEqual(entries["right"]["max_error"], 0)
        self.assertEqual(entries["wrong"]["error"], "wrong by 1.0e+00")
        self.assertEqual(entries["missing"]["error"], "wrong by nan")
        self.assertNotIn("max_error", entries["missing"])
        self.assertEqual(entries["narrow"]["error"], "its output is (1, 1, 128, 64), not (1, 12, 128, 64)")
        self.assertEqual(entries["refusing"]["cannot"], "it has no such thing")
        self.assertEqual(entries["raising"]["error"], "ValueError: first line")
        self.assertEqual(entries["dying"]["error"], "its process ended with status 3")

    def test_who_hangs_is_given_up(self):
        self.addCleanup(setattr, Worker, "patience", Worker.patience)
        Worker.patience = 5
        entries = self.contest(["hanging", "refusing"]).entries
        self.assertEqual(entries["hanging"]["error"], "no answer in 5 s")
        self.assertEqual(entries["refusing"]["cannot"], "it has no such thing")

    def test_the_best_take_turns_and_who_fails_is_out(self):
        contest = self.contest(["right", "late"])
        contest.keep_best(2, [])
        contest.calls = {"right": 2, "late": 2}
        contest.run(3, 1e9, Machine())
        contest.close()
        self.assertEqual(contest.entries["right"]["rounds"], 3)
        self.assertGreater(contest.entries["right"]["min_ms"], 0)
        self.assertEqual(contest.entries["late"]["error"], "its process ended with status 4")
        self.assertNotIn("min_ms", contest.entries["late"])

    def test_all_but_the_best_are_looked_at_once(self):
        contest = self.contest(["right", "early"])
        contest.keep_best(0, [])
        self.assertEqual(contest.entries["early"]["error"], "its process ended with status 5")
        self.assertGreater(contest.entries["right"]["first_ms"], 0)
        self.assertEqual(contest.workers, {})


class WholeTest(unittest.TestCase):
    def run_compare(self, *arguments):
        command = [sys.executable, COMPARE / "compare.py", "--build", BUILD, *arguments]
        return subprocess.run(command, capture_output=True, text=True)

    def test_heed_alone(self):
        out = pathlib.Path(temporary.name) / "out.json"
        done = self.run_compare("--cases", "bert128", "--peers", "heed,heed_bshd", "--rounds", "1", "--out", str(out))
        self.assertEqual(done.returncode, 0, done.stderr)
        results = json.loads(out.read_text())
        entries = results["cases"][0]["entries"]
        for name in ("heed", "heed_bshd"):
            self.assertLess(entries[name]["max_error"], 1e-5)
            self.assertIn(name + " ", done.stdout)
        self.assertGreater(results["cases"][0]["read_gbytes_per_s"], 0)
        self.assertIn("bert128", out.with_suffix(".html").read_text())

    def test_mistakes_are_explained(self):
        for arguments, message in [
            (["--cases", "gpt2k"], "there is no 'gpt2k': choose among bert128"),
            (["--peers", "heed,tenserflow"], "there is no 'tenserflow': choose among heed"),
            (["--rounds", "0"], "must be more than 0, not 0"),
            (["--threads", "x"], "--threads: invalid"),
            (["--threads", "100000"], "--threads: there are "),
        ]:
            done = self.run_compare(*arguments)
            self.assertEqual(done.returncode, 2)
            self.assertIn(message, done.stderr)


unittest.main(argv=sys.argv[:1], verbosity=2)
