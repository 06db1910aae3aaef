"""A browser of the officers' pages in a test: signs in as a person, carries the CSRF token, reads what a page says."""

from __future__ import annotations

import re
from dataclasses import dataclass

from flask.testing import FlaskClient
from office import Office
from werkzeug.test import TestResponse

from server.flows.people import Added

ADMINISTRATOR, ADMINISTRATOR_PASSWORD = "Quản trị", "mat-khau-thu"
OWN_PASSWORD = "mat-khau-rieng-thu"


@dataclass
class Browser:
    """One browser with its own cookies."""

    client: FlaskClient
    csrf: str = ""

    def get(self, path: str) -> TestResponse:
        answer = self.client.get(path)
        if answer.is_streamed:  # a file of the server: read and let go
            answer.get_data()
            answer.close()
        self._keep_token(answer)
        return answer

    def post(self, path: str, **form: object) -> TestResponse:
        """Send a form of a page with its token; a ``files`` entry is a tuple (stream, name)."""
        data = {"csrf_token": self.csrf, **form}
        answer = self.client.post(path, data=data, content_type="multipart/form-data")
        self._keep_token(answer)
        return answer

    def sign_in(self, name: str, password: str) -> TestResponse:
        self.get("/sign-in")
        return self.post("/sign-in", name=name, password=password)

    def choose_password(self, new: str = OWN_PASSWORD) -> TestResponse:
        self.get("/account/password")
        return self.post("/account/password", new=new, again=new)

    def _keep_token(self, answer: TestResponse) -> None:
        if answer.mimetype != "text/html":
            return
        found = re.search(r'name="csrf_token" value="([^"]+)"', answer.get_data(as_text=True))
        if found:
            self.csrf = found[1]


def stranger(office: Office) -> Browser:
    return Browser(office.app.test_client())


def signed_in(office: Office, person: Added) -> Browser:
    """This person's browser, past the one-time password."""
    browser = stranger(office)
    assert browser.sign_in(person.name, person.password).status_code == 303
    assert browser.choose_password().status_code == 303
    browser.get("/account")
    return browser


def administrator(office: Office) -> Browser:
    browser = stranger(office)
    assert browser.sign_in(ADMINISTRATOR, ADMINISTRATOR_PASSWORD).status_code == 303
    browser.get("/account")
    return browser


def said(answer: TestResponse) -> str:
    """The text of a page, without its marks."""
    return " ".join(re.sub(r"<[^>]+>", " ", answer.get_data(as_text=True)).split())
