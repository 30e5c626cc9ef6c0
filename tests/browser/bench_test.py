"""heed-bench's page in headless Chromium: bench_test.py HEED_BENCH

Its table, roofline and bars hold the numbers that were measured or given, nothing is logged to the console, no text
breaks out, the page fits a phone, knows dark mode, and can be used by pointer and keyboard.
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
from html.parser import HTMLParser

import browser

HEED_BENCH = sys.argv[1]
SHAPE = ["--shape", "b=1,h=2,q=40,d=16", "--preset", "causal", "--target", "x86-64-sse41", "--rounds", "1"]
HOSTILE = """</script><img src=x onerror=alert(1)> "it's" & 我们"""

PEERS = {
    "cpu": "Some CPU",
    "threads": 2,
    "versions": {"heed": "this tree", "ggml": "1.2", HOSTILE: "3"},
    "cases": [
        {
            "case": name,
            "gflop": gflop,
            "pair_features": features,
            "input_bytes": 4e6,
            "peak_gflops": 200,
            "read_gbytes_per_s": 10,
            "entries": {
                "ggml": {"min_ms": 3.0, "median_ms": 4.0},
                "heed": {"min_ms": 2.0, "median_ms": 2.5},
                "jax": {"cannot": HOSTILE},
                "openvino": {"error": "wrong by 1"},
                "torch_sdpa": {"first_ms": 9.0},
            },
        }
        for name, gflop, features in [("dense", 0.3, 0), ("decode", 0.002, 0), (HOSTILE, 0.1, 1e7)]
    ],
}

PROBE = """<script>
const seen = {width: innerWidth, overflow: document.documentElement.scrollWidth - innerWidth,
              dark: matchMedia("(prefers-color-scheme: dark)").matches,
              paper: getComputedStyle(document.documentElement).backgroundColor};
