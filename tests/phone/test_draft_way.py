"""A draft's whole way: uploaded on the page, tried on a phone by its link, read as a trial, released to everyone."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from main_story import png
from main_story import sign_in as open_link
from office_tour import NARROW, WIDE, sign_in
from page_checks import barriers, headings, policy_breaches, sideways, too_small
from phone_hands import FLAGS, Phone, chromium
from playwright.sync_api import Page, Playwright, sync_playwright
from running import Server, server

pytestmark = pytest.mark.browser

DRAFT = """| settings |
| | form_title | form_id | version | default_language |
| | Phiếu thử đường | thu_duong | 3 | Tiếng Việt (vi) |

| survey |
| | type | name | label::Tiếng Việt (vi) | label::English (en) |
| | text | road | Tên đường | Name of the road |
| | select_one yes | paved | Đã trải nhựa? | Is it paved? |
| | geotrace | line | Đường đi trên bản đồ | The way on the map |

| choices |
| | list_name | name | label::Tiếng Việt (vi) | label::English (en) |
| | yes | 1 | Có | Yes |
| | yes | 2 | Không | No |
"""


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with server(tmp_path_factory.mktemp("draft-way") / "data") as made:
        yield made


@pytest.fixture(scope="module")
def office(playwright: Playwright, running: Server) -> Iterator[Page]:
    """The administrator's browser."""
    browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    page = browser.new_page(viewport=NARROW, locale="vi-VN")  # type: ignore[arg-type]
    sign_in(page, running.url)
    yield page
    browser.close()


def test_a_draft_is_tried_on_a_phone_read_and_released(
    playwright: Playwright, running: Server, office: Page, tmp_path: Path
) -> None:
    faults = policy_breaches(office)
    file = tmp_path / "thu_duong.md"
    file.write_text(DRAFT, encoding="utf-8")
    office.goto(f"{running.url}/admin/forms")
    office.set_input_files("#form", str(file))
    office.click("main section form .button")
    office.wait_for_url("**/admin/forms/thu_duong/draft")
    office.click("[name=try]")
    faults += _look(office)
    link = office.inner_text("#phone-link")
    photo = tmp_path / "anh.png"
    photo.write_bytes(png(10, 10))
    phone = Phone(playwright, tmp_path / "phone", photo)
    try:
        _fill(phone, link)
        assert _rows(running, "select count(*) from trials") == [(1,)]
        assert _rows(running, "select count(*) from submissions") == [(0,)]
        office.goto(f"{running.url}/admin/forms/thu_duong/draft")
        faults += _look(office)
        office.click("main td.title a")
        assert "Đường thử" in office.inner_text("main")
        assert "Không" in office.inner_text("main")
        faults += _look(office)
        office.go_back()
        office.click("[name=decision][value=release]")
        office.wait_for_url("**/admin/forms")
        phone.page.click("[data-action=update]")
        phone.page.wait_for_selector("[data-form=thu_duong]:not(:has-text('bản thử'))")
    finally:
        phone.close()
    office.goto(f"{running.url}/admin/forms/thu_duong")
    faults += _look(office)
    assert office.locator("main td.title a").count() == 1, "what was tried can still be read"
    assert faults == []


def _fill(phone: Phone, link: str) -> None:
    page = phone.open()
    open_link(page, link)
    page.wait_for_selector("[data-form=thu_duong]:has-text('bản thử')")
    told = page.inner_text("[data-cannot-fill]")
    assert "Đường đi trên bản đồ" in told
    assert "ODK Collect" in told
    assert sideways(page) + too_small(page) == []
    page.click("[data-form=thu_duong]")
    page.wait_for_selector("[data-screen=interview]")
    while page.query_selector("[data-screen=interview]"):
        phone.answer_page({"road": "Đường thử", "paved": "2"})
        phone.next()
    page.click("[data-action=finish]")
    page.wait_for_selector("[data-sent]")
    page.wait_for_selector("[data-outbox] [data-record]", state="detached")


def _look(page: Page) -> list[str]:
    where = page.url.rsplit("/", 1)[-1]
    found = sideways(page)
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    found += sideways(page) + barriers(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    return [f"{where}: {fault}" for fault in found] + (
        [] if headings(page) == 1 else [f"{where}: {headings(page)} first headings"]
    )


def _rows(running: Server, question: str) -> list[tuple[int]]:
    connection = sqlite3.connect(running.data / "mangnon.db")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()
