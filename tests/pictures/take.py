"""Photographs of the running product with practice data: the two of the README, or every page and screen to look at.

``make pictures`` writes docs/phone.png and docs/overview.png. With ``--all`` and another folder every officers' page
and phone screen is taken in both languages and sizes, and what overflows or is too small to touch is printed.
"""

from __future__ import annotations

import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from main_story import png
from office_tour import photograph_office
from phone_tour import photograph_phone
from playwright.sync_api import sync_playwright
from practice_office import fill
from running import server


def main(folder: Path, *, everything: bool) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        workshop = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        running = stack.enter_context(server(workshop / "data"))
        browser = stack.enter_context(sync_playwright())
        photo = workshop / "phieu.png"
        photo.write_bytes(png(1600, 1200))
        office = fill(running, long_names=everything)
        if "--office" not in sys.argv:
            photograph_phone(browser, office, folder, photo, everything=everything)
        photograph_office(browser, office, folder, everything=everything)


if __name__ == "__main__":
    main(Path(sys.argv[1]), everything="--all" in sys.argv[2:])
