"""The office as a whole: backed up beside its work, made again, checked byte by byte, moved to PostgreSQL."""

from __future__ import annotations

import json
import os
import sqlite3
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ls_cl
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from kept import receive_every_kind
from office import Office
from postgres import driver
from small_form import post

from server.cli import main
from server.store import copying
from server.store.base import db

Command = Callable[..., Any]


@pytest.fixture
def busy(office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]) -> Office:
    """An office that has received something of every kind, and read it."""
    receive_every_kind(office, client, key_path)
    post(client, key_path, ls_cl.household([ls_cl.overworked_child()], ward="05977", village="05977.901"))
    derive()
    return office


@pytest.fixture
def run(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Run a command for the office in a folder; gives what it said as JSON, or its Result when it failed."""

    def command(*words: str, data: str = "data", database: str | None = None) -> Any:
        monkeypatch.setenv("MANGNON_DATA", str(tmp_path / data))
        monkeypatch.setenv("DATABASE_URL", database_url if database is None else database)
        result = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
        return json.loads(result.stdout) if result.exit_code == 0 else result

    return command


def problem_of(result: Result) -> str:
    assert result.exit_code == 1
    return str(json.loads(result.stderr)["problem"]["name"])


def proof_of(address: str) -> copying.Proof:
    engine = sa.create_engine(address, poolclass=sa.pool.NullPool)
    with copying.reading(engine) as connection:
        return copying.proof(connection)


def proof_of_office(office: Office) -> copying.Proof:
    with office.app.app_context(), copying.reading(db.engine) as connection:
        return copying.proof(connection)


def test_backed_up_and_restored_it_is_the_same_office(busy: Office, run: Command, tmp_path: Path) -> None:
    before, file = proof_of_office(busy), tmp_path / "sao-luu.zip"
    made = run("backup", str(file))
    assert (made["tables"]["submissions"], made["attachments"]) == (5, 1)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["data", "sao-luu.zip"]
    restored = run("restore", str(file), data="again", database="")
    assert restored["tables"] == made["tables"]
    again = tmp_path / "again"
    assert proof_of(f"sqlite:///{again / 'mangnon.db'}") == before
    assert (again / "secret.key").read_bytes() == (tmp_path / "data" / "secret.key").read_bytes()
    checked = run("verify", data="again", database="")
    assert (checked["ok"], checked["submissions"], checked["attachments"], checked["set_aside"]) == (
        True,
        5,
        1,
        1,
    )
    assert run("rebuild", "--check", data="again", database="")["same"] is True


def test_a_backup_of_either_database_becomes_a_postgresql(
    busy: Office, run: Command, tmp_path: Path, empty_postgres: str
) -> None:
    run("backup", str(tmp_path / "b.zip"))
    run("restore", str(tmp_path / "b.zip"), data="again", database=empty_postgres)
    assert proof_of(driver(empty_postgres)) == proof_of_office(busy)
    assert run("verify", data="again", database=empty_postgres)["ok"]
    added = run("people", "add", "Người Mới", "--role", "officer", data="again", database=empty_postgres)
    assert added["password"]  # The counters go on after the copied rows.


def test_nothing_is_overwritten(busy: Office, run: Command, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    run("backup", str(file))
    assert problem_of(run("backup", str(file))) == "backup_exists"
    assert problem_of(run("restore", str(file))) == "office_there"
    assert problem_of(run("backup", str(tmp_path / "none" / "b.zip"))) == "out_unwritable"
    assert problem_of(run("restore", str(tmp_path / "none.zip"), data="x", database="")) == "file_unreadable"


def test_a_damaged_backup_makes_no_office(busy: Office, run: Command, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    run("backup", str(file))
    whole = file.read_bytes()
    with zipfile.ZipFile(file) as pack:
        photo = next(entry for entry in pack.infolist() if entry.filename.startswith("attachments/"))
    at = whole.index(b"\xff\xd8\xff\xe0 a photo", photo.header_offset)
    for damaged in (whole[: len(whole) // 2], b"not a zip", whole[:at] + b"\x00" + whole[at + 1 :]):
        file.write_bytes(damaged)
        assert problem_of(run("restore", str(file), data="x", database="")) == "backup_damaged"
        assert not (tmp_path / "x" / "mangnon.db").exists()


def test_a_backup_of_a_newer_program_says_so(busy: Office, run: Command, tmp_path: Path) -> None:
    file = tmp_path / "b.zip"
    run("backup", str(file))
    with zipfile.ZipFile(file) as pack:
        content = {name: pack.read(name) for name in pack.namelist()}
    manifest = json.loads(content["manifest.json"]) | {"format": 99}
    with zipfile.ZipFile(file, "w") as pack:
        for name, value in (content | {"manifest.json": json.dumps(manifest).encode()}).items():
            pack.writestr(name, value)
    assert problem_of(run("restore", str(file), data="x", database="")) == "backup_newer"


def test_verify_names_what_differs(busy: Office, run: Command, tmp_path: Path) -> None:
    with busy.app.app_context():
        row = db.session.execute(sa.text("select id, instance_id from submissions order by id limit 1")).one()
        db.session.rollback()
        change = sa.text("update submissions set xml = :xml where id = :id")
        db.session.execute(change, {"xml": b"<other/>", "id": row.id})
        db.session.commit()
    (photo,) = (tmp_path / "data" / "attachments").glob("[0-9a-f][0-9a-f]/*")
    photo.write_bytes(b"other")
    result = run("verify")
    assert problem_of(result) == "kept_differs"
    assert json.loads(result.stdout)["differences"] == [
        {"kind": "submissions", "id": row.instance_id, "what": "other bytes"},
        {"kind": "attachments", "id": photo.name, "what": "other bytes"},
    ]
    photo.unlink()
    assert {"kind": "attachments", "id": photo.name, "what": "missing"} in json.loads(run("verify").stdout)[
        "differences"
    ]
    assert problem_of(run("backup", str(tmp_path / "b.zip"))) == "attachment_lost"
    assert not list(tmp_path.glob("b.zip*"))


def test_moving_proves_equality(
    busy: Office, run: Command, database_kind: str, empty_postgres: str, tmp_path: Path
) -> None:
    if database_kind == "postgresql":
        assert problem_of(run("move", "--to", empty_postgres)) == "move_target_wrong"
        return
    before = proof_of_office(busy)
    moved = run("move", "--to", empty_postgres)
    assert moved["equal"]
    assert moved["tables"]["submissions"] == {"rows": 5, "hash": before["submissions"].hash}
    assert proof_of(driver(empty_postgres)) == before == proof_of_office(busy)
    assert run("rebuild", "--check", database=empty_postgres)["same"] is True
    assert problem_of(run("move", "--to", empty_postgres)) == "target_not_empty"
    assert problem_of(run("move", "--to", "mysql://x")) == "move_target_wrong"
    assert problem_of(run("move", "--to", "postgresql://127.0.0.1:9/none")) == "database_unreachable"


def test_a_copy_that_differs_is_not_kept(
    busy: Office,
    run: Command,
    database_kind: str,
    empty_postgres: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if database_kind == "postgresql":
        return
    honest = copying.copy_rows

    def careless(source: Any, target: Any) -> None:
        honest(source, target)
        target.execute(sa.text("delete from attachments"))

    monkeypatch.setattr(copying, "copy_rows", careless)
    result = run("move", "--to", empty_postgres)
    assert problem_of(result) == "copy_differs"
    assert "attachments" in result.stderr
    assert proof_of(driver(empty_postgres))["submissions"].rows == 0


def test_the_copy_is_one_moment_while_others_write(busy: Office, database_kind: str, tmp_path: Path) -> None:
    """Someone who is in the middle of writing is not in the snapshot and does not stop it."""
    if database_kind == "postgresql":
        return
    with sqlite3.connect(tmp_path / "data" / "mangnon.db") as other:
        other.execute("BEGIN IMMEDIATE")
        other.execute("update submissions set form_version = 'x'")
        with busy.app.app_context():
            copying.snapshot(db.engine, tmp_path / "copy.db")
        other.execute("ROLLBACK")
    other.close()
    assert proof_of(f"sqlite:///{tmp_path / 'copy.db'}") == proof_of_office(busy)
    assert not os.path.exists(tmp_path / "copy.db-wal")
