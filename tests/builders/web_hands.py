"""A person at the officers' pages: signed in with a browser of their own."""

from __future__ import annotations

from flask.testing import FlaskClient
from office import Office

from server.flows.people import Added

PASSWORD = "mat-khau-rieng-thu"
WEB = {"Origin": "http://localhost"}


def signed_in(office: Office, person: Added | None = None) -> FlaskClient:
    """A browser with this person's cookie; the administrator's when nobody is named."""
    office.app.config["WTF_CSRF_ENABLED"] = False
    browser = office.app.test_client()
    name, password = (person.name, person.password) if person else ("Quản trị", "mat-khau-thu")
    assert browser.post("/sign-in", data={"name": name, "password": password}).status_code == 303
    if person is not None:
        new = {"new": PASSWORD, "again": PASSWORD}
        assert browser.post("/account/password", data=new).status_code == 303
    return browser
