"""Every officers' page in a real browser: nothing wider than the screen, one first heading, nothing the policy stops,
nothing that keeps a reader out (axe-core). With a 40-letter village and long names, at 360 and at 1280 pixels, and at
360 with letters at 200 %, in both languages.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from office_tour import NARROW, WIDE, all_pages, choose_language, enlarge, sign_in
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


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_fits_with_letters_twice_as_large(office: Office, page: Page, language: str) -> None:
    url, faults = office.server.url, []
    sign_in(page, url)
    choose_language(page, url, language)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    for name, path in all_pages(page, url).items():
        page.goto(url + path)
        enlarge(page)
        faults += [f"{name}: {fault}" for fault in sideways(page)]
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    choose_language(page, url, "vi")
    assert faults == []


def test_the_bar_of_a_small_screen_holds_few_places_and_leads_to_all(office: Office, page: Page) -> None:
    url = office.server.url
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    sign_in(page, url)
    bar = page.locator(".places > ul > li:visible")
    assert bar.count() <= 7
    assert all(label.bounding_box()["width"] >= 48 for label in bar.all())  # type: ignore[index]
    for name in ("Người dùng", "Xuất dữ liệu", "Quản trị"):
        page.goto(url)
        page.locator(".places summary").focus()
        page.keyboard.press("Enter")
        page.get_by_role("link", name=name).last.press("Enter")
        page.wait_for_load_state()
        assert page.locator("h1").inner_text() == name
        assert page.locator(".places summary.here").is_visible()
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    assert page.locator(".places > ul > li:visible").count() == 8
    assert not page.locator(".places .more").is_visible()


def test_filters_of_a_small_screen_open_where_they_are_used(office: Office, page: Page) -> None:
    url = office.server.url
    sign_in(page, url)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    page.goto(f"{url}/submissions")
    assert not page.locator("#state").is_visible()
    page.locator("details.fold summary").press("Enter")
    assert page.locator("#state").is_visible()
    page.goto(f"{url}/submissions?result=3")
    assert page.locator("#result").is_visible()
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    page.goto(f"{url}/submissions")
    assert page.locator("#state").is_visible()
