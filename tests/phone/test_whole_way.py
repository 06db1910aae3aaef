"""The main job end to end: an interview on a phone without a network becomes rows of the ministry's workbook.

A real server, the built app in a real Chromium at 360×740, the network really cut, the browser really killed. Three
invented children: one lawful, one over the hours, one at a banned place. The same interview posted by an OpenRosa
client to a second server must give the same rows.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from phone_hands import Answers, Phone
from playwright.sync_api import Page, Playwright, sync_playwright
from running import Server, server
from small_form import send

pytestmark = pytest.mark.browser

HOUSEHOLD: Answers = {
    "a1": "05977",
    "a2": "05977.901",
    "a3": "7",
    "a4": "1",
    "a5": "1",
    "a6": "1",
    "a7": "1",
    "b1": "1",
    "b2": "1",
    "b3": "1",
    "b3_photo": "photo",
    "b4": "1",
    "b5": "1",
    "a8": "here",
    "c1": "Nguyễn Văn Thử",
    "c2": "0900000000",
    "c3": "1",
    "c4": "4",
    "c5": "3",
    "c6": "3",
    "c7": "1",
    "c8": "1",
    "c10": "1",
    "c11": "0",
    "c12": "1",
    "c13": "1",
    "c14": "2",
    "c15": "1",
    "l2": "1",
}
HEAD: Answers = {
    "d1": "Nguyễn Văn Thử",
    "d2": "1",
    "d3": "1",
    "d4_year": "1980",
    "d4_month": "3",
    "d4_day": "9",
    "d5": "02",
}
CHILD: Answers = {
    "d2": "3",
    "d5": "02",
    "d7": "1",
    "d8": "1",
    "d9": "2",
    "d10": "1",
    "d11": "1",
    "e1": "1",
    "e2": "1",
    "e5": "0",
    "f1": "2",
    "f2": "2",
    "f3": "2",
    "f4": "1",
    "f5": "2",
    "f6": "2",
    "f7": "2",
    "g0": "1",
    "g2": "I",
    "g3": "5",
    "g5": "1",
    "g6": "4",
    "g10": "1",
    "g11": "2",
    "g12_year": "2026",
    "g13": "1",
    "g14": "1",
    "g15": "1",
    "g16": "1",
    "g18": "3",
    "g19": "500",
    "g19_to": "1",
    "g20": "1",
    "h1": "3",
    "h3": "0",
    "h4": "0",
    "h5": "0",
    "h6": "2",
    "h8": "0",
    "i1": "0",
    "i2": "0",
    "i3": "3,5",
    "i4": "0",
    "i5": "0",
    "k1": "1",
    "k5": "0",
    "k6": "0",
    "l1": "0",
    "g21": "2",
    "g22": "2",
    "h10": "2",
    "k7": "2",
}


def hours(monday_to_friday: str) -> dict[str, str]:
    week = dict.fromkeys(("g9a", "g9b", "g9c", "g9d", "g9e"), monday_to_friday)
    return week | {"g9f": "0", "g9g": "0"}


LAWFUL: Answers = CHILD | hours("8") | {
    "d1": "Trẻ Một Thử", "d3": "2", "d4_year": "2009", "d4_month": "5", "d4_day": "1",
    "e3": "11", "e4": "10", "g1": "Phục vụ quán cà phê", "g4": "V-16", "g8": "07",
}  # fmt: skip
BY_HOURS: Answers = CHILD | hours("4,5") | {
    "d1": "Trẻ Hai Thử", "d3": "1", "d4_year": "2012", "d4_month": "9", "d4_day": "2",
    "e3": "08", "e4": "07", "g1": "Đan lát mây tre", "g4": "II-06", "g8": "02",
}  # fmt: skip
BY_PLACE: Answers = CHILD | hours("6") | {
    "d1": "Trẻ Ba Thử", "d3": "2", "d4_year": "2010", "d4_month": "2", "d4_day": "3",
    "e3": "10", "e4": "09", "g1": "Dọn phòng karaoke", "g4": "V-13", "g8": "08", "h4": "5", "h7": "1",
}  # fmt: skip
MEMBERS = (HEAD, LAWFUL, BY_HOURS, BY_PLACE)


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
def sent(office_server: Server, workshop: Path, playwright: Playwright) -> Server:
    """The interview, from the sign-in link to the server's database."""
    person = office_server.command(
        "people", "add", "Cộng Tác Viên Thử", "--role", "collaborator", "--area", "05977"
    )
    photo = workshop / "phieu.png"
    photo.write_bytes(png(2000, 1500))
    phone = Phone(playwright, workshop / "phone", photo)
    page = phone.open()
    sign_in(page, person["phone_link"])
    phone.context.set_offline(True)
    page.reload()
    page.wait_for_selector("[data-screen=home]")
    page.click("[data-action=start]")
    interview(phone, until="c1")
    page.wait_for_selector("[data-save=saved]")
    phone.kill()

    page = phone.open(offline=True)
    page.goto(f"{office_server.url}/phone/")
    page.click("[data-record=draft] [data-action=resume]")
    interview(phone)
    page.click("[data-action=finish]")
    page.wait_for_selector("[data-screen=home]")
    assert rows(office_server, "select count(*) from submissions") == [(0,)]
    phone.context.set_offline(False)
    page.wait_for_selector("[data-sent]")
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


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.wait_for_selector("[data-action=start]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null || true")


def interview(phone: Phone, until: str = "") -> None:
    """Answer page after page; members are added one by one. ``until`` stops once that question was answered."""
    asked = 0
    while True:
        phone.page.wait_for_selector("[data-screen=interview], [data-screen=finish]")
        if phone.page.query_selector("[data-screen=finish]"):
            return
        if phone.page.query_selector("[data-repeat]"):
            if phone.page.locator("[data-row]:not([data-row-state=done])").count():
                asked = max(asked, 1)
                phone.next()
            elif asked < len(MEMBERS):
                phone.page.click("[data-action=add]")
                asked += 1
            else:
                phone.next()
            continue
        member = MEMBERS[max(asked, 1) - 1] if asked else {}
        phone.answer_page({**HOUSEHOLD, **member})
        if until and phone.page.query_selector(f'[data-q="{until}"]'):
            return
        phone.next()


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


def png(width: int, height: int) -> bytes:
    """A picture of noise-like stripes, larger than the form allows."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = b"".join(b"\0" + bytes((x * y) % 251 for x in range(width * 3)) for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(lines, 1))
        + chunk(b"IEND", b"")
    )
