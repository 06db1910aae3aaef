"""The connection to PostgreSQL is lost in mid service: a clear answer, nothing promised that is not kept, then on.

Backends are ended by ``pg_terminate_backend``, between requests, in the middle of a transaction and at its commit; for
a longer absence the database takes no connections at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from browser import Browser, administrator, signed_in
from flask.testing import FlaskClient
from kept import publish_small, rows
from office import Office
from postgres import Cluster
from small_form import VERSION, interview, post
from sqlalchemy.engine import make_url

from server.flows.people import Added
from server.store.base import db
from server.store.submissions import DERIVATIONS, SUBMISSIONS

BUSY = "C204"


class Database:
    """The office's own database, as its administrator may treat it."""

    def __init__(self, cluster: Cluster, name: str) -> None:
        self._cluster, self._name = cluster, name

    def end_backends(self) -> None:
        self._cluster.run(
            f"SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '{self._name}'"
        )

    @contextmanager
    def away(self) -> Iterator[None]:
        """Nobody can connect, and who was connected is no more."""
        self._cluster.run(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS false')
        self.end_backends()
        try:
            yield
        finally:
            self._cluster.run(f'ALTER DATABASE "{self._name}" ALLOW_CONNECTIONS true')


@pytest.fixture
def database(database_kind: str, database_url: str, request: pytest.FixtureRequest) -> Database:
    if database_kind == "sqlite":
        pytest.skip("an embedded database has no connection that could be lost")
    return Database(request.getfixturevalue("postgres"), str(make_url(database_url).database))


@pytest.fixture
def ready(database: Database, office: Office) -> Office:
    publish_small(office)
    return office


@contextmanager
def when(event: str, strike: Callable[[], None], *, statement: str = "") -> Iterator[list[str]]:
    """Strike once, just before the event of the engine (a statement with this beginning, or a commit)."""
    struck: list[str] = []

    def before(*arguments: Any) -> None:
        said = str(arguments[2]) if len(arguments) > 2 else event
        if not struck and said.startswith(statement):
            struck.append(said)
            strike()

    sa.event.listen(db.engine, event, before)
    try:
        yield struck
    finally:
        sa.event.remove(db.engine, event, before)


def test_a_connection_lost_between_requests_is_not_noticed(
    ready: Office, database: Database, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    browser = administrator(ready)
    asked: list[Callable[[], int]] = [
        lambda: client.get(f"{key_path}/formList", headers=VERSION).status_code,
        lambda: client.head(f"{key_path}/submission", headers=VERSION).status_code,
        lambda: post(client, key_path, interview()).status_code,
        lambda: client.get("/healthz").status_code,
        lambda: client.get("/metrics").status_code,
        lambda: browser.get("/").status_code,
        lambda: 200 if derive() == 1 else 0,
    ]
    for ask in asked:
        database.end_backends()
        assert ask() in (200, 201, 204)


@pytest.mark.parametrize(
    ("event", "statement"),
    [
        ("before_cursor_execute", "INSERT INTO submissions"),
        ("before_cursor_execute", "INSERT INTO derivations"),
        ("commit", ""),
    ],
)
def test_lost_in_the_middle_nothing_is_promised_and_the_next_try_is_kept_once(
    ready: Office, database: Database, client: FlaskClient, key_path: str, event: str, statement: str
) -> None:
    with ready.app.app_context(), when(event, database.end_backends, statement=statement) as struck:
        refused = post(client, key_path, interview(photo="p.jpg"), {"p.jpg": b"photo"})
    assert struck
    assert refused.status_code == 503
    assert f"[{BUSY}]" in refused.text
    assert rows(ready, SUBMISSIONS) == []
    assert post(client, key_path, interview(photo="p.jpg"), {"p.jpg": b"photo"}).status_code == 201
    assert len(rows(ready, SUBMISSIONS)) == len(rows(ready, DERIVATIONS)) == 1


def test_lost_after_the_commit_the_phone_asks_again_and_there_is_one(
    ready: Office, database: Database, client: FlaskClient, key_path: str
) -> None:
    """The database has kept it, but the word of that was lost: the answer promises nothing, the repeat is known."""
    real = ready.app.extensions["mangnon.writer"].write

    def lost(work: Callable[[Any], Any]) -> Any:
        real(work)
        database.end_backends()
        raise sa.exc.OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    ready.app.extensions["mangnon.writer"].write = lost
    try:
        assert post(client, key_path, interview()).status_code == 503
    finally:
        ready.app.extensions["mangnon.writer"].write = real
    assert post(client, key_path, interview()).status_code == 202
    assert len(rows(ready, SUBMISSIONS)) == 1


def test_while_it_is_away_every_door_says_so_in_its_own_shape(
    ready: Office, database: Database, client: FlaskClient, key_path: str, collaborator: Added
) -> None:
    browser = administrator(ready)
    signing_in = {
        "protocol": 1,
        "name": collaborator.name,
        "password": collaborator.password,
        "device_id": "d",
    }
    token = client.post("/phone/api/sign-in", json=signing_in).json["token"]  # type: ignore[index]
    phone = {"Authorization": f"Bearer {token}"}
    shapes: dict[str, Callable[[], Any]] = {
        "OpenRosaResponse": lambda: post(client, key_path, interview()),
        "openrosa.org/http/response": lambda: client.get(f"{key_path}/formList", headers=VERSION),
        '"protocol":1': lambda: client.get("/phone/api/work", headers=phone),
        '"problem":': lambda: client.post("/phone/api/sign-in", json=signing_in),
        '"code":"C204"': lambda: client.get("/healthz"),
        '"name":"server_busy"': lambda: client.get("/metrics"),
        "<!doctype html>": lambda: browser.get("/"),
        "<html": lambda: browser.post("/people/add", name="Người Mới", role="officer"),
        "</html>": lambda: browser.client.get("/sign-in"),
    }
    with database.away():
        for shape, ask in shapes.items():
            answer = ask()
            assert answer.status_code == 503, (shape, answer.text)
            assert BUSY in answer.text or "bận" in answer.text, answer.text
            assert shape.lower() in answer.text.lower().replace(": ", ":"), answer.text
        assert client.head(f"{key_path}/submission", headers=VERSION).status_code == 503
    assert rows(ready, SUBMISSIONS) == []
    assert post(client, key_path, interview()).status_code == 201
    assert browser.get("/").status_code == 200
    assert client.get("/phone/api/work", headers=phone).status_code == 200
    assert client.get("/healthz").json["database"]["reachable"]  # type: ignore[index]


def test_a_reading_that_was_interrupted_is_done_later_and_fails_nobody(
    ready: Office, database: Database, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    assert post(client, key_path, interview()).status_code == 201
    for event, statement in (
        ("before_cursor_execute", "SELECT submissions"),
        ("before_cursor_execute", "UPDATE derivations"),
        ("commit", ""),
    ):
        with (
            ready.app.app_context(),
            when(event, database.end_backends, statement=statement) as struck,
            pytest.raises(sa.exc.DBAPIError),
        ):
            derive()
        assert struck, statement
        assert [row.state for row in rows(ready, DERIVATIONS)] == ["waiting"]
    assert derive() == 1
    assert [row.state for row in rows(ready, DERIVATIONS)] == ["done"]


def test_a_page_s_change_that_was_interrupted_is_told_and_not_half_done(
    ready: Office, database: Database
) -> None:
    officer = ready.add("Cán Bộ Thử", "officer", "05977")
    browser: Browser = signed_in(ready, officer)
    browser.get("/account/password")
    asked = {"old": "mat-khau-rieng-thu", "new": "mat-khau-moi-thu", "again": "mat-khau-moi-thu"}
    with ready.app.app_context(), when("commit", database.end_backends) as struck:
        answer = browser.post("/account/password", **asked)
    assert struck
    assert answer.status_code == 503
    assert browser.get("/").status_code == 200, "the session stays; the old password too"
    browser.get("/account/password")
    assert browser.post("/account/password", **asked).status_code == 303


def test_a_failure_while_telling_a_failure_is_never_called_the_sender_s_fault(
    office: Office, client: FlaskClient, key_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A 4xx would make a phone take its interview for refused."""
    from server import errors

    failures = [RuntimeError("first"), RuntimeError("while telling it")]

    def fail(*_given: object, **_named: object) -> None:
        if failures:
            raise failures.pop()

    publish_small(office)
    monkeypatch.setattr("server.api.openrosa.receive", fail)
    monkeypatch.setattr(errors, "_give_up", fail)
    office.app.config["PROPAGATE_EXCEPTIONS"] = False
    answer = post(client, key_path, interview())
    assert not failures
    assert answer.status_code == 500
    assert "OpenRosaResponse" in answer.text


@pytest.mark.parametrize(
    "error",
    [
        sa.exc.OperationalError("SELECT 1", {}, Exception("server closed the connection unexpectedly")),
        sa.exc.InterfaceError("SELECT 1", {}, Exception("the connection is closed")),
        sa.exc.InternalError("SELECT 1", {}, Exception("lost"), connection_invalidated=True),
        sa.exc.TimeoutError("QueuePool limit reached"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_every_way_of_losing_it_is_called_busy(
    office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(_session: object) -> None:
        raise error

    monkeypatch.setattr("server.store.submissions.backlog", fail)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert answer.json["problem"]["code"] == BUSY  # type: ignore[index]
