"""The next round starts from the last: a household of the first round is opened filled in, corrected and sent.

A real server and the built app in a real Chromium at 360×740; the second visit is made without a network. The first
round came by OpenRosa. Every person is invented.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from main_story import sign_in
from page_checks import headings, sideways, too_small
from phone_hands import Phone
from playwright.sync_api import Page, Playwright, expect, sync_playwright
from running import Server, server
from second_round import BEFORE, CORRECTED, HEAD_NOW, NEW, VILLAGE, first_round, visit
from small_form import send

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as driver:
        yield driver


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An office whose first round is over: two households, and the second round is open."""
    with server(tmp_path_factory.mktemp("second-round") / "data") as running:
        person = running.command(
            "people", "add", "Người Gửi Thử", "--role", "collaborator", "--area", "05977"
        )
        for interview in first_round():
            assert send(person["openrosa_url"], interview) == 201
        running.wait_until_derived()
        (first,) = running.command("rounds", "list")
        running.command("rounds", "close", first["id"])
        running.command(
            "rounds", "open", "hai", "--from", "2026-11-01", "--to", "2027-12-31", "--name", "Đợt hai"
        )
        yield running


@pytest.fixture(scope="module")
def faults() -> list[str]:
    """What did not fit on a screen of the phone, gathered on the way."""
    return []


@pytest.fixture(scope="module")
def visited(
    office: Server, tmp_path_factory: pytest.TempPathFactory, playwright: Playwright, faults: list[str]
) -> Iterator[Phone]:
    """The second visit, from the list of households to the office's database."""
    person = office.command("people", "add", "Cộng Tác Viên Thử", "--role", "collaborator", "--area", VILLAGE)
    folder = tmp_path_factory.mktemp("phone")
    phone = Phone(playwright, folder, folder / "none.png")
    page = phone.open()

    def look(place: str) -> None:
        faults.extend(f"{place}: {fault}" for fault in sideways(page) + too_small(page))
        if headings(page) != 1:
            faults.append(f"{place}: {headings(page)} first headings")

    sign_in(page, person["phone_link"])
    page.wait_for_selector("[data-visits]")
    assert page.inner_text("[data-visits]") == "Đã đến 0 trên 2 hộ."
    look("home")
    phone.context.set_offline(True)
    page.reload()
    page.click("[data-action=visits]")
    page.wait_for_selector("[data-visit=to-visit]")
    page.fill("[data-action=search]", "thu")
    assert page.locator("[data-visit]").count() == 2
    page.fill("[data-action=search]", "7")
    look("visits")
    page.click("[data-visit] [data-action=open-household]")
    page.wait_for_selector('[data-q="a0"]')
    visit(phone, look)
    page.click("[data-action=finish]")
    page.wait_for_selector("[data-outbox] [data-record=finished]")
    page.click("[data-action=visits]")
    page.wait_for_selector("[data-visit=waiting]")
    look("visits-after")
    page.click("[data-action=home]")
    phone.context.set_offline(False)
    page.wait_for_selector("[data-sent]")
    page.wait_for_selector("[data-outbox] [data-record]", state="detached")
    office.wait_until_derived()
    page.click("[data-action=update]")
    yield phone
    phone.close()


def test_who_was_known_stays_the_same_household_and_child(visited: Phone, office: Server) -> None:
    assert rows(office, "select count(*) from households") == [(2,)]
    assert rows(
        office, "select count(distinct household_id), count(*) from visits where round_id = 'hai'"
    ) == [(1, 1)]
    ((head, version),) = rows(office, "select head_name, version from households where number = 7")
    assert (head, version) == (HEAD_NOW, 2)
    ((name, version, conflicts),) = rows(
        office,
        "select c.name, c.version, c.conflicts from children c join observations o on o.child_id = c.id"
        " where o.round_id = 'hai' and c.name <> 'Trẻ Mới Thử'",
    )
    assert (name, version, conflicts) == (CORRECTED, 2, None)
    seen = "select count(*) from observations o join children c on c.id = o.child_id where c.name = ?"
    assert rows(office, seen, CORRECTED) == [(2,)]


def test_moved_and_died_are_recorded_and_nobody_judges_them(visited: Phone, office: Server) -> None:
    left = dict(rows(office, "select c.name, d.kind from departures d join children c on c.id = d.child_id"))
    assert left == {BEFORE[1]: "moved", BEFORE[2]: "died"}
    judged = rows(
        office,
        "select distinct c.name from judgements j join observations o on o.id = j.observation_id"
        " join children c on c.id = o.child_id where o.round_id = 'hai'",
    )
    assert {name for (name,) in judged} == {CORRECTED, NEW}


def test_a_new_child_says_why_it_is_new(visited: Phone, office: Server) -> None:
    ((facts, presence),) = rows(
        office,
        "select o.facts, c.presence from observations o join children c on c.id = o.child_id where c.name = ?",
        NEW,
    )
    assert json.loads(facts)["joined"] == "from_outside"
    assert presence is None


def test_the_phone_knows_what_the_office_knows_now(visited: Phone) -> None:
    page = visited.page
    expect(page.locator("[data-visits]")).to_have_text("Đã đến 1 trên 2 hộ.", timeout=20_000)
    page.click("[data-action=visits]")
    page.wait_for_selector("[data-visit=visited]")
    assert HEAD_NOW in page.inner_text("[data-visit=visited]")
    assert sorted(kept(page, "children")) == sorted(
        [(CORRECTED, "here"), (NEW, "here"), (BEFORE[1], "moved"), ("Trẻ Khác Thử", "here")]
    )
    page.click("[data-action=home]")


def test_no_screen_is_wider_than_the_phone_or_too_small_to_touch(visited: Phone, faults: list[str]) -> None:
    assert faults == []


def test_a_rebuild_gives_the_same(visited: Phone, office: Server) -> None:
    assert office.command("rebuild", "--check")["same"] is True


def test_signing_out_wipes_the_lists(visited: Phone) -> None:
    page = visited.page
    page.click("[data-action=settings]")
    page.click("[data-action=sign-out]")
    page.click("[data-action=yes]")
    page.wait_for_selector("[data-screen=sign-in]")
    assert kept(page, "children") == []


def rows(of: Server, question: str, *values: str) -> list[Any]:
    connection = sqlite3.connect(of.data / "mangnon.db")
    try:
        return connection.execute(question, values).fetchall()
    finally:
        connection.close()


def kept(page: Page, store: str) -> list[tuple[str, str]]:
    """What lies in the phone's own database."""
    found = page.evaluate(
        """store => new Promise((done) => {
          const opened = indexedDB.open('mangnon');
          opened.onsuccess = () => {
            const asked = opened.result.transaction(store).objectStore(store).getAll();
            asked.onsuccess = () => { opened.result.close(); done(asked.result); };
          };
        })""",
        store,
    )
    return [(one["properties"]["full_name"], one["properties"]["status"]) for one in found]
