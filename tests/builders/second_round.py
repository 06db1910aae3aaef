"""The second visit to a household of the last round: one child corrected, one moved, one died, one new. Invented."""

from __future__ import annotations

from collections.abc import Callable

from main_story import CHILD, HEAD, HOUSEHOLD
from phone_hands import Answers, Phone

from tests.builders import ls_cl

VILLAGE = "05977.901"
BEFORE = ("Trẻ Còn Thử", "Trẻ Đi Thử", "Trẻ Mất Thử")
CORRECTED, NEW, HEAD_NOW = "Trẻ Còn Thử Sửa", "Trẻ Mới Thử", "Nguyễn Thị Thử Sửa"

_IDLE: Answers = {key: value for key, value in CHILD.items() if key[0] not in "gh"} | {
    "f4": "2",
    "f8": "3",
    "e3": "04",
    "e4": "03",
    "k4": "2",
}
VISIT: Answers = {
    key: value for key, value in HOUSEHOLD.items() if key not in ("a1", "a2", "a3", "b3_photo")
} | {
    "b4": "2",
    "c1": HEAD_NOW,
    "c4": "3",
    "c5": "2",
}
ROWS: dict[str, Answers] = {
    BEFORE[0]: _IDLE | {"d0_now": "1", "d1": CORRECTED},
    BEFORE[1]: {"d0_now": "2"},
    BEFORE[2]: {"d0_now": "3"},
}
ADDED: tuple[Answers, ...] = (
    HEAD | {"d1": HEAD_NOW},
    _IDLE | {"d1": NEW, "d3": "1", "d4_year": "2017", "d4_month": "2", "d4_day": "3", "d0_joined": "1"},
)


def first_round() -> list[bytes]:
    """The interviews of the first round: the household of the story, and one that nobody visits again yet."""
    children = [ls_cl.idle_child(name, (2017, 7, day)) for day, name in enumerate(BEFORE, start=1)]
    return [
        ls_cl.household(children, number=7, village=VILLAGE),
        ls_cl.household([ls_cl.idle_child("Trẻ Khác Thử")], number=8, village=VILLAGE),
    ]


def visit(phone: Phone, look: Callable[[str], None]) -> None:
    """From the opened interview to its end page; rows that were there are answered first, then others are added."""
    page = phone.page
    member: Answers = {}
    known, added = list(ROWS), list(ADDED)
    while True:
        page.wait_for_selector("[data-screen=interview], [data-screen=finish]")
        if page.query_selector("[data-screen=finish]"):
            return
        if page.query_selector("[data-repeat]"):
            look("members")
            if known:
                name = known.pop(0)
                member = ROWS[name]
                page.click(f'[data-row] [data-action=open-row]:has-text("{name}")')
                page.wait_for_selector('[data-q="d0"]')
            elif added:
                member = added.pop(0)
                page.click("[data-action=add]")
                page.wait_for_selector('[data-q="d1"]')
            else:
                page.click("[data-action=skip-list], [data-action=next]")
                page.wait_for_selector("[data-repeat]", state="detached")
            continue
        phone.answer_page({**VISIT, **member})
        look(f"{phone.place}")
        phone.next()
