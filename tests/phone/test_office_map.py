"""The map page in a real browser: a canvas with our own shapes, nothing fetched from elsewhere, shaded by coverage and
by class, small cells hidden, usable by keyboard, the same figures in the table, and read by the units of another day.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from office_tour import WIDE, sign_in
from phone_hands import FLAGS, chromium
from playwright.sync_api import Page, sync_playwright
from practice_office import Office, fill
from running import server

pytestmark = pytest.mark.browser

SQUARES = {
    "05983": (106.69, 21.78),
    "05977": (106.74, 21.78),
    "05986": (106.69, 21.83),
    "06187": (106.74, 21.83),
}
SHOOT, SUN = (30, 122, 76), (180, 83, 9)
PIXELS = """() => {
  const canvas = document.querySelector('#coverage-map canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const found = new Map();
  for (let at = 0; at < data.length; at += 4) {
    if (data[at + 3] === 0) continue;
    const colour = [...data.slice(at, at + 4)].join(',');
    found.set(colour, (found.get(colour) || 0) + 1);
  }
  return [...found].filter(([, count]) => count > 500).map(([colour]) => colour.split(',').map(Number));
}"""


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with server(tmp_path_factory.mktemp("map") / "data") as running:
        file = Path(running.data).parent / "ranh-gioi.geojson"
        file.write_text(json.dumps({"type": "FeatureCollection", "features": list(_outlines())}))
        running.command("places", "load", str(file))
        yield fill(running)


def _outlines() -> Iterator[dict[str, Any]]:
    for code, (west, south) in SQUARES.items():
        east, north = west + 0.05, south + 0.05
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        yield {"type": "Feature", "properties": {"code": code}, "geometry": geometry}


@pytest.fixture(scope="module")
def page(office: Office) -> Iterator[Page]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_page(viewport=WIDE, locale="vi-VN")  # type: ignore[arg-type]
        sign_in(page, office.server.url)
        yield page
        browser.close()


def show(page: Page, office: Office, query: str = "") -> list[dict[str, Any]]:
    """Open the map and wait until it is drawn; gives the properties of what it was given."""
    page.goto(f"{office.server.url}/map{query}")
    page.wait_for_selector("#coverage-map[data-ready]")
    page.wait_for_timeout(300)
    address = page.get_attribute("#coverage-map", "data-units")
    answer = page.request.get(f"{office.server.url}{address}").json()
    assert page.get_attribute("#coverage-map", "data-ready") == str(len(answer["features"]))
    return [feature["properties"] for feature in answer["features"]]


def colours(page: Page) -> list[list[int]]:
    found: list[list[int]] = page.evaluate(PIXELS)
    return found


def alike(colour: list[int], wanted: tuple[int, int, int]) -> bool:
    """The same colour through the rounding of a half-transparent canvas."""
    return all(abs(have - want) <= 6 for have, want in zip(colour[:3], wanted, strict=True))


def test_a_canvas_is_drawn_and_nothing_comes_from_elsewhere(page: Page, office: Office) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    units = show(page, office)
    assert {unit["code"] for unit in units} >= set(SQUARES)
    assert page.locator("#coverage-map canvas").count() == 1
    assert page.locator("#coverage-map img, #coverage-map path").count() == 0
    assert len(colours(page)) >= 2
    assert asked
    assert {urlsplit(url).netloc for url in asked} == {urlsplit(office.server.url).netloc}
    assert not [url for url in asked if "tile" in url]


def test_wards_are_shaded_by_coverage_and_by_class(page: Page, office: Office) -> None:
    units = show(page, office)
    assert any(unit["share"] for unit in units)
    assert [colour for colour in colours(page) if alike(colour, SHOOT)]
    assert not [colour for colour in colours(page) if alike(colour, SUN)]
    page.select_option("#by", "UNLAWFUL")
    page.click("form.filters button")
    page.wait_for_selector("#coverage-map[data-ready]")
    page.wait_for_timeout(300)
    assert "by=UNLAWFUL" in page.url
    assert page.locator(".chart.tint-sun").count() == 1
    assert not [colour for colour in colours(page) if alike(colour, SHOOT)]


def test_small_cells_are_hidden_on_the_map_in_its_data_and_in_the_table(page: Page, office: Office) -> None:
    units = show(page, office, "?by=HAZARDOUS")
    hidden = [unit for unit in units if unit["state"] == "hidden"]
    assert hidden
    assert all(unit["part"] is None and unit["share"] is None for unit in hidden)
    assert all(unit["part"] == 0 or unit["part"] >= 5 for unit in units if unit["state"] == "shown")
    assert page.get_by_text("ẩn (ít)", exact=True).count() >= len(hidden)
    box = page.locator("#coverage-map").bounding_box()
    assert box is not None
    said = set()
    for across in range(5, 100, 6):
        page.mouse.move(box["x"] + box["width"] * across / 100, box["y"] + box["height"] * 0.3)
        said |= set(page.locator(".leaflet-tooltip").all_inner_texts())
    assert any("ẩn (ít)" in text for text in said)
    assert not any(unit["name"] in text and "%" in text for unit in hidden for text in said)


def test_the_map_is_used_by_keyboard(page: Page, office: Office) -> None:
    show(page, office)
    page.focus("#by")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "coverage-map":
            break
    assert page.evaluate("document.activeElement.id") == "coverage-map"
    scale = page.locator(".leaflet-control-scale-line").inner_text()
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.wait_for_timeout(500)
    assert page.locator(".leaflet-control-scale-line").inner_text() != scale
    page.focus("#show-points")
    page.keyboard.press("Enter")
    page.wait_for_selector("#points-said:not(:empty)")
    assert page.get_attribute("#show-points", "aria-pressed") == "true"
    page.keyboard.press("Enter")
    assert page.get_attribute("#show-points", "aria-pressed") == "false"


def test_the_table_says_what_the_map_shows(page: Page, office: Office) -> None:
    units = {unit["name"]: unit for unit in show(page, office)}
    rows = page.locator("main table tbody tr")
    assert rows.count() >= len(units)
    for cells in (row.locator("th, td").all_inner_texts() for row in rows.all()):
        unit = units[cells[0]]
        assert cells[1] == str(unit["part"])
        assert cells[2] == str(unit["whole"] or "–")


def test_another_day_is_read_by_its_own_units(page: Page, office: Office) -> None:
    now = {unit["code"]: unit["part"] for unit in show(page, office) if unit["level"] == "ward"}
    page.fill("#on", "2024-01-01")
    page.click("form.filters button")
    page.wait_for_load_state()
    assert "on=2024-01-01" in page.url
    assert "01/01/2024" in page.locator(".note.sky").inner_text()
    names = page.locator("main table tbody th").all_inner_texts()
    assert "Phường Vĩnh Trại" in names
    assert "Phường Kỳ Lừa" not in names
    rows = page.locator("main table tbody tr.group").all()
    then = sum(int(row.locator("td").first.inner_text()) for row in rows)
    assert then == sum(now.values())
    page.fill("#on", "")
    page.click("form.filters button")
    page.wait_for_load_state()
    assert "Phường Kỳ Lừa" in page.locator("main table tbody th").all_inner_texts()
