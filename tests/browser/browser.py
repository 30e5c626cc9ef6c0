"""Chromium without a window, for tests of the pages that Heed writes."""

import subprocess

# Chromium's windows are at least 500 wide: a phone is a frame in one. What a probe in it sends stands in data-seen.
PHONE = """<body><iframe src="probe.html" width="360" height="740" style="border: 0"></iframe>
<script>onmessage = event => document.body.dataset.seen = event.data;</script></body>"""


def load(url, *flags):
    """The page after its scripts have run, as text, and the console's lines."""
    done = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--enable-logging=stderr",
            "--v=0",
            "--window-size=1200,900",
            "--virtual-time-budget=3000",
            *flags,
            "--dump-dom",
            url,
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return done.stdout, [line for line in done.stderr.splitlines() if "CONSOLE" in line]
