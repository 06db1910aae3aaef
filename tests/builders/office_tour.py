"""The officers' pages, photographed wide and narrow, in Vietnamese and English."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

from page_checks import headings, sideways
from phone_hands import FLAGS, chromium
from playwright.sync_api import Page, Playwright
from practice_office import Office
from running import PASSWORD

WIDE, NARROW = {"width": 1280, "height": 800}, {"width": 360, "height": 740}
OWN_PASSWORD = "mat-khau-rieng-thu"
PAGES = {
    "overview": "/",
    "submissions": "/submissions",
    "submissions-none": "/submissions?q=khong-co-ai",
    "children": "/children",
    "children-urgent": "/children?class=URGENT",
    "map": "/map",
    "map-class": "/map?by=UNLAWFUL",
    "map-then": "/map?on=2024-01-01",
    "overview-then": "/?on=2024-01-01",
    "rounds": "/rounds",
    "round": f"/rounds/{datetime.now(UTC).year}",
    "same-child": "/same-child",
    "contacts": "/contacts",
    "trial": "/law/try",
    "people": "/people",
    "people-add": "/people/add",
    "export": "/export",
    "account": "/account",
    "password": "/account/password",
    "admin": "/admin",
    "admin-forms": "/admin/forms",
    "admin-form": "/admin/forms/ls_cl",
    "admin-form-close": "/admin/forms/ls_cl/close",
    "admin-places": "/admin/places",
    "admin-set-aside": "/admin/set-aside",
    "admin-system": "/admin/system",
    "not-found": "/submissions/khong-co",
    "malformed": "/submissions?state=khong-co",
}


def photograph_office(playwright: Playwright, office: Office, folder: Path, *, everything: bool) -> None:
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    page = browser.new_page(viewport=WIDE, locale="vi-VN")  # type: ignore[arg-type]
    url = office.server.url
    page.goto(f"{url}/sign-in")
    if everything:
        page.screenshot(path=folder / "office-sign-in-vi.png")
        page.fill("[name=name]", "Ai Đó")
        page.fill("[name=password]", "sai")
        page.click("main form .button")
        page.screenshot(path=folder / "office-sign-in-wrong-vi.png")
    sign_in(page, url)
    page.goto(url)
    page.screenshot(path=folder / "overview.png")
    if everything:
        _everything(page, url, folder)
    browser.close()


def sign_in(page: Page, url: str) -> None:
    """The administrator signs in, unless that was done before, and stands on the first page."""
    page.goto(f"{url}/sign-in")
    if not page.query_selector("[name=name]"):
        return
    page.fill("[name=name]", "Quản trị")
    page.fill("[name=password]", PASSWORD)
    page.click("main form .button")
    if page.query_selector("[name=again]"):
        page.fill("[name=new]", OWN_PASSWORD)
        page.fill("[name=again]", OWN_PASSWORD)
        page.click("main form .button")


def _everything(page: Page, url: str, folder: Path) -> None:
    pages = all_pages(page, url)
    for language in ("vi", "en"):
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        choose_language(page, url, language)
        for size, room in (("wide", WIDE), ("narrow", NARROW)):
            page.set_viewport_size(room)  # type: ignore[arg-type]
            _walk(page, url, pages, folder, f"{language}-{size}")
    page.emulate_media(color_scheme="dark")
    _walk(page, url, {name: pages[name] for name in ("overview", "submission", "child")}, folder, "en-dark")
    page.emulate_media(color_scheme="light")
    _large(page, url, pages, folder)
    _handed(page, url, folder)


def _walk(page: Page, url: str, pages: Mapping[str, str], folder: Path, mark: str) -> None:
    for name, path in pages.items():
        page.goto(url + path)
        page.screenshot(path=folder / f"office-{name}-{mark}.png", full_page=True)
        _tell(page, f"{name} {mark}")


def _large(page: Page, url: str, pages: Mapping[str, str], folder: Path) -> None:
    """Letters at 200 %."""
    for name in ("overview", "submissions", "submission", "child", "people-add", "map", "rounds"):
        page.goto(url + pages[name])
        enlarge(page)
        page.screenshot(path=folder / f"office-{name}-large.png", full_page=True)
        _tell(page, f"{name} 200 %")


def enlarge(page: Page) -> None:
    """Letters at 200 %, as a person sets them in the browser."""
    page.evaluate("document.documentElement.style.fontSize = '200%'")


def choose_language(page: Page, url: str, language: str) -> None:
    """The pages in this language from now on."""
    page.goto(url)
    if page.get_attribute("html", "lang") != language:
        page.click("button[name=language]")


def _handed(page: Page, url: str, folder: Path) -> None:
    """What is shown once when a collaborator was added."""
    page.goto(f"{url}/people/add")
    page.fill("[name=name]", "Đinh Thị Thử")
    page.check("input[name=area][value='05977']")
    page.screenshot(path=folder / "office-add-filled.png", full_page=True)
    page.click("main form button.button")
    page.screenshot(path=folder / "office-handed-narrow.png", full_page=True)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.screenshot(path=folder / "office-handed-wide.png", full_page=True)


def all_pages(page: Page, url: str) -> dict[str, str]:
    """Every page by name, with records to look at."""
    return dict(PAGES) | dict(_records(page, url))


def _records(page: Page, url: str) -> Iterator[tuple[str, str]]:
    """One submission with children, one child of each of the first classes, one person."""
    page.goto(f"{url}/submissions?village=05977.901&result=1")
    yield "submission", _first(page, r"/submissions/[0-9a-f-]{36}$")
    for name in ("HAZARDOUS", "UNLAWFUL", "LAWFUL"):
        page.goto(f"{url}/children?class={name}")
        yield (
            ("child" if name == "HAZARDOUS" else f"child-{name.lower()}"),
            _first(page, r"/children/\S{36}$"),
        )
    page.goto(f"{url}/people?role=collaborator")
    person = _first(page, r"/people/\S{36}$")
    yield "person", person
    yield "person-remove", f"{person}/remove"
    page.goto(f"{url}/rounds")
    chosen = _first(page, r"/rounds/[^/]+$")
    yield "round", chosen
    yield "assignments", f"{chosen}/assignments?village=05977.901"


def _first(page: Page, pattern: str) -> str:
    found = page.eval_on_selector_all("main a", "links => links.map(a => a.getAttribute('href'))")
    return next(path for path in found if re.search(pattern, path))


def _tell(page: Page, where: str) -> None:
    for fault in sideways(page):
        print(f"{where}: {fault}")
    if headings(page) != 1:
        print(f"{where}: {headings(page)} first headings")
