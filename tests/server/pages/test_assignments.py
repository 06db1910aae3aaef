"""The page on which an officer gives villages and households to collaborators, and takes every step back."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import ls_cl
import pytest
import sqlalchemy as sa
from browser import Browser, administrator, said, signed_in
from flask.testing import FlaskClient
from office import Office
from page_records import Records
from small_form import post

from server.access.rules import Who
from server.flows import assignments
from server.flows import rounds as flow
from server.flows.people import Added
from server.store import round_progress
from server.store.base import Base, begin_writing, db

HERE, THERE = "05977.901", "05983.901"
PAGE = "/rounds/2027/assignments"


@pytest.fixture
def walker(records: Records) -> Added:
    """A collaborator of the first ward, and a round that follows on two visited households."""
    office = records.office
    added = office.add("Cộng Tác Viên Nơi Này", "collaborator", "05977.902")
    with office.app.app_context():
        begin_writing(db.session())
        flow.close_round(db.session(), "2026", by=None, now=office.clock())
        flow.open_round(
            db.session(),
            flow.Wanted("2027", "", date(2027, 1, 1), date(2027, 12, 31)),
            by=None,
            now=office.clock(),
        )
        db.session.commit()
    return added


@pytest.fixture
def person(records: Records, walker: Added) -> str:
    people = Base.metadata.tables["people"]
    with records.office.app.app_context():
        return str(db.session.scalar(sa.select(people.c.id).where(people.c.name == walker.name)))


def given(office: Office, person: str) -> set[tuple[str, str]]:
    table = Base.metadata.tables["assignments"]
    with office.app.app_context():
        rows = db.session.execute(
            sa.select(table.c.kind, table.c.target).where(
                table.c.round_id == "2027", table.c.person_id == person
            )
        )
        return {(row[0], row[1]) for row in rows}


def household(office: Office, village: str) -> str:
    table = Base.metadata.tables["households"]
    with office.app.app_context():
        return str(db.session.scalar(sa.select(table.c.id).where(table.c.village_code == village)))


def newest_step(page: str) -> str:
    return re.findall(r'name="step" value="(\d+)"', page)[0]


def test_villages_are_given_and_taken_in_one_step_and_undone(
    records: Records, officer_here: Browser, person: str
) -> None:
    page = officer_here.get(f"{PAGE}?person={person}").get_data(as_text=True)
    assert 'name="was_village" value="05977.902"' in page
    assert THERE not in page
    answer = officer_here.post(PAGE, person=person, village=[HERE, "05977.903"], was_village=["05977.902"])
    assert answer.status_code == 303
    assert given(records.office, person) == {("village", HERE), ("village", "05977.903")}
    page = officer_here.get(f"{PAGE}?person={person}").get_data(as_text=True)
    assert "Đã ghi 3 thay đổi" in page
    assert "Thôi giao" in page
    officer_here.post(f"{PAGE}/undo", step=newest_step(page), person=person)
    assert given(records.office, person) == {("village", "05977.902")}
    page = officer_here.get(f"{PAGE}?person={person}").get_data(as_text=True)
    assert "Đã hoàn tác" in page
    officer_here.post(f"{PAGE}/undo", step=newest_step(page), person=person)
    assert given(records.office, person) == {("village", HERE), ("village", "05977.903")}
    assert "R104" in said(officer_here.post(f"{PAGE}/undo", step=1, person=person))
    assert "R104" in said(officer_here.post(f"{PAGE}/undo", step="một", person=person))


def test_what_another_officer_gave_meanwhile_stays(
    records: Records, officer_here: Browser, admin: Browser, person: str
) -> None:
    officer_here.get(f"{PAGE}?person={person}")
    admin.get(PAGE)
    admin.post(PAGE, person=person, village=["05977.902", "05977.903"], was_village=["05977.902"])
    officer_here.post(PAGE, person=person, village=[HERE, "05977.902"], was_village=["05977.902"])
    assert {target for _, target in given(records.office, person)} == {HERE, "05977.902", "05977.903"}


def test_a_household_is_given_by_name_and_the_list_of_those_not_visited_says_so(
    records: Records, officer_here: Browser, person: str
) -> None:
    home = household(records.office, HERE)
    page = officer_here.get(f"{PAGE}?person={person}&village={HERE}").get_data(as_text=True)
    assert "Chủ Hộ Nơi Này" in page
    assert officer_here.post(PAGE, person=person, household=home, of_village=HERE).status_code == 303
    assert ("household", home) in given(records.office, person)
    listed = said(officer_here.get(f"/rounds/2027?person={person}"))
    assert "Chủ Hộ Nơi Này" in listed
    assert "Cộng Tác Viên Nơi Này" in listed.split("Chủ Hộ Nơi Này")[1]
    assert "Chủ Hộ Nơi Này" not in said(officer_here.get("/rounds/2027?person=nobody"))
    with records.office.app.app_context():
        lines = round_progress.by_person(db.session(), "2027", Who("x", "Thử", "officer", ("05977",)))
        assert [line.households for line in lines if line.id == person] == [1]


@pytest.mark.parametrize(
    "sent",
    [{"village": THERE}, {"village": "99999.001"}, {"household": "khong-co"}, {"household": "there"}],
)
def test_nothing_outside_the_own_area_can_be_given(
    records: Records, officer_here: Browser, person: str, sent: dict[str, str]
) -> None:
    officer_here.get(PAGE)
    wanted = {k: household(records.office, THERE) if v == "there" else v for k, v in sent.items()}
    answer = officer_here.post(PAGE, person=person, **wanted)
    assert (answer.status_code, "R117" in said(answer)) == (404, True)
    assert "R117" in said(officer_here.post(PAGE, person="ai-do", village=HERE))
    assert given(records.office, person) == {("village", "05977.902")}


def test_a_step_of_another_ward_is_neither_shown_nor_undone(
    records: Records, officer_here: Browser, admin: Browser, person: str
) -> None:
    admin.get(PAGE)
    admin.post(PAGE, person=person, village=[THERE, "05977.902"], was_village=["05977.902"])
    page = officer_here.get(PAGE).get_data(as_text=True)
    assert 'name="step"' not in page
    assert "R117" in said(officer_here.post(f"{PAGE}/undo", step=1, person=person))
    assert ("village", THERE) in given(records.office, person)


def test_a_closed_round_is_read_only(records: Records, admin: Browser, person: str) -> None:
    admin.get(PAGE)
    admin.post("/rounds/2027/close")
    page = admin.get(PAGE).get_data(as_text=True)
    assert "chỉ xem" in page
    assert "Ghi phân công" not in page
    assert "R115" in said(admin.post(PAGE, person=person, village=HERE))


def test_english_and_an_office_without_collaborators(office: Office) -> None:
    admin = administrator(office)
    admin.post("/rounds/2026/freeze")
    assert "Phân công" in said(admin.get("/rounds/2026/assignments"))
    admin.post("/language", language="en", next="/")
    assert "Who goes where" in said(admin.get("/rounds/2026/assignments"))


def test_collaborators_have_no_such_page(records: Records, walker: Added) -> None:
    assert signed_in(records.office, walker).get(PAGE).status_code == 403


def test_the_command_line_leaves_a_step_too(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    post(client, key_path, ls_cl.household([ls_cl.idle_child()], ward="05977", village=HERE))
    derive()
    people = Base.metadata.tables["people"]
    with office.app.app_context():
        begin_writing(db.session())
        person = str(db.session.scalar(sa.select(people.c.id).where(people.c.role == "collaborator")))
        home = db.session.scalar(sa.select(Base.metadata.tables["households"].c.id))
        done = [
            assignments.change(
                db.session(), "2026", person, give=[("household", str(home))], by=None, now=office.clock()
            )
            for _ in range(2)
        ]
        db.session.commit()
    assert done == [1, 0]
    assert "dòng lệnh" in said(administrator(office).get("/rounds/2026/assignments"))
