"""Clocks a year off, the phone's and the server's, both ways: records are kept once, dates are those of the
questionnaire, the round is the open one, and whoever is turned away is told the cure. Then the clock is set right.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from browser import signed_in, stranger
from flask.testing import FlaskClient
from lxml import etree
from office import Office
from small_form import VERSION, post

from server import jobs
from server.access.throttle import FREE_TRIES, LONGEST, Throttle
from server.flows.people import Added
from server.flows.rebuild import rebuild_all
from server.store import drills
from server.store.base import Base, db
from server.store.people import Key

YEAR = timedelta(days=365)
OFF = pytest.mark.parametrize("off", [YEAR, -YEAR], ids=["ahead", "behind"])
VILLAGE = "05977.901"
TODAY = date(2026, 11, 24)


def table(office: Office, name: str) -> list[dict[str, Any]]:
    with office.app.app_context():
        rows = db.session.execute(sa.select(Base.metadata.tables[name]))
        return [dict(row._mapping) for row in rows]


def household(number: int = 1, interviewed: date = TODAY) -> bytes:
    return ls_cl.household(
        [ls_cl.lawful_child()], number=number, ward="05977", village=VILLAGE, interviewed=interviewed
    )


def with_date(moment: datetime) -> dict[str, str]:
    return VERSION | {"Date": format_datetime(moment, usegmt=True)}


@OFF
def test_the_phones_clock(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int], off: timedelta
) -> None:
    """What the phone believes stands beside the record; the round does not follow it, the visit's day does."""
    wrong = office.clock() + off
    xml = household(interviewed=wrong.date())
    assert [post(client, key_path, xml, headers=with_date(wrong)).status_code for _ in range(2)] == [201, 202]
    (kept,) = table(office, "submissions")
    assert (kept["round_id"], kept["received_at"]) == ("2026", office.clock())
    assert kept["device_time"] == format_datetime(wrong, usegmt=True)
    assert derive() == 1
    (visit,) = table(office, "visits")
    assert (visit["visited_on"], visit["round_id"]) == (wrong.date(), "2026")
    assert table(office, "derivations")[0]["state"] == "done"


@OFF
def test_the_servers_clock(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int], off: timedelta
) -> None:
    """While it is wrong forms and villages are served and interviews kept; set right, a repeat is known."""
    first, second = household(1), household(2)
    right = office.clock.moment
    office.clock.moment = right + off
    listed = etree.fromstring(client.get(f"{key_path}/formList?formID=ls_cl", headers=VERSION).data)
    manifest = client.get(listed[0].findtext("{http://openrosa.org/xforms/xformsList}manifestUrl"))
    urls = {file[0].text: file[2].text for file in etree.fromstring(manifest.data)}
    assert len(client.get(urls["villages.csv"]).data.splitlines()) > 1, (
        "a phone without villages asks nothing"
    )
    assert post(client, key_path, first).status_code == 201
    assert derive() == 1
    office.clock.moment = right
    assert post(client, key_path, first).status_code == 202
    assert post(client, key_path, second).status_code == 201
    assert derive() == 1
    assert {row["round_id"] for row in table(office, "submissions")} == {"2026"}
    assert [(row["visited_on"], row["village_code"]) for row in table(office, "visits")] == [
        (TODAY, VILLAGE)
    ] * 2
    assert {row["state"] for row in table(office, "derivations")} == {"done"}
    with office.app.app_context():
        assert rebuild_all(check=True).same


def sign_in(client: FlaskClient, person: Added) -> dict[str, str]:
    body = {"protocol": 1, "name": person.name, "password": person.password, "device_id": "d"}
    answer = client.post("/phone/api/sign-in", json=body)
    assert answer.status_code == 200
    return {"Authorization": f"Bearer {answer.json['token']}"}  # type: ignore[index]


@OFF
def test_a_phones_token(office: Office, client: FlaskClient, collaborator: Added, off: timedelta) -> None:
    """Ahead, it has ended: the phone is told to sign in again, which works, then and afterwards."""
    right, token = office.clock.moment, sign_in(client, collaborator)
    office.clock.moment = right + off
    answer = post(client, "/openrosa", household(), headers=VERSION | token)
    if off > timedelta():
        assert answer.status_code == 401
        assert "[P204]" in answer.text
        assert "Đăng nhập lại" in answer.text
        token = sign_in(client, collaborator)
        answer = post(client, "/openrosa", household(), headers=VERSION | token)
    assert answer.status_code == 201
    fresh = sign_in(client, collaborator)
    office.clock.moment = right
    for known in (token, fresh):
        answer = post(client, "/openrosa", household(), headers=VERSION | known)
        if answer.status_code == 401:  # made while the clock was behind: over by now, and told so
            assert known is fresh
            assert off < timedelta()
            assert "[P204]" in answer.text
        else:
            assert answer.status_code == 202
    assert (
        post(client, "/openrosa", household(2), headers=VERSION | sign_in(client, collaborator)).status_code
        == 201
    )


@OFF
def test_an_officers_session(office: Office, off: timedelta) -> None:
    officer = office.add("Cán Bộ Thử", "officer", "05977")
    browser = signed_in(office, officer)
    right = office.clock.moment
    for moment in (right + off, right):
        office.clock.moment = moment
        answer = browser.get("/")
        if answer.status_code != 200:
            assert answer.status_code in (302, 303)
            assert "/sign-in" in answer.headers["Location"]
            assert browser.sign_in(officer.name, "mat-khau-rieng-thu").status_code == 303
        assert browser.get("/").status_code == 200


@OFF
def test_a_link_to_sign_in_with(
    office: Office, client: FlaskClient, collaborator: Added, off: timedelta
) -> None:
    key = collaborator.phone_link.rsplit("/", 1)[1]
    office.clock.moment += off
    answer = client.post("/phone/api/sign-in", json={"protocol": 1, "key": key, "device_id": "d"})
    if off > timedelta():
        assert answer.status_code in (401, 403, 410)
        assert answer.json["problem"]["next"]["vi"]  # type: ignore[index]
        assert sign_in(client, collaborator)
    else:
        assert answer.status_code == 200


def test_guesses_made_while_the_clock_was_ahead_do_not_lock_anyone_out_for_a_year(office: Office) -> None:
    slow, right = Throttle(), office.clock()
    for _ in range(FREE_TRIES + 3):
        slow.failed("someone", right + YEAR)
    pause = slow.wait("someone", right)
    assert 0 < pause <= LONGEST.total_seconds()
    assert slow.wait("someone", right + timedelta(seconds=pause)) == 0


def test_contact_is_noted_again_after_the_clock_was_set_back(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    right = office.clock.moment
    for moment in (right + YEAR, right):
        office.clock.moment = moment
        client.get(f"{key_path}/formList", headers=VERSION)
        with office.app.app_context():
            assert moment in set(db.session.scalars(sa.select(Key.seen_at)))


def test_the_nightly_drill_goes_on_after_the_clock_was_set_back(office: Office) -> None:
    right = office.clock.moment
    done = []
    for moment in (right + YEAR, right, right + timedelta(minutes=5), right + timedelta(days=1)):
        office.clock.moment = moment
        with office.app.app_context():
            done.append(jobs.Nightly(office.app).once())
            latest = drills.latest(db.session(), moment)
            assert latest is not None
            assert latest.started_at <= moment
    assert done == [True, True, False, True]


def test_a_stranger_meets_the_way_in_whatever_the_clock(office: Office) -> None:
    for off in (YEAR, -YEAR):
        office.clock.moment += off
        assert stranger(office).get("/sign-in").status_code == 200
