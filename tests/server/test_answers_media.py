"""The photos and files of a form's interviews leave with its tables: by stable names, by area, one after another."""

from __future__ import annotations

import csv
import io
import json
import tempfile
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from commands import office_shell, problem_of, run
from flask.testing import FlaskClient
from kept import JPEG, TRIAL_JPEG, publish_small, receive_every_kind, receive_trials
from office import Office, Template
from small_form import instance, interview, post
from web_hands import signed_in

from server.flows.export_media import add_media
from server.store.base import db
from server.store.blobs import BlobFolder


def fetched(browser: FlaskClient, path: str = "/export/answers", **form: str) -> dict[str, bytes]:
    with browser.post(path, data=form) as answer:
        assert answer.status_code == 200
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def test_every_file_stands_where_its_row_says(office: Office, client: FlaskClient, key_path: str) -> None:
    receive_every_kind(office, client, key_path)
    post(client, key_path, interview(7, photo="ảnh.jpg"), {"ảnh.jpg": b"other", "../ngoài.pdf": b"unasked"})
    post(client, key_path, interview(7, photo="ảnh.jpg"), {"ảnh.jpg": b"third"})
    content = fetched(signed_in(office), form="small", kind="media")
    table = list(csv.DictReader(io.StringIO(content.pop("small.csv").decode("utf-8-sig"))))
    second, seventh = (instance(number).removeprefix("uuid:") for number in (2, 7))
    assert content[f"media/{second}/ảnh.jpg"] == JPEG
    under = {name: value for name, value in content.items() if name.startswith(f"media/{seventh}/")}
    assert set(under.values()) == {b"other", b"third", b"unasked"}
    assert len(content) == 4, "what an edit has replaced has no row and no file here"
    for row in table:
        if row["photo"]:
            assert f"media/{row['KEY'].removeprefix('uuid:')}/{row['photo']}" in content
    assert all(name.startswith("media/") and ".." not in name for name in content)
    with office.app.app_context():
        query = sa.text("select details from audit where action = 'export.answers'")
        assert json.loads(db.session.scalar(query) or "")["media"] == 4


def test_only_the_own_area_s_files(office: Office, client: FlaskClient, key_path: str) -> None:
    publish_small(office)
    other = office.add("Người Nơi Khác", "collaborator", "06187").openrosa_url
    post(client, key_path, interview(1, photo="a.jpg"), {"a.jpg": b"own"})
    away = other.removeprefix("http://127.0.0.1:8000")
    post(client, away, interview(2, photo="b.jpg"), {"b.jpg": b"strange"})
    officer = signed_in(office, office.add("Cán Bộ Thử", "officer", "05977"))
    files = fetched(officer, form="small", kind="media")
    assert [value for name, value in files.items() if name.startswith("media/")] == [b"own"]
    collaborator = signed_in(office, office.add("Cộng Tác", "collaborator", "05977"))
    assert collaborator.post("/export/answers", data={"form": "small", "kind": "media"}).status_code == 403
    assert 'value="media"' in officer.get("/export").text


def test_trials_leave_with_theirs(office: Office, client: FlaskClient, key_path: str) -> None:
    receive_every_kind(office, client, key_path)
    receive_trials(office, client)
    content = fetched(signed_in(office), "/admin/forms/small/trials.zip")
    own = instance(1).removeprefix("uuid:")
    assert {name: value for name, value in content.items() if name.startswith("media/")} == {
        f"media/{own}/thử.jpg": TRIAL_JPEG
    }


def test_a_lost_file_is_named_and_stops_nothing(office: Office, client: FlaskClient, key_path: str) -> None:
    publish_small(office)
    post(client, key_path, interview(1, photo="a.jpg"), {"a.jpg": b"lost"})
    blobs = office.app.extensions["mangnon.blobs"]
    for name in blobs.names():
        blobs.path(name).unlink()
    content = fetched(signed_in(office), form="small", kind="media")
    own = instance(1).removeprefix("uuid:")
    assert content["media-missing.txt"].decode() == f"media/{own}/a.jpg\n"


def test_memory_holds_no_file(tmp_path: Path) -> None:
    blobs = BlobFolder(tmp_path / "blobs")
    blobs.prepare()
    large = [blobs.put(BytesIO(bytes([number]) * 20_000_000)).sha256 for number in (1, 2)]
    with tempfile.TemporaryFile(dir=tmp_path) as out:
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("f.csv", "KEY\n")
        tracemalloc.start()
        done = add_media(out, ((f"uuid:{name}", "a.jpg", name) for name in large), blobs)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert done == (2, 0)
        assert peak < 3_000_000
        with zipfile.ZipFile(out) as archive:
            assert len(archive.namelist()) == 3


@pytest.fixture
def shell(
    template: Template, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    return office_shell(template, database_url, tmp_path, monkeypatch)


def test_the_command_adds_media_to_a_zip_only(shell: CliRunner, tmp_path: Path) -> None:
    out = tmp_path / "a.zip"
    words = ("export", "answers", "--form", "ls_cl", "--media", "--json", "--out")
    told = json.loads(run(shell, *words, str(out)).stdout)
    assert (told["media"], told["media_lost"]) == (0, 0)
    assert zipfile.is_zipfile(out)
    assert problem_of(run(shell, *words, str(tmp_path / "a.xlsx"))) == "export_kind_unknown"
