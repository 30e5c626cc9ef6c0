"""heed-run as a user meets it: heed_run_test.py HEED_RUN MODEL"""

import json
import math
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

HEED_RUN, MODEL = sys.argv[1], str(pathlib.Path(sys.argv[2]).resolve())
ANIMAL = "The animal didn't cross the street because it was too tired"


def run(*arguments, stdin=""):
    return subprocess.run(
        [HEED_RUN, *map(str, arguments)],
        input=stdin,
        text=True,
        capture_output=True,
        timeout=120,
        errors="replace",
    )


class HeedRunTest(unittest.TestCase):
    def ok(self, *arguments, stdin=""):
        done = run(*arguments, stdin=stdin)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout

    def refused(self, *arguments, stdin=""):
        """What is said; the status is 1 and nothing is printed."""
        done = run(*arguments, stdin=stdin)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        return done.stderr

    def test_shows_tokens_map_and_words(self):
        out = self.ok(MODEL, "--text", ANIMAL, "--word", "It")
        self.assertIn(
            "Tokens: [CLS] the animal didn ' t cross the street because it was too tired [SEP]\n",
            out,
        )
        self.assertRegex(out, r"Layer 6, head \d+: how much each row looks at each column\n")
        self.assertIn('What "it" looks at most, over all heads:\n', out)
        self.assertRegex(out, r"layer 6   animal \d+%")
        self.assertIn("\nanimal ", out.replace("\n animal", "\nanimal"))
        self.assertNotIn("\x1b", out)

    def test_layer_head_and_color(self):
        out = self.ok(MODEL, "--text", ANIMAL, "--layer", 4, "--head", 2, "--color", "always")
        self.assertIn("Layer 4, head 2:", out)
        self.assertIn("\x1b[48;5;", out)

    def test_reads_lines_from_standard_input(self):
        out = self.ok(MODEL, stdin="one line\nanother line\n")
        self.assertIn("Tokens: [CLS] one line [SEP]", out)
        self.assertIn("Tokens: [CLS] another line [SEP]", out)
        self.assertEqual(self.ok(MODEL, stdin=""), "")

    def test_a_text_without_words(self):
        self.assertIn("Tokens: [CLS] [SEP]", self.ok(MODEL, "--text", ""))

    def test_embeds(self):
        texts = ["short", ANIMAL, "", "short", 'quotes " and \\ and \u00e9'] + [
            f"text {i}" for i in range(300)
        ]
        lines = self.ok(MODEL, "--embed", stdin="\n".join(texts)).splitlines()
        rows = [json.loads(line) for line in lines]
        self.assertEqual([row["text"] for row in rows], texts)
        for row in rows:
            self.assertEqual(len(row["embedding"]), 384)
            self.assertAlmostEqual(math.hypot(*row["embedding"]), 1, places=5)
        for a, b in zip(rows[0]["embedding"], rows[3]["embedding"]):
            self.assertAlmostEqual(a, b, places=5)

    def test_embeds_alike_alone_and_in_a_batch(self):
        texts = ["A man is eating.", ANIMAL, "it"]
        batch = [
            json.loads(line)["embedding"]
            for line in self.ok(MODEL, "--embed", stdin="\n".join(texts)).splitlines()
        ]
        for text, expected in zip(texts, batch):
            alone = json.loads(self.ok(MODEL, "--embed", "--text", text))["embedding"]
            for a, b in zip(alone, expected):
                self.assertAlmostEqual(a, b, places=5)

    def test_same_bits_for_any_number_of_threads(self):
        outputs = {
            self.ok(MODEL, "--embed", "--threads", threads, stdin=f"{ANIMAL}\nit\n{ANIMAL * 5}")
            for threads in (1, 2, 3)
        }
        self.assertEqual(len(outputs), 1)

    def test_compares(self):
        out = self.ok(
            MODEL,
            "--compare",
            "--text",
            "A man is eating food.",
            "--text",
            "The girl is carrying a baby.",
            "--text",
            "A man is eating a piece of bread.",
        ).splitlines()
        self.assertEqual(out[0], 'Similar to "A man is eating food.":')
        self.assertRegex(out[1], r"^   0\.\d{3}  A man is eating a piece of bread\.$")
        self.assertRegex(out[2], r"^ +-?0\.\d{3}  The girl is carrying a baby\.$")

    def test_long_texts_are_cut_with_a_warning(self):
        done = run(MODEL, "--embed", "--text", "word " * 300)
        self.assertEqual(done.returncode, 0)
        self.assertIn("a text has 46 tokens more than the 256 the model takes", done.stderr)

    def test_bytes_that_are_no_text(self):
        done = subprocess.run(
            [HEED_RUN, MODEL, "--embed"], input=b"\xff\xfe a \xc3\n", capture_output=True
        )
        self.assertEqual(done.returncode, 0)
        self.assertEqual(len(json.loads(done.stdout)["embedding"]), 384)

    def test_writes_the_page_whole_or_not_at_all(self):
        with tempfile.TemporaryDirectory() as folder:
            page = pathlib.Path(folder, "page.html")
            self.assertIn(
                f"open {page} in a browser", self.ok(MODEL, "--text", ANIMAL, "--heatmap", page)
            )
            self.assertTrue(page.read_text().endswith("</html>\n"))
            self.assertEqual(list(pathlib.Path(folder).iterdir()), [page])
        done = run(MODEL, "--text", ANIMAL, "--heatmap", "/nonexistent/page.html")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(
            done.stderr,
            "heed-run: /nonexistent/page.html: cannot write: No such file or directory\n",
        )

    def test_mistakes_on_the_command_line(self):
        self.assertIn("MODEL is required", self.refused())
        self.assertIn("--nonsense", self.refused(MODEL, "--nonsense"))
        self.assertIn("--threads", self.refused(MODEL, "--threads", 0))
        self.assertIn("--color", self.refused(MODEL, "--color", "blue"))
        self.assertIn("--compare excludes --embed", self.refused(MODEL, "--compare", "--embed"))
        self.assertEqual(
            self.refused(MODEL, "--compare", "--text", "one"),
            "heed-run: --compare needs at least two texts: the first and those to rank\n",
        )
        self.assertEqual(
            self.refused(MODEL, "--text", "a b", "--layer", 7),
            "heed-run: --layer 7: the model has 6, counted from 1\n",
        )
        self.assertEqual(
            self.refused(MODEL, "--text", "a b", "--head", 0),
            "heed-run: --head 0: the model has 12, counted from 1\n",
        )
        self.assertEqual(
            self.refused(MODEL, "--text", ANIMAL, "--word", "dog"),
            f'heed-run: --word dog: no such word in "{ANIMAL}"\n',
        )

    def test_bench_times_the_encoder(self):
        figures = json.loads(self.ok(MODEL, "--bench", "batch=2,tokens=5,rounds=3", "--threads", 1))
        self.assertEqual(
            [figures[key] for key in ("tokens", "batch", "rounds", "threads", "device")], [5, 2, 3, 1, "cpu"]
        )
        self.assertLessEqual(figures["min_ms"], figures["median_ms"])
        self.assertEqual(len(figures["first"]), 2 * 384)
        for sizes in ("tokens", "tokens=", "tokens=x", "tokens=0", "rounds=4097", "words=1", "batch=1x"):
            self.assertEqual(
                self.refused(MODEL, "--bench", sizes),
                f"heed-run: --bench {sizes}: expected tokens=N, batch=N or rounds=N with N from 1 to "
                "4096, separated by commas\n",
            )

    def test_devices(self):
        def message(name, *arguments, environment=()):
            done = subprocess.run(
                [HEED_RUN, MODEL, "--device", name, *arguments],
                input="it",
                text=True,
                capture_output=True,
                env={**os.environ, **dict(environment)},
            )
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            return done.stderr

        self.assertEqual(
            message("metal", "--embed"),
            "heed-run: --device metal: there is no device 'metal'; known: cpu, opencl, cuda\n",
        )
        self.assertEqual(
            message("cuda", "--embed"),
            "heed-run: --device cuda: heed_device_allocate: no kernel in this program is for CUDA: compile one with "
            "heedc --target\n",
        )
        self.assertIn(
            "heed-run: --device opencl: heed_device_allocate: there is no device or no driver for it: ",
            message("opencl", "--embed", environment={"OCL_ICD_VENDORS": "/nonexistent"}),
        )
        if "heed-run: the model runs on opencl" in message("opencl", "--bench", "batch=0"):
            self.assertEqual(
                message("opencl"),
                "heed-run: --device opencl: attention weights are made on the CPU only; --embed, --compare and --bench "
                "run there\n",
            )

    def test_help_teaches(self):
        out = self.ok("--help")
        for text in ("Examples:", "--heatmap", "--compare", "Exit status:"):
            self.assertIn(text, out)

    def test_broken_model_folders(self):
        self.assertEqual(
            self.refused("/nonexistent", "--text", "a"),
            "heed-run: /nonexistent/tokenizer.json: cannot open: No such file or directory\n",
        )
        for name, text, message in [
            ("modules.json", "{}", "must be a list of modules"),
            (
                "modules.json",
                '[{"type": "x.Dense", "path": ""}]',
                "a module 'x.Dense' is not supported",
            ),
            ("modules.json", "[]", "no Pooling module"),
            ("1_Pooling/config.json", "{}", "'pooling_mode_mean_tokens' is missing"),
            (
                "1_Pooling/config.json",
                '{"pooling_mode_mean_tokens": false}',
                "'pooling_mode_mean_tokens' is false; only the mean over the tokens is supported",
            ),
            (
                "1_Pooling/config.json",
                '{"pooling_mode_mean_tokens": true, "pooling_mode_max_tokens": true}',
                "'pooling_mode_max_tokens' is true; only the mean over the tokens is supported",
            ),
            (
                "sentence_bert_config.json",
                '{"max_seq_length": 1000}',
                "'max_seq_length' must be between 1 and",
            ),
            ("config.json", "{", "not JSON"),
            ("model.safetensors", "no tensors here", "truncated, or no safetensors file"),
            ("tokenizer.json", "[]", "expected an object that has 'model'"),
        ]:
            with self.subTest(name=name, text=text), tempfile.TemporaryDirectory() as folder:
                copy = pathlib.Path(folder, "model")
                shutil.copytree(
                    MODEL,
                    copy,
                    copy_function=lambda source, target: pathlib.Path(target).symlink_to(source),
                )
                copy.joinpath(name).unlink()
                copy.joinpath(name).write_text(text)
                error = self.refused(copy, "--text", "a")
                self.assertIn(f"{copy}/{name}: ", error)
                self.assertIn(message, error)


unittest.main(argv=sys.argv[:1], verbosity=1)
