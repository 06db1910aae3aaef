"""The household of the main story and the way through its interview: a head and three invented children.

One child lawful, one over the hours, one at a banned place; the answers by question name, as fingers give them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

from phone_hands import Answers, Phone
from playwright.sync_api import Page

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


def sign_in(page: Page, link: str) -> None:
    page.goto(link)
    page.wait_for_selector("[data-action=start]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("navigator.serviceWorker.controller !== null || true")


def interview(phone: Phone, until: str = "", look: Callable[[str], None] = lambda _place: None) -> None:
    """Answer page after page; members are added one by one. ``until`` stops once that question was answered.

    ``look`` is called on each page once it has its answers, and on the list of members.
    """
    asked = 0
    while True:
        phone.page.wait_for_selector("[data-screen=interview], [data-screen=finish]")
        if phone.page.query_selector("[data-screen=finish]"):
            return
        if phone.page.query_selector("[data-repeat]"):
            look(f"{phone.place} {asked}")
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
        look(f"{phone.place}")
        if until and phone.page.query_selector(f'[data-q="{until}"]'):
            return
        phone.next()


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
