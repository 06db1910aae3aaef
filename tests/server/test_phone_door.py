"""The phone app's door: signing in by link or password, its work list, and strict bodies."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient
from office import Office
from small_form import VERSION, interview, post
from werkzeug.test import TestResponse

from server.flows.people import Added


def sign_in(client: FlaskClient, **body: object) -> TestResponse:
    return client.post("/phone/api/sign-in", json={"protocol": 1, "device_id": "máy-1", **body})


def token(client: FlaskClient, person: Added) -> str:
    answer = sign_in(client, name=person.name, password=person.password)
    assert answer.status_code == 200, answer.data
    return str(answer.json["token"])


def bearer(secret: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {secret}"}


def test_password_gives_a_token_and_the_area(client: FlaskClient, collaborator: Added) -> None:
    answer = sign_in(client, name=" cộng tác  viên THỬ ", password=collaborator.password)
    assert answer.json["person"]["area"] == [{"code": "05977", "name": "Phường Đông Kinh"}]
    assert answer.json["protocol"] == 1


def test_a_link_works_once(office: Office, client: FlaskClient, collaborator: Added) -> None:
    key = collaborator.phone_link.rsplit("/", 1)[1]
    assert "#" in collaborator.phone_link
    assert sign_in(client, key=key).status_code == 200
    again = sign_in(client, key=key)
    assert (again.status_code, again.json["problem"]["code"]) == (401, "P203")


def test_a_link_ends_after_a_week(office: Office, client: FlaskClient, collaborator: Added) -> None:
    office.clock.pass_(days=8)
    assert sign_in(client, key=collaborator.phone_link.rsplit("/", 1)[1]).status_code == 401


def test_wrong_password_tells_what_to_do(client: FlaskClient, collaborator: Added) -> None:
    problem = sign_in(client, name=collaborator.name, password="sai").json["problem"]
    assert problem["code"] == "P201"
    assert problem["message"]["vi"]
    assert problem["next"]["en"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"protocol": 1, "name": "a", "password": "b"}, "S101"),
        ({"protocol": 1, "name": "a", "password": "b", "device_id": "d", "more": 1}, "S101"),
        ({"protocol": 1, "device_id": "d"}, "S101"),
        ({"protocol": 2, "device_id": "d"}, "S102"),
        ([], "S101"),
    ],
)
def test_bodies_are_strict(client: FlaskClient, body: object, code: str) -> None:
    answer = client.post("/phone/api/sign-in", json=body)
    assert (answer.status_code, answer.json["problem"]["code"]) == (400, code)


def test_work_lists_forms_with_media_that_can_be_fetched(client: FlaskClient, collaborator: Added) -> None:
    headers = bearer(token(client, collaborator))
    answer = client.get("/phone/api/work", headers=headers)
    assert answer.json["round"]["id"] == "2026"
    (form,) = answer.json["forms"]
    assert form["form_id"] == "ls_cl"
    assert client.get(form["url"], headers=headers).status_code == 200
    for media in form["media"]:
        assert client.get(media["url"], headers=headers).status_code == 200
    again = client.get("/phone/api/work", headers=headers | {"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_without_token_nothing(client: FlaskClient) -> None:
    for path in ("/phone/api/work", "/phone/api/forms/ls_cl/1.1/form.xml"):
        answer = client.get(path)
        assert (answer.status_code, answer.json["problem"]["code"]) == (401, "P204")


def test_unknown_form_and_media(client: FlaskClient, collaborator: Added) -> None:
    headers = bearer(token(client, collaborator))
    assert client.get("/phone/api/forms/x/1/form.xml", headers=headers).status_code == 404
    assert client.get("/phone/api/forms/ls_cl/1.1/media/x.csv", headers=headers).status_code == 404


def test_signing_out_ends_the_token(client: FlaskClient, collaborator: Added) -> None:
    headers = bearer(token(client, collaborator))
    assert client.post("/phone/api/sign-out", json={"protocol": 1}, headers=headers).status_code == 200
    assert client.get("/phone/api/work", headers=headers).status_code == 401


def test_the_phone_sends_through_the_openrosa_door(client: FlaskClient, collaborator: Added) -> None:
    headers = bearer(token(client, collaborator)) | VERSION
    assert client.head("/openrosa/submission", headers=headers).status_code == 204
    answer = post(client, "/openrosa", interview(form_id="ls_cl", version="1.1"), headers=headers)
    assert answer.status_code == 201


def test_the_app_is_served_and_a_missing_file_is_missing(client: FlaskClient) -> None:
    with client.get("/phone/") as page:
        assert page.status_code == 200
    assert client.get("/phone/nothing.js").status_code == 404
    assert client.get("/phone/../server/app.py").status_code == 404
