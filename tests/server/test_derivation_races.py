"""Corrections that arrive while the interview they replace is being derived: nothing old is stored as if it counted."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import instance, interview, post, small_form

from server.flows import derive as derive_flow
from server.flows.publish_form import publish_form
from server.flows.rebuild import rebuild_all
from server.store import derived
from server.store.base import Base, begin_writing, db

VILLAGE = "05977.901"
NEW = "uuid:99999999-0000-4000-8000-000000000000"


def rows(office: Office, name: str) -> list[dict[str, Any]]:
    with office.app.app_context():
        found = db.session.execute(sa.select(Base.metadata.tables[name]))
        return [dict(row._mapping) for row in found]


def the_two() -> tuple[bytes, bytes]:
    """An interview with two children, and its correction with one."""
    two = [ls_cl.lawful_child(), ls_cl.overworked_child()]
    first = ls_cl.household(two, ward="05977", village=VILLAGE)
    old = first.split(b"instanceID>")[1].split(b"<")[0].decode()
    changed = ls_cl.household(two[:1], ward="05977", village=VILLAGE, instance_id=NEW, deprecated_id=old)
    return first, changed


def only_the_correction_counts(office: Office) -> None:
    standings = {row["id"]: row["standing"] for row in rows(office, "submissions")}
    assert sorted(standings.values()) == ["current", "superseded"]
    assert {standings[row["submission_id"]] for row in rows(office, "visits")} == {"current"}
    assert len(rows(office, "observations")) == 1
    assert {row["state"] for row in rows(office, "derivations")} == {"done"}


def between(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], None]) -> None:
    """Let something happen once, after the reading and before the write lock."""
    honest, turns = derive_flow.read, iter([happens])

    def read(*args: Any) -> Any:
        outcome = honest(*args)
        next(turns, lambda: None)()
        return outcome

    monkeypatch.setattr(derive_flow, "read", read)


def test_a_correction_between_reading_and_storing(
    office: Office,
    client: FlaskClient,
    key_path: str,
    derive: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, changed = the_two()
    post(client, key_path, first)

    def correct() -> None:
        thread = threading.Thread(target=lambda: post(office.app.test_client(), key_path, changed))
        thread.start()
        thread.join()

    between(monkeypatch, correct)
    assert derive() == 1
    assert rows(office, "visits") == []
    assert [row["state"] for row in rows(office, "derivations")] == ["waiting", "waiting"]
    assert derive() == 2
    only_the_correction_counts(office)


def test_a_correction_while_storing(
    office: Office,
    client: FlaskClient,
    key_path: str,
    derive: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, changed = the_two()
    post(client, key_path, first)
    thread = threading.Thread(target=lambda: post(office.app.test_client(), key_path, changed))
    honest = derived.replace

    def replace(*args: Any) -> None:
        if not thread.ident:
            thread.start()
            thread.join(timeout=0.5)
            assert thread.is_alive(), "the correction must wait until the rows are stored"
        honest(*args)

    monkeypatch.setattr(derived, "replace", replace)
    assert derive() == 1
    thread.join(timeout=30)
    derive()
    only_the_correction_counts(office)


def test_a_correction_during_a_rebuild(
    office: Office,
    client: FlaskClient,
    key_path: str,
    derive: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first, changed = the_two()
    post(client, key_path, first)
    assert derive() == 1

    def correct() -> None:
        thread = threading.Thread(target=lambda: post(office.app.test_client(), key_path, changed))
        thread.start()
        thread.join()

    between(monkeypatch, correct)
    with office.app.app_context():
        assert rebuild_all().failed == 0
    assert rows(office, "visits") == []
    assert derive() == 1
    only_the_correction_counts(office)


def test_a_version_published_between_reading_and_storing(
    office: Office,
    client: FlaskClient,
    key_path: str,
    derive: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An interview of an unknown version, put in the queue again, is not held after its version was published."""
    publish(office, "1")
    post(client, key_path, interview(1, version="2"))
    assert [row["state"] for row in rows(office, "derivations")] == ["held"]
    with office.app.app_context():
        derivations = Base.metadata.tables["derivations"]
        db.session.execute(sa.update(derivations).values(state="waiting"))
        db.session.commit()
    honest = derive_flow.begin_writing
    turns = iter([lambda: publish(office, "2")])

    def begin(session: Any) -> None:
        next(turns, lambda: None)()
        honest(session)

    monkeypatch.setattr(derive_flow, "begin_writing", begin)
    assert derive() == 1
    assert [row["state"] for row in rows(office, "derivations")] == ["waiting"]
    assert derive() == 1
    assert [row["state"] for row in rows(office, "derivations")] == ["done"]
    assert rows(office, "submissions")[0]["instance_id"] == instance(1)


def publish(office: Office, version: str) -> None:
    def run() -> None:
        with office.app.app_context():
            session = db.session()
            begin_writing(session)
            publish_form(session, small_form(version), "small.md", {}, now=office.clock(), by=None)
            session.commit()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
