"""Many interviews derived together: as many questions to the database as one needs, and the same rows as one by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post

from server.flows import derive
from server.flows.derive import derive_waiting
from server.flows.rebuild import rebuild_all
from server.store import derived
from server.store.base import db
from server.store.entity_log import LOG

VILLAGE = "05977.901"


def send(client: FlaskClient, key_path: str, numbers: range) -> None:
    for number in numbers:
        children = [ls_cl.lawful_child(), ls_cl.overworked_child()]
        xml = ls_cl.household(children, ward="05977", village=VILLAGE, number=number)
        assert post(client, key_path, xml).status_code in (201, 202)


def statements_of(office: Office, work: Callable[[], object]) -> int:
    said: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        said.append(statement)

    with office.app.app_context():
        sa.event.listen(db.engine, "before_cursor_execute", count)
        try:
            work()
        finally:
            sa.event.remove(db.engine, "before_cursor_execute", count)
    return len(said)


def test_twelve_interviews_cost_no_more_statements_than_one(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    send(client, key_path, range(1, 2))
    one = statements_of(office, lambda: derive_waiting(limit=100, now=office.clock()))
    send(client, key_path, range(2, 14))
    assert statements_of(office, lambda: derive_waiting(limit=100, now=office.clock())) <= one


def test_together_gives_what_one_by_one_gives(office: Office, client: FlaskClient, key_path: str) -> None:
    send(client, key_path, range(1, 6))
    with office.app.app_context():
        while derive_waiting(limit=1, now=office.clock()):
            pass
        one_by_one = derived.fingerprint(db.session().connection())
        result = rebuild_all(check=True)
    assert (result.before, result.after) == (one_by_one, one_by_one)


def test_a_new_household_and_child_are_noted_once_for_the_phones(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    send(client, key_path, range(1, 3))
    assert derive() == 2
    with office.app.app_context():
        rows = db.session.execute(sa.select(LOG.c.kind, sa.func.count()).group_by(LOG.c.kind))
        assert {kind: number for kind, number in rows} == {"household": 2, "child": 4}
        assert rebuild_all().failed == 0
        assert db.session.scalar(sa.select(sa.func.count()).select_from(LOG)) == 6


def test_an_edit_that_comes_between_reading_and_storing_is_not_overrun(
    office: Office, client: FlaskClient, key_path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = ls_cl.household([ls_cl.lawful_child(), ls_cl.overworked_child()], ward="05977", village=VILLAGE)
    old = first.split(b"instanceID>")[1].split(b"<")[0].decode()
    new = "uuid:99999999-0000-4000-8000-000000000001"
    edit = ls_cl.household(
        [ls_cl.lawful_child()], ward="05977", village=VILLAGE, instance_id=new, deprecated_id=old
    )
    assert post(client, key_path, first).status_code in (201, 202)
    read = derive.work_out_all

    def then_the_edit_comes(*args: Any) -> Any:
        outcomes = read(*args)
        monkeypatch.setattr(derive, "work_out_all", read)
        assert post(office.app.test_client(), key_path, edit).status_code in (201, 202)
        return outcomes

    monkeypatch.setattr(derive, "work_out_all", then_the_edit_comes)
    with office.app.app_context():
        assert derive_waiting(limit=1, now=office.clock()) == 1
        assert db.session.scalar(sa.select(sa.func.count()).select_from(derived.OBSERVATIONS)) == 0
        while derive_waiting(limit=10, now=office.clock()):
            pass
        assert db.session.scalar(sa.select(sa.func.count()).select_from(derived.OBSERVATIONS)) == 1
        assert rebuild_all(check=True).same
