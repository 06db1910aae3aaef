"""The main job end to end: an interview on a phone without a network becomes rows of the ministry's workbook.

A real server, the built app in a real Chromium at 360×740, the network really cut, the browser really killed. Three
invented children: one lawful, one over the hours, one at a banned place. The same interview posted by an OpenRosa
client to a second server must give the same rows.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from main_story import HOUSEHOLD, interview, png, sign_in
from page_checks import headings, policy_breaches, sideways, too_small
from phone_hands import HOME, Phone
from playwright.sync_api import Playwright, sync_playwright
from running import Server, server
from small_form import send

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("whole-way")


@pytest.fixture(scope="module")
def office_server(workshop: Path) -> Iterator[Server]:
    with server(workshop / "data") as running:
        yield running


@pytest.fixture(scope="module")
def faults() -> list[str]:
    """What did not fit on a screen of the phone, gathered on the way."""
    return []


@pytest.fixture(scope="module")
def sent(office_server: Server, workshop: Path, playwright: Playwright, faults: list[str]) -> Server:
    """The interview, from the sign-in link to the server's database."""
    person = office_server.command(
        "people", "add", "Cộng Tác Viên Thử", "--role", "collaborator", "--area", "05977"
    )
    photo = workshop / "phieu.png"
    photo.write_bytes(png(2000, 1500))
    phone = Phone(playwright, workshop / "phone", photo)

    def look(place: str) -> None:
        page = phone.page
        faults.extend(f"{place}: {fault}" for fault in sideways(page) + too_small(page))
        if headings(page) != 1:
            faults.append(f"{place}: {headings(page)} first headings")

    page = phone.open()
    breaches = policy_breaches(page)
    sign_in(page, person["phone_link"])
    look("home")
    phone.context.set_offline(True)
    assert page.evaluate("fetch('/healthz').then(() => 'reached', () => 'cut')") == "cut"
    page.reload()
    page.wait_for_selector("[data-screen=home]")
    page.wait_for_selector("[data-offline]")
    page.click("[data-action=start]")
    interview(phone, until="c1", look=look)
    page.wait_for_timeout(1_500)  # at most 400 ms of typing may be lost; the rest is for a slow machine
    page.wait_for_selector("[data-save=saved]")
    stopped_at = phone.place
    faults.extend(breaches)
    phone.kill()

    page = phone.open(offline=True)
    page.goto(f"{office_server.url}/phone/")
    page.click("[data-record=draft] [data-action=resume]")
    page.wait_for_selector("[data-screen=interview]")
    assert phone.place == stopped_at
    assert page.input_value('[data-q="c1"] input') == HOUSEHOLD["c1"]
    interview(phone, look=look)
    look("finish")
    page.click("[data-action=finish]")
    page.wait_for_selector("[data-screen=home]")
    page.wait_for_selector("[data-outbox] [data-record=finished]")
    look("outbox")
    assert rows(office_server, "select count(*) from submissions") == [(0,)]
    phone.context.set_offline(False)
    page.wait_for_selector("[data-sent]")
    page.wait_for_selector("[data-outbox] [data-record]", state="detached")
    phone.close()
    office_server.wait_until_derived()
    return office_server


def test_the_interview_is_kept_with_its_photo_made_smaller(sent: Server) -> None:
    ((instance, complete),) = rows(sent, "select instance_id, complete from submissions")
    assert instance.startswith("uuid:")
    assert complete == 1
    ((size, kind),) = rows(sent, "select size, content_type from attachments")
    assert 1_000 < size < 1_000_000
    assert kind == "image/jpeg"


def test_no_screen_is_wider_than_the_phone_or_too_small_to_touch(sent: Server, faults: list[str]) -> None:
    assert faults == []


def test_each_child_has_the_class_of_the_law(sent: Server) -> None:
    classes = dict(
        rows(sent, "select c.name, o.class from observations o join children c on c.id = o.child_id")
    )
    assert classes == {"Trẻ Một Thử": "LAWFUL", "Trẻ Hai Thử": "UNLAWFUL", "Trẻ Ba Thử": "HAZARDOUS"}
    findings = {row[0] for row in rows(sent, "select code from findings where profile = 'VN-LC2019'")}
    assert {"U15_DAY", "U15_WEEK", "BANNED_PLACE:P147d"} <= findings


def test_the_position_is_the_second_opinion(sent: Server) -> None:
    ((village, lat, location),) = rows(sent, "select village_code, lat, location from visits")
    assert village == "05977.901"
    assert lat == pytest.approx(21.8525)
    assert '"distance_m"' in location
    ((accuracy,),) = rows(sent, "select accuracy from visits")
    assert accuracy == HOME["accuracy"]


def test_the_workbook_holds_the_children(sent: Server, workshop: Path) -> None:
    book = workbook(sent, workshop / "so.xlsx")
    children = {row["ho_ten"]: row for row in sheet(book, "03_TreEm")}
    assert set(children) == {"Trẻ Một Thử", "Trẻ Hai Thử", "Trẻ Ba Thử"}
    assert children["Trẻ Một Thử"]["phan_loai"] == "LAWFUL"
    assert children["Trẻ Một Thử"]["gio_tuan"] == 40
    assert children["Trẻ Hai Thử"]["gio_ngay_max"] == 4.5
    assert children["Trẻ Hai Thử"]["gio_viec_nha"] == 3.5
    assert "BANNED_PLACE:P147d" in children["Trẻ Ba Thử"]["findings"]
    (household,) = sheet(book, "02_Ho")
    assert (household["ma_phuong"], household["ma_khoi_thon"], household["so_thu_tu"]) == (
        "05977",
        "05977.901",
        7,
    )
    assert len(sheet(book, "04_CongViec")) == 3
    assert len(sheet(book, "05_DS_TraiQuyDinh")) == 2


def test_the_same_xml_by_openrosa_gives_the_same_rows(sent: Server, workshop: Path) -> None:
    ((xml,),) = rows(sent, "select xml from submissions")
    with server(workshop / "second") as other:
        person = other.command("people", "add", "Người Gửi Thử", "--role", "collaborator", "--area", "05977")
        assert send(person["openrosa_url"], xml) == 202  # the photo is still to come
        other.wait_until_derived()
        first, second = workbook(sent, workshop / "a.xlsx"), workbook(other, workshop / "b.xlsx")
        for name in ("03_TreEm", "04_CongViec", "05_DS_TraiQuyDinh", "07_TongHop_DonVi", "08_TongHop_PhanTo"):
            assert sheet(first, name) == sheet(second, name), name


def test_rebuild_gives_the_same_tables(sent: Server) -> None:
    assert sent.command("rebuild", "--check")["same"] is True


def test_it_ends_soon_after_sigterm(workshop: Path) -> None:
    with server(workshop / "third", practice=False) as running:
        assert running.stop() <= 15
        assert not running.answers()


def rows(of: Server, question: str) -> list[Any]:
    connection = sqlite3.connect(of.data / "mangnon.db")
    try:
        return connection.execute(question).fetchall()
    finally:
        connection.close()


def workbook(of: Server, out: Path) -> Any:
    of.command("export", "ministry", "--out", str(out))
    return openpyxl.load_workbook(out)


def sheet(book: Any, name: str) -> list[dict[str, Any]]:
    """A sheet's rows by the column ids of its hidden second row."""
    _labels, ids, *data = book[name].iter_rows(values_only=True)
    return [dict(zip(ids, row, strict=True)) for row in data]
