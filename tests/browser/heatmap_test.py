"""The heat map page in headless Chromium: heatmap_test.py HEED_RUN MODEL

The cells hold the numbers the runtime wrote, nothing is logged to the console, the page fits a
phone, knows dark mode, and can be used by pointer and keyboard.
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

HEED_RUN, MODEL = sys.argv[1:3]
ANIMAL = "The animal didn't cross the street because it was too tired"
HOSTILE = """Unaffable </script><script>alert(1)</script> <!-- "it's" & `${x}` \\ 我们 😀 é"""

# Runs after the page's own script and writes what it saw where --dump-dom shows it.
PROBE = """<script>
const seen = {width: innerWidth, overflow: document.documentElement.scrollWidth - innerWidth,
              dark: matchMedia("(prefers-color-scheme: dark)").matches,
              paper: getComputedStyle(document.documentElement).backgroundColor};
const caption = () => document.getElementById("caption").textContent;
const cell = (query, key) => document.querySelector(`td[data-query="${query}"][data-key="${key}"]`);
seen.start = caption();
cell(2, 3).dispatchEvent(new PointerEvent("pointerover", {bubbles: true}));
seen.hover = caption();
cell(2, 3).focus();
cell(2, 3).dispatchEvent(new KeyboardEvent("keydown", {key: "ArrowDown", bubbles: true}));
seen.keys = caption();
seen.focus = [document.activeElement.dataset.query, document.activeElement.dataset.key];
document.querySelectorAll("#sentence button")[10].click();
seen.token = caption();
document.querySelector("#layers input[value='0']").click();
seen.layer = caption();
seen.hash = location.hash;
document.querySelectorAll("#atlas button")[13].click();
seen.atlas = caption();
document.body.dataset.seen = JSON.stringify(seen);
parent.postMessage(document.body.dataset.seen, "*");
</script>"""


class Page(HTMLParser):
    """The parts of the page that the tests ask about."""

    def __init__(self, dom):
        super().__init__()
        self.weights, self.rows, self.data, self.seen, self.scripts = {}, [], "", None, 0
        self.rowHeader = self.dataScript = False
        self.feed(dom)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "td" and "data-weight" in attributes:
            place = int(attributes["data-query"]), int(attributes["data-key"])
            self.weights[place] = float(attributes["data-weight"])
        self.scripts += tag == "script"
        self.rowHeader = tag == "th" and attributes.get("scope") == "row"
        if self.rowHeader:
            self.rows.append("")
        self.dataScript = tag == "script" and attributes.get("id") == "data"
        if tag == "body" and "data-seen" in attributes:
            self.seen = json.loads(attributes["data-seen"])

    def handle_data(self, text):
        if self.rowHeader:
            self.rows[-1] += text
        if self.dataScript:
            self.data += text

    def handle_endtag(self, tag):
        self.rowHeader = self.dataScript = False


def chromium(url, *flags):
    dom, console = browser.load(url, *flags)
    return Page(dom), console


class HeatMapTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.plain = cls.write("plain", "--text", ANIMAL, "--word", "it")
        cls.hostile = cls.write("hostile", "--text", HOSTILE, "--text", ANIMAL)
        cls.probe = pathlib.Path(cls.folder.name, "probe.html")
        cls.probe.write_text(cls.plain.read_text() + PROBE)
        cls.phone = cls.probe.with_name("phone.html")
        cls.phone.write_text(browser.PHONE)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def write(cls, name, *arguments):
        file = pathlib.Path(cls.folder.name, name + ".html")
        subprocess.run(
            [HEED_RUN, MODEL, *arguments, "--heatmap", file], check=True, capture_output=True
        )
        return file

    def check_cells(self, page, layer, head, text=0):
        tokens = [token["text"] for token in json.loads(page.data)["maps"][text]["tokens"]]
        weights = json.loads(page.data)["maps"][text]["weights"][layer][head]
        self.assertEqual(page.rows, [token.removeprefix("##") for token in tokens])
        self.assertEqual(
            page.weights,
            {
                (query, key): weight
                for query, row in enumerate(weights)
                for key, weight in enumerate(row)
            },
        )
        for row in weights:
            self.assertAlmostEqual(sum(row), 1, places=3)

    def test_cells_hold_the_runtimes_numbers(self):
        for layer, head in [(1, 1), (4, 2), (6, 12)]:
            page, console = chromium(f"{self.plain.as_uri()}#layer={layer}&head={head}")
            self.assertEqual(console, [])
            self.assertEqual(len(page.weights), 15 * 15)
            self.check_cells(page, layer - 1, head - 1)

    def test_texts_cannot_break_out(self):
        page, console = chromium(self.hostile.as_uri())
        self.assertEqual(console, [])
        self.assertEqual(page.scripts, 2)
        self.assertEqual(json.loads(page.data)["maps"][0]["text"], HOSTILE)
        self.assertIn("😀", HOSTILE)
        start = json.loads(page.data)["start"]
        self.check_cells(page, start["layer"], start["head"])

    def test_a_link_to_no_head_shows_the_first_choice(self):
        page, console = chromium(self.plain.as_uri() + "#layer=99&head=x")
        self.assertEqual(console, [])
        start = json.loads(page.data)["start"]
        self.check_cells(page, start["layer"], start["head"])

    def test_pointer_and_keyboard(self):
        page, console = chromium(self.probe.as_uri())
        self.assertEqual(console, [])
        seen = page.seen
        self.assertRegex(seen["start"], r"^it looks at animal: \d+ % in layer 6, head \d+$")
        self.assertRegex(seen["hover"], r"^animal looks at didn: ")
        self.assertRegex(seen["keys"], r"^didn looks at didn: ")
        self.assertEqual(seen["focus"], ["3", "3"])
        self.assertRegex(seen["token"], r"^it looks at animal: ")
        self.assertRegex(seen["layer"], r"^it looks at .* in layer 1, head \d+$")
        self.assertRegex(seen["hash"], r"^#layer=1&head=\d+$")
        self.assertRegex(seen["atlas"], r"in layer 2, head 2$")
        self.check_cells(page, 1, 1)

    def test_fits_a_phone(self):
        page, console = chromium(self.phone.as_uri())
        self.assertEqual(console, [])
        self.assertEqual(page.seen["width"], 360)
        self.assertLessEqual(page.seen["overflow"], 0)

    def test_dark_mode(self):
        light, _ = chromium(self.probe.as_uri())
        dark, console = chromium(self.probe.as_uri(), "--blink-settings=preferredColorScheme=0")
        self.assertEqual(console, [])
        self.assertEqual((light.seen["dark"], dark.seen["dark"]), (False, True))
        brightness = [
            sum(map(int, re.findall(r"\d+", page.seen["paper"])[:3])) for page in (light, dark)
        ]
        self.assertGreater(brightness[0], 600)
        self.assertLess(brightness[1], 150)

    def test_needs_no_network(self):
        addresses = re.findall(
            r"""(?:https?:)?//[^\s"'<>]+|\b(?:src|href)\s*=""", self.plain.read_text()
        )
        self.assertEqual(addresses, [])


unittest.main(argv=sys.argv[:1], verbosity=2)
