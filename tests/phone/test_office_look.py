"""Every officers' page in a real browser: nothing wider than the screen, one first heading, nothing the policy stops,
nothing that keeps a reader out (axe-core). With a 40-letter village and long names, at 360 and at 1280 pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from office_tour import NARROW, WIDE, all_pages, sign_in
from page_checks import barriers, headings, policy_breaches, sideways
from phone_hands import FLAGS, chromium
from playwright.sync_api import Page, sync_playwright
from practice_office import Office, fill
from running import server

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with server(tmp_path_factory.mktemp("look") / "data") as running:
        yield fill(running, long_names=True)


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield browser.new_page(viewport=WIDE, locale="vi-VN")  # type: ignore[arg-type]
        browser.close()


def test_every_page_fits_is_allowed_and_can_be_read(office: Office, page: Page) -> None:
    url, faults = office.server.url, policy_breaches(page)
    page.goto(f"{url}/sign-in")
    faults += [f"sign-in: {fault}" for fault in barriers(page)]
    sign_in(page, url)
    for name, path in all_pages(page, url).items():
        page.set_viewport_size(WIDE)  # type: ignore[arg-type]
        page.goto(url + path)
        faults += [f"{name}: {fault}" for fault in sideways(page) + barriers(page)]
        page.set_viewport_size(NARROW)  # type: ignore[arg-type]
        faults += [f"{name} at 360: {fault}" for fault in sideways(page)]
        if headings(page) != 1:
            faults.append(f"{name}: {headings(page)} first headings")
    assert faults == []


def test_villages_are_assigned_and_undone_with_the_keyboard_alone(office: Office, page: Page) -> None:
    url = office.server.url
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.context.clear_cookies()
    sign_in(page, url)
    page.goto(url + all_pages(page, url)["assignments"])
    box = page.locator("input[name=village]:not(:checked)").first
    target = box.get_attribute("value")
    box.focus()
    page.keyboard.press("Space")
    page.locator("form:has(input[name=village]) button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".said")
    assert page.locator(f"input[name=village][value='{target}']").is_checked()
    page.locator("form[action$='/undo'] button").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("text=Đã hoàn tác 1 thay đổi")
    assert not page.locator(f"input[name=village][value='{target}']").is_checked()
