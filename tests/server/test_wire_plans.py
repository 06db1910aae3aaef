"""The questions asked for every submission are answered from indexes, so that a million stored ones cost nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from office import Office
from small_form import post

from server.flows import rebuild
from server.store import people, submissions
from server.store.base import db
from tests.builders import ls_cl


@pytest.mark.parametrize(
    ("statement", "values"),
    [
        (submissions._AROUND, {"province": "20", "instance": "uuid:x"}),
        (submissions._FILES, {"province": "20", "submission": "x"}),
        (people._HOLDER, {"secret": "x"}),
    ],
    ids=["around", "files", "holder"],
)
def test_no_table_is_read_whole(
    office: Office, statement: sa.Select[tuple[str]], values: dict[str, str]
) -> None:
    with office.app.app_context():
        compiled = statement.compile(db.engine, compile_kwargs={"render_postcompile": True})
        steps = _plan(str(compiled), {**compiled.params, **values}, compiled.positiontup)
        db.session.rollback()
    assert [step for step in steps if step.startswith("SCAN") or "Seq Scan on" in step] == []
    of_submissions = [step for step in steps if "submissions" in step and step.startswith("SEARCH")]
    assert all("instance_id=?" in step or "deprecated_id=?" in step for step in of_submissions), steps


def _plan(text: str, values: dict[str, object], order: list[str] | None) -> list[str]:
    """How the database means to answer; PostgreSQL reads a small table whole unless it is told not to."""
    connection = db.session.connection()
    if db.engine.dialect.name == "sqlite":
        given = tuple(values[name] for name in order or ())
        return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", given)]
    connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
    return [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {text}", values)]


def test_a_rebuild_by_several_processes_gives_the_same(
    office: Office,
    client: FlaskClient,
    key_path: str,
    derive: Callable[[], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    children = [ls_cl.lawful_child(), ls_cl.overworked_child(), ls_cl.endangered_child()]
    for number in range(1, 4):
        assert post(client, key_path, ls_cl.household(children, number=number)).status_code == 201
    derive()
    monkeypatch.setattr(rebuild, "ALONE", 0)
    with office.app.app_context():
        done = rebuild.rebuild_all(check=True, processes=2)
    assert (done.submissions, done.failed, done.same) == (3, 0, True)