const marked = () => [...document.querySelectorAll(".on")].map(on => on.tagName + " " + on.dataset.layout);
seen.start = caption.textContent;
document.querySelectorAll("circle")[1].focus();
seen.focus = caption.textContent;
seen.focusMarks = marked();
document.querySelector("tbody tr").dispatchEvent(new PointerEvent("pointerenter"));
seen.hover = caption.textContent;
seen.hoverMarks = marked();
document.body.dataset.seen = JSON.stringify(seen);
parent.postMessage(document.body.dataset.seen, "*");
</script>"""


class Page(HTMLParser):
    """The parts of the page that the tests ask about."""

    def __init__(self, dom):
        super().__init__()
        self.dots, self.rows, self.cards, self.scripts, self.images = [], [], {}, 0, 0
        self.data, self.seen, self.card, self.isData, self.isTable = "", None, None, False, False
        self.feed(dom)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.scripts += tag == "script"
        self.images += tag == "img"
        self.isData = tag == "script" and attributes.get("id") == "data"
        if tag == "circle":
            self.dots.append((attributes["data-case"], attributes["data-layout"]))
        elif tag == "tbody":
            self.isTable = True
        elif tag == "tr" and self.isTable:
            self.rows.append([])
        elif tag in ("td", "th") and self.isTable:
            self.rows[-1].append("")
        elif tag == "section":
            self.card = self.cards.setdefault(attributes["data-case"], {"bars": [], "text": ""})
        elif "data-peer" in attributes:
            self.card["bars"].append((attributes["data-peer"], float(attributes["data-ms"])))
        elif tag == "body" and "data-seen" in attributes:
            self.seen = json.loads(attributes["data-seen"])

    def handle_data(self, text):
        if self.isData:
            self.data += text
        elif self.isTable:
            self.rows[-1][-1] += text
        elif self.card:
            self.card["text"] += text + "\n"

    def handle_endtag(self, tag):
        self.isData = False
        self.isTable = self.isTable and tag != "table"
        self.card = None if tag == "section" else self.card


def load(file, *flags):
    dom, console = browser.load(file.as_uri(), *flags)
    return Page(dom), console


class BenchPageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory()
        cls.folder = pathlib.Path(cls.temporary.name)
        peers = cls.folder / "peers.json"
        peers.write_text(json.dumps(PEERS))
        cls.alone, cls.beside = cls.write("alone"), cls.write("beside", "--peers", peers)
        cls.probe = cls.folder / "probe.html"
        cls.probe.write_text(cls.beside.read_text() + PROBE)
        cls.phone = cls.folder / "phone.html"
        cls.phone.write_text(browser.PHONE)

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    @classmethod
    def write(cls, name, *arguments):
        file = cls.folder / (name + ".html")
        command = [HEED_BENCH, *SHAPE, "--format", "html", *arguments]
        file.write_bytes(subprocess.run(command, check=True, capture_output=True).stdout)
        return file

    def test_table_and_dots_hold_what_was_measured(self):
        page, console = load(self.alone)
        self.assertEqual(console, [])
        results = json.loads(page.data)["results"]
        places = [("custom", "bhsd"), ("custom", "bshd")]
        self.assertEqual([(r["case"], r["layout"]) for r in results], places)
        self.assertEqual(page.dots, places)
        self.assertEqual(len(page.rows), 2)
        for row, result in zip(page.rows, results):
            self.assertEqual(row[:4], ["custom", result["layout"], f"{result['min_ms']:.3f}", f"{result['median_ms']:.3f}"])
            self.assertIn("b=1,h=2,hk=2,q=40,k=40,d=16", row)
            self.assertEqual(row[-1], result["reproduce"])

    def test_without_peers_bars_are_heeds(self):
        page, _ = load(self.alone)
        results = json.loads(page.data)["results"]
        times = [("heed", results[0]["min_ms"]), ("heed_bshd", results[1]["min_ms"])]
        self.assertEqual(list(page.cards), ["custom"])
        self.assertEqual(page.cards["custom"]["bars"], sorted(times, key=lambda bar: bar[1]))

    def test_bars_hold_the_peers_times_the_least_first(self):
        page, console = load(self.beside)
        self.assertEqual(console, [])
        self.assertEqual(list(page.cards), ["dense", "decode", HOSTILE])
        for card in page.cards.values():
            self.assertEqual(card["bars"], [("heed", 2), ("ggml", 3)])
            self.assertIn("1.50 × the best peer", card["text"])
            self.assertIn(f"jax: {HOSTILE}; openvino: wrong by 1; torch_sdpa: 9.00 ms at first", card["text"])
        for name, unit, ours, theirs in [
            ("dense", "of peak", "75 %", "50 %"),  # 0.3 GFLOP in 2 ms, of 200 GFLOP/s
            ("decode", "of a read loop", "20 %", "13 %"),  # 4 MB in 2 ms, of 10 GB/s
            (HOSTILE, "10⁹ pair-features/s", "5.00", "3.33"),
        ]:
            for text in (unit, ours, theirs):
                self.assertIn(text, page.cards[name]["text"].splitlines())

    def test_texts_cannot_break_out(self):
        page, console = load(self.beside)
        self.assertEqual(console, [])
        self.assertEqual((page.scripts, page.images), (2, 0))
        self.assertEqual(json.loads(page.data)["peers"], PEERS)

    def test_pointer_and_keyboard(self):
        page, console = load(self.probe)
        self.assertEqual(console, [])
        seen = page.seen
        self.assertRegex(seen["start"], r"^custom, bhsd: [\d.]+ [µm]s, [\d.]+ GFLOP/s, [\d.]+ % of the peak, ")
        self.assertRegex(seen["focus"], r"^custom, bshd: ")
        self.assertEqual(sorted(seen["focusMarks"]), ["TR bshd", "circle bshd"])
        self.assertRegex(seen["hover"], r"^custom, bhsd: ")
        self.assertEqual(sorted(seen["hoverMarks"]), ["TR bhsd", "circle bhsd"])

    def test_fits_a_phone(self):
        page, console = load(self.phone)
        self.assertEqual(console, [])
        self.assertEqual(page.seen["width"], 360)
        self.assertLessEqual(page.seen["overflow"], 0)

    def test_dark_mode(self):
        light, _ = load(self.probe)
        dark, _ = load(self.probe, "--blink-settings=preferredColorScheme=0")
        self.assertEqual((light.seen["dark"], dark.seen["dark"]), (False, True))
        brightness = [sum(map(int, re.findall(r"\d+", page.seen["paper"])[:3])) for page in (light, dark)]
        self.assertGreater(brightness[0], 600)
        self.assertLess(brightness[1], 150)

    def test_needs_no_network(self):
        text = self.alone.read_text().replace('"http://www.w3.org/2000/svg"', "")  # a name, not an address
        self.assertEqual(re.findall(r"""(?:https?:)?//[^\s"'<>]+|\b(?:src|href)\s*=""", text), [])


unittest.main(argv=sys.argv[:1], verbosity=2)
