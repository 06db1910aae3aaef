"""The hands of a collaborator: a real Chromium at 360×740 with the built phone app, answering page by page."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from playwright.sync_api import BrowserContext, Page, Playwright

SIZE = {"width": 360, "height": 740}
HOME = {"latitude": 21.8525, "longitude": 106.7622, "accuracy": 12}
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
Answers = Mapping[str, str]


def chromium() -> str:
    """The browser of this machine; ``make test`` sees to it that there is one."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        found = shutil.which(name)
        if found:
            return found
    raise RuntimeError("Chromium is needed: run the tests with `make test`, or apt-get install chromium")


class Phone:
    """One phone: its storage survives ``kill`` and ``open``."""

    def __init__(self, playwright: Playwright, storage: Path, photo: Path) -> None:
        self._playwright, self._storage, self._photo = playwright, storage, photo
        self.context: BrowserContext
        self.page: Page

    def open(self, *, offline: bool = False) -> Page:
        self.context = self._playwright.chromium.launch_persistent_context(
            str(self._storage),
            executable_path=chromium(),
            args=FLAGS,
            viewport=SIZE,  # type: ignore[arg-type]
            geolocation=HOME,  # type: ignore[arg-type]
            permissions=["geolocation"],
            has_touch=True,
            offline=offline,
        )
        self.page = self.context.pages[0]
        self.page.set_default_timeout(20_000)
        return self.page

    def kill(self) -> None:
        """As a battery that falls out: SIGKILL to every process of this browser."""
        mark = f"--user-data-dir={self._storage}".encode()
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdecimal() and mark in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)
            except (OSError, ValueError):
                continue
        self._forget()

    def close(self) -> None:
        self._forget()

    def _forget(self) -> None:
        try:
            self.context.close()
        except Exception:  # the browser is gone, which is what was wanted
            return

    def answer_page(self, answers: Answers) -> None:
        """Answer every question on the page; what is not named is left as it is."""
        done: set[str] = set()
        while True:
            asked = self.page.eval_on_selector_all(
                "[data-q]", "els => els.map(e => [e.dataset.q, e.dataset.kind])"
            )
            left = [(name, kind) for name, kind in asked if name not in done]
            if not left:
                return
            name, kind = left[0]
            done.add(name)
            if name in answers and answers[name] != "":
                _WAYS[kind](self, f'[data-q="{name}"]', answers[name])

    def next(self) -> None:
        """Go on; a page that shows an error stops the test with the error's words."""
        before = self.place
        self.page.click("[data-action=next]")
        self.page.wait_for_function(
            "before => document.querySelector('[data-error]') || document.querySelector('[data-screen=finish]') ||"
            " (document.querySelector('[data-screen=interview]')?.dataset.page ?? before) !== before",
            arg=before,
        )
        if self.place == before and self.page.query_selector("[data-error]"):
            raise AssertionError(f"{before}: {self.page.inner_text('[data-error]')}")

    @property
    def place(self) -> str | None:
        screen = self.page.query_selector("[data-screen=interview]")
        return screen.get_attribute("data-page") if screen else None

    def _type(self, where: str, value: str) -> None:
        self.page.fill(f"{where} input, {where} textarea", value)

    def _one(self, where: str, value: str) -> None:
        self.page.click(f'{where} input[value="{value}"]')

    def _many(self, where: str, value: str) -> None:
        for code in value.split():
            self.page.check(f'{where} input[value="{code}"]')

    def _search(self, where: str, value: str) -> None:
        self.page.click(f"{where} [data-action=pick]")
        self.page.click(f'[data-option="{value}"]')

    def _point(self, where: str, _value: str) -> None:
        self.page.click(f"{where} [data-action=locate]")
        self.page.click("[data-action=take-position]")
        self.page.wait_for_selector("[data-located]")

    def _take_photo(self, where: str, _value: str) -> None:
        self.page.set_input_files(f"{where} [data-action=gallery]", str(self._photo))
        self.page.wait_for_selector("[data-photo]")


_WAYS: dict[str, Callable[[Phone, str, Any], None]] = {
    "text": Phone._type,
    "integer": Phone._type,
    "decimal": Phone._type,
    "one": Phone._one,
    "many": Phone._many,
    "search": Phone._search,
    "point": Phone._point,
    "photo": Phone._take_photo,
}
