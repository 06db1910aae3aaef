"""The real database, made by the real migrations, set up once and copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from office import START, Clock, Office, Template
from postgres import Cluster, driver

from server.app import create_app
from server.flows.people import Added
from server.flows.set_up import set_up
from server.settings import Settings
from server.store.base import db


@pytest.fixture(scope="session")
def template(
    database_kind: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Template:
    folder = tmp_path_factory.mktemp("template")
    if database_kind == "sqlite":
        _set_up(Settings(data=folder))
        return Template(folder)
    postgres: Cluster = request.getfixturevalue("postgres")
    name = postgres.create()
    _set_up(Settings(data=folder, database_url=driver(postgres.address(name))))
    return Template(folder, name)


def _set_up(settings: Settings) -> None:
    app = create_app(settings, Clock())
    with app.app_context():
        set_up(
            db.engine,
            db.session(),
            practice=True,
            url="http://127.0.0.1:8000",
            now=START,
            admin_password="mat-khau-thu",
        )
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def database_url(template: Template, request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of this test's own copy of the database; empty for the embedded one."""
    if not template.database:
        yield ""
        return
    postgres: Cluster = request.getfixturevalue("postgres")
    name = postgres.create(template.database)
    yield postgres.address(name)
    postgres.drop(name)


@pytest.fixture
def office(template: Template, database_url: str, tmp_path: Path) -> Iterator[Office]:
    """A fresh copy of the office, with nobody but the administrator."""
    data = tmp_path / "data"
    shutil.copytree(template.folder, data)
    clock = Clock()
    made = Office(create_app(Settings(data=data, database_url=driver(database_url)), clock), clock)
    yield made
    with made.app.app_context():
        made.app.extensions["mangnon.writer"].close()
        db.session.remove()
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
