"""The real database, made by the real migrations, set up once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from office import START, Clock, Office

from server.app import create_app
from server.flows.people import Added
from server.flows.set_up import set_up
from server.settings import Settings
from server.store.base import db


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder set up once."""
    folder = tmp_path_factory.mktemp("template")
    app = create_app(Settings(data=folder), Clock())
    with app.app_context():
        set_up(
            db.engine,
            db.session(),
            practice=True,
            url="http://127.0.0.1:8000",
            now=START,
            admin_password="mat-khau-thu",
        )
        db.engine.dispose()
    return folder


@pytest.fixture
def office(template: Path, tmp_path: Path) -> Iterator[Office]:
    """A fresh copy of the office, with nobody but the administrator."""
    data = tmp_path / "data"
    shutil.copytree(template, data)
    clock = Clock()
    made = Office(create_app(Settings(data=data), clock), clock)
    yield made
    with made.app.app_context():
        made.app.extensions["mangnon.writer"].close()
        made.app.extensions["mangnon.mark"].close()
        db.engine.dispose()


@pytest.fixture
def client(office: Office) -> FlaskClient:
    return office.app.test_client()


@pytest.fixture
def collaborator(office: Office) -> Added:
    return office.add("Cộng Tác Viên Thử", "collaborator", "05977")


@pytest.fixture
def key_path(collaborator: Added) -> str:
    """The path prefix of the collaborator's OpenRosa address."""
    return collaborator.openrosa_url.removeprefix("http://127.0.0.1:8000")


@pytest.fixture
def derive(office: Office) -> Callable[[], int]:
    """Derive everything that waits."""

    def run() -> int:
        from server.flows.derive import derive_waiting

        with office.app.app_context():
            return derive_waiting(limit=1000, now=office.clock())

    return run
