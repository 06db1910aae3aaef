"""The ward's number: officers keep it, the phone gets it with the sanity box of the ward."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from office import Office

from server.flows import sign_in as flow
from server.pages.welcome import KEY
from server.store.base import begin_writing, db
from server.store.people import find_by_name


def enter(office: Office, client: FlaskClient, name: str, role: str, *area: str) -> None:
    """Be signed in as a new person who has chosen a password."""
    office.add(name, role, *area)
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        person = find_by_name(session, name)
        assert person
        person.password_once = False
        secret = flow.start_session(session, person, "web", now=office.clock(), lasts=timedelta(hours=1))
        session.commit()
    with client.session_transaction() as cookie:
        cookie[KEY] = secret


def send(client: FlaskClient, **numbers: str) -> tuple[int, str]:
    page = client.get("/contacts").get_data(as_text=True)
    token = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert token
    answer = client.post(
        "/contacts", data={"csrf_token": token[1]} | {f"phone-{ward[1:]}": n for ward, n in numbers.items()}
    )
    return answer.status_code, answer.get_data(as_text=True)


def wards(client: FlaskClient, key_path: str) -> dict[str, dict[str, str]]:
    served = client.get(f"{key_path}/forms/ls_cl/1.1/media/wards.csv").get_data(as_text=True)
    return {row["name"]: row for row in csv.DictReader(io.StringIO(served))}


def test_the_phone_gets_the_number_and_the_box_of_its_ward(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    ward = wards(client, key_path)["05977"]
    assert ward["phone"] == ""
    assert float(ward["lat_min"]) < 21.8 < float(ward["lat_max"])
    assert float(ward["lon_min"]) < 106.75 < float(ward["lon_max"])
    officer = office.app.test_client()
    enter(office, officer, "Cán Bộ Thử", "officer", "05977")
    assert send(officer, _05977="0205 3000 111")[0] == 303
    assert wards(client, key_path)["05977"]["phone"] == "02053000111"
    assert send(officer, _05977="")[0] == 303
    assert wards(client, key_path)["05977"]["phone"] == ""


def test_a_number_that_is_none_is_refused_and_shown_again(office: Office, client: FlaskClient) -> None:
    enter(office, client, "Cán Bộ Thử", "officer", "05977")
    status, page = send(client, _05977="gọi anh Ba")
    assert status == 400
    assert "P310" in page
    assert "gọi anh Ba" in page


def test_an_officer_keeps_only_the_numbers_of_the_own_area(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    enter(office, client, "Cán Bộ Xa", "officer", "05983")
    assert send(client, _05977="02053000111")[0] == 303
    assert wards(client, key_path)["05977"]["phone"] == ""


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_else_gets_in(office: Office, client: FlaskClient, method: str) -> None:
    assert getattr(client, method)("/contacts").status_code in (302, 303, 400)
    enter(office, client, "Cộng Tác Viên Lạc", "collaborator", "05977")
    assert client.get("/contacts").status_code == 403
