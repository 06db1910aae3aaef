"""An office whose lists of villages change, and an officer who looks at its pages."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient
from office import Office

from server.flows import load_places
from server.store.base import begin_writing, db


def load(office: Office, content: str, name: str = "thon.csv", **more: Any) -> load_places.Preview:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        try:
            seen = load_places.load(
                session,
                content.encode(),
                name,
                now=office.clock(),
                today=office.clock().date(),
                by=None,
                **more,
            )
            session.commit()
        finally:
            session.rollback()
    return seen


def signed_in(office: Office, name: str = "Quản trị", password: str = "mat-khau-thu") -> FlaskClient:
    office.app.config["WTF_CSRF_ENABLED"] = False
    client = office.app.test_client()
    assert client.post("/sign-in", data={"name": name, "password": password}).status_code == 303
    return client
