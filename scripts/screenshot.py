"""Make the picture of the README: a page of the report about an invented chat, in the Chromium of the system.

uv run python scripts/screenshot.py
"""

import math
import random
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from playwright.sync_api import sync_playwright

PICTURE = Path(__file__).parents[1] / "docs/images/report.png"
PEOPLE = {"Marta Leal": 5, "Ines Duarte": 4, "Tom Okafor": 3, "Noor Haddad": 2}
TALK = (
    "Who is in for Sunday?", "The train at nine, as ever", "I bring the map this time", "It will rain, I bet",
    "It never rains when we go", "Look at this https://example.org/trails", "😂", "🎉🎉", "Can we take the dog?",
    "The café by the lake was closed", "New boots, finally", "My knees say no", "Next month then", "Best walk so far",
    "Who has the thermos?", "That hill again", "I vote for the coast 🌊", "See you at the station", "Late as usual",
)  # fmt: skip


def chat() -> str:
    """Return two years of four people's walks, busier in summer and in the evening."""
    dice = random.Random(7)
    lines, day = [], datetime(2023, 1, 1)  # noqa: DTZ001 - a phone's clock has no zone
    while day < datetime(2025, 1, 1):  # noqa: DTZ001 - as above
        season = 1.3 + math.sin((day.timetuple().tm_yday - 80) / 58)
        for minute in sorted(int(dice.gauss(1150, 160)) % 1440 for _ in range(int(dice.expovariate(1 / (5 * season))))):
            who = dice.choices(list(PEOPLE), list(PEOPLE.values()))[0]
            lines.append(f"{day + timedelta(minutes=minute):%d/%m/%Y, %H:%M} - {who}: {dice.choice(TALK)}")
        day += timedelta(days=1)
    return "\n".join(lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        export = Path(folder) / "WhatsApp Chat with Walkers.txt"
        export.write_text(chat(), encoding="utf-8")
        command = [Path(sys.executable).with_name("egregora"), "run", export.name, "--timezone", "Europe/Lisbon"]
        subprocess.run(command, cwd=folder, check=True)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            page = browser.new_page(viewport={"width": 1200, "height": 760})
            page.goto((Path(folder) / "report/index.html").as_uri())
            page.wait_for_selector(".chart svg, .chart canvas, svg.marks, canvas.marks")
            page.wait_for_timeout(1500)
            PICTURE.parent.mkdir(exist_ok=True)
            page.screenshot(path=PICTURE)


if __name__ == "__main__":
    main()
