"""What was filled with a draft is kept data too: written out apart, checked, backed up, moved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.testing import FlaskClient
from kept import JPEG, TRIAL_JPEG, receive_every_kind, receive_trials
from office import Office
from postgres import driver
from small_form import instance

from server.cli import main
from server.flows.raw_copies import write_raw
from server.store import copying
from server.store.base import db
from server.store.trials import TRIALS


@pytest.fixture
def sent(office: Office, client: FlaskClient, key_path: str) -> dict[str, bytes]:
    """Real interviews and trials under the same instance ids."""
    receive_every_kind(office, client, key_path)
    return receive_trials(office, client)


def run(*words: str) -> tuple[int, Any]:
    result = CliRunner().invoke(main, [*words, "--json"], catch_exceptions=False)
    return result.exit_code, json.loads(result.stdout)


@pytest.fixture
def shell(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANGNON_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("DATABASE_URL", database_url)


def test_trials_are_written_byte_for_byte_and_apart(
    office: Office, sent: dict[str, bytes], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with office.app.app_context():
        done = write_raw(db.session(), office.app.extensions["mangnon.blobs"], out)
    assert (done.submissions, done.versions, done.trials, done.attachments) == (2, 2, 2, 4)
    apart = out / "trial interviews"
    own = f"small/{sent['version'].decode()}/{instance(1).removeprefix('uuid:')}"
    assert {
        str(path.relative_to(apart)): path.read_bytes() for path in apart.rglob("*") if path.is_file()
    } == {
        f"{own}/trial.xml": sent["first"],
        f"{own}/thử.jpg": TRIAL_JPEG,
        f"{own}/versions/1/version.xml": sent["other"],
    }
    assert not [path for path in out.rglob("submission.xml") if apart in path.parents]
    assert TRIAL_JPEG not in [path.read_bytes() for path in out.rglob("*.jpg") if apart not in path.parents]
    assert JPEG not in [path.read_bytes() for path in apart.rglob("*.jpg")]


@pytest.mark.usefixtures("shell")
def test_verify_names_a_trial_and_its_photo_that_differ(
    office: Office, sent: dict[str, bytes], tmp_path: Path
) -> None:
    status, told = run("verify")
    assert (status, told["ok"], told["trials"], told["attachments"]) == (0, True, 2, 2)
    with office.app.app_context():
        changed = sa.update(TRIALS).where(TRIALS.c.xml == sent["other"]).values(xml=b"<other/>")
        db.session.execute(changed)
        (listed,) = db.session.scalars(sa.select(TRIALS.c.files).where(TRIALS.c.xml == sent["first"]))
        db.session.commit()
    photo = listed[0]["sha256"]
    (tmp_path / "data" / "attachments" / photo[:2] / photo).write_bytes(b"other")
    status, told = run("verify")
    assert (status, told["differences"]) == (
        1,
        [
            {"kind": "trials", "id": instance(1), "what": "other bytes"},
            {"kind": "attachments", "id": photo, "what": "other bytes"},
        ],
    )


@pytest.mark.usefixtures("shell")
def test_a_backup_carries_trials_and_their_photos(
    office: Office, sent: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with office.app.app_context(), copying.reading(db.engine) as connection:
        before = copying.proof(connection)
    file = tmp_path / "sao-luu.zip"
    status, made = run("backup", str(file))
    assert (status, made["tables"]["trials"], made["attachments"]) == (0, 2, 2)
    monkeypatch.setenv("MANGNON_DATA", str(tmp_path / "again"))
    monkeypatch.setenv("DATABASE_URL", "")
    assert run("restore", str(file))[0] == 0
    assert run("verify")[1]["trials"] == 2
    run("submissions", "raw", "--out", str(tmp_path / "out"))
    (photo,) = (tmp_path / "out" / "trial interviews").rglob("*.jpg")
    assert photo.read_bytes() == TRIAL_JPEG
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'again' / 'mangnon.db'}", poolclass=sa.pool.NullPool)
    with copying.reading(engine) as connection:
        assert copying.proof(connection)["trials"] == before["trials"]


@pytest.mark.usefixtures("shell", "sent")
def test_a_move_carries_trials(office: Office, database_kind: str, empty_postgres: str) -> None:
    if database_kind == "postgresql":
        pytest.skip("only an embedded database moves")
    status, moved = run("move", "--to", empty_postgres)
    assert (status, moved["tables"]["trials"]["rows"]) == (0, 2)
    engine = sa.create_engine(driver(empty_postgres), poolclass=sa.pool.NullPool)
    with copying.reading(engine) as there, office.app.app_context(), copying.reading(db.engine) as here:
        assert copying.proof(there)["trials"] == copying.proof(here)["trials"]
