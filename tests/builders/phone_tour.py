"""The phone app, photographed screen by screen while somebody works with it."""

from __future__ import annotations

import re
from pathlib import Path

from main_story import HOUSEHOLD, interview, sign_in
from page_checks import headings, sideways, too_small
from phone_hands import FLAGS, SIZE, Phone, chromium
from playwright.sync_api import Playwright
from practice_office import Office


class Tour:
    """Takes pictures when everything is wanted; tells what does not fit."""

    def __init__(self, phone: Phone, folder: Path, *, everything: bool) -> None:
        self.phone, self._folder, self._everything = phone, folder, everything
        self._taken: dict[str, int] = {}

    def look(self, name: str) -> None:
        if not self._everything:
            return
        name = re.sub(r"[^a-z0-9_-]+", "-", name.lower()).strip("-")
        number = self._taken[name] = self._taken.get(name, 0) + 1
        if number > 2:
            return
        page = self.phone.page
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(250)  # colours glide when the scheme changes
        page.screenshot(path=self._folder / f"phone-{name}-{number}.png", full_page=True)
        for fault in sideways(page) + too_small(page):
            print(f"phone {name}: {fault}")
        if headings(page) != 1:
            print(f"phone {name}: {headings(page)} first headings")

    def first(self, name: str) -> bool:
        """Whether this was not photographed yet."""
        return name not in self._taken

    def dressed(self, name: str) -> None:
        """The same screen in the dark, in the sun, and with large letters."""
        page = self.phone.page
        page.emulate_media(color_scheme="dark")
        self.look(f"{name} dark")
        page.emulate_media(color_scheme="light")
        page.evaluate("document.documentElement.dataset.scheme = 'sun'")
        self.look(f"{name} sun")
        page.evaluate("delete document.documentElement.dataset.scheme")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        self.look(f"{name} large")
        page.evaluate("document.documentElement.style.fontSize = ''")


def photograph_phone(
    playwright: Playwright, office: Office, folder: Path, photo: Path, *, everything: bool
) -> None:
    phone = Phone(playwright, photo.parent / "phone", photo)
    tour = Tour(phone, folder, everything=everything)
    page = phone.open()
    page.goto(f"{office.server.url}/phone/")
    page.wait_for_selector("[data-screen=sign-in]")
    tour.look("sign-in")
    page.click("[data-action=sign-in]")
    tour.look("sign-in-empty")
    sign_in(page, office.collaborator["phone_link"])
    tour.look("home-first")
    phone.context.set_offline(True)
    page.click("[data-action=start]")

    def look(place: str) -> None:
        if page.query_selector('[data-q="g9a"]'):
            page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
            page.screenshot(path=folder / "phone.png")
        tour.look(place)
        if everything:
            _picker_and_urgent(tour)

    if everything:
        page.wait_for_selector("[data-screen=interview]")
        page.click("[data-action=next]")
        tour.look("first-page-errors")
        interview(phone, until="b3", look=look)
        tour.dressed("page")
        page.click("[data-action=overview]")
        tour.look("contents")
        page.click("[data-action=overview]")
    interview(phone, look=look)
    tour.look("finish")
    if everything:
        _after(tour)
    phone.close()
    if everything:
        _without_https(playwright, office, folder)


def _without_https(playwright: Playwright, office: Office, folder: Path) -> None:
    """As a phone sees it that reaches the server by a plain http address of the office network."""
    rules = "--host-resolver-rules=MAP khaosat.test 127.0.0.1"
    browser = playwright.chromium.launch(executable_path=chromium(), args=[*FLAGS, rules])
    page = browser.new_page(viewport=SIZE)  # type: ignore[arg-type]
    page.goto(f"http://khaosat.test:{office.server.port}/phone/")
    page.wait_for_selector("[data-notice=insecure]")
    page.screenshot(path=folder / "phone-insecure.png", full_page=True)
    browser.close()


def _picker_and_urgent(tour: Tour) -> None:
    """The list to search in, and what stands there when a child is in danger."""
    page = tour.phone.page
    if page.query_selector('[data-q="a2"] [data-action=pick]') and tour.first("picker"):
        page.click('[data-q="a2"] [data-action=pick]')
        tour.look("picker")
        page.keyboard.press("Escape")
    if page.query_selector('[data-q="k7"]') and tour.first("urgent"):
        page.click('[data-q="k7"] input[value="1"]')
        page.wait_for_timeout(300)
        tour.look("urgent")
        page.click('[data-q="k7"] input[value="2"]')


def _after(tour: Tour) -> None:
    page = tour.phone.page
    page.click("[data-action=finish]")
    page.wait_for_selector("[data-screen=home]")
    tour.look("home-outbox")
    tour.dressed("home")
    page.click("[data-outbox] .card-button")
    page.wait_for_selector("[data-screen=record]")
    tour.look("record")
    page.go_back()
    page.click("[data-action=settings]")
    page.wait_for_selector("[data-screen=settings]")
    tour.look("settings")
    page.check("input[value=en]")
    tour.look("settings-en")
    page.click("[data-action=home]")
    page.click("[data-action=start]")
    page.wait_for_selector("[data-screen=interview]")
    tour.look("interview-en")
    tour.phone.answer_page(HOUSEHOLD)
    page.wait_for_selector("[data-save=saved]")
    tour.look("interview-answered-en")
    page.click("[data-action=home]")
    page.wait_for_selector("[data-screen=home]")
    tour.look("home-draft-en")
    page.click("[data-action=remove-draft]")
    tour.look("home-remove-draft-en")
    page.click("[data-action=no]")
    tour.phone.context.set_offline(False)
    page.wait_for_selector("[data-sent]")
    tour.look("home-sent-en")
