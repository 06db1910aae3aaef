"""Any form through the whole server, and its answers out again: whole, by area, audited, by page and command."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
import sqlalchemy as sa
from any_form import CASES, MEDIA, filled
from click.testing import CliRunner
from commands import office_shell, problem_of, run
from flask.testing import FlaskClient
from office import Office, Template
from small_form import interview, post, small_form
from web_hands import signed_in

from forms.schema import read_schema
from server.flows import form_files
from server.flows.publish_form import publish_form
from server.store import forms
from server.store.base import begin_writing, db
from server.store.submissions import DERIVATIONS


def publish(
    office: Office, source: bytes, name: str = "small.md", media: dict[str, bytes] | None = None
) -> str:
    with office.app.app_context():
        session = db.session()
        begin_writing(session)
        made = publish_form(session, source, name, media or {}, now=office.clock(), by=None)
        session.commit()
    return made.form_id


def export(browser: FlaskClient, form_id: str, kind: str = "zip") -> dict[str, list[dict[str, str]]]:
    with browser.post("/export/answers", data={"form": form_id, "kind": kind}) as answer:
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "no-store"
        content = answer.data
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {
            name: list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))
            for name in archive.namelist()
        }


def test_every_form_of_the_corpus_goes_in_and_comes_out(
    office: Office, client: FlaskClient, key_path: str, derive: Callable[[], int]
) -> None:
    ids = [publish(office, case.read_bytes(), case.name, MEDIA) for case in CASES]
    list_of_forms = client.get(f"{key_path}/formList").text
    for form_id in ids:
        assert f"<formID>{form_id}</formID>" in list_of_forms
        with office.app.app_context():
            form = forms.current_of(db.session(), form_id)
            assert form is not None
            schema = form_files.schema_of(form)
        got = client.get(f"{key_path}/forms/{form_id}/{form.version}/form.xml") if form.version else None
        assert got is None or read_schema(got.data).form_id == form_id
        sent = post(client, key_path, filled(schema, len(form_id) + ids.index(form_id) * 100))
        assert sent.status_code in (201, 202), (form_id, sent.text)
    assert derive() == len(ids)
    with office.app.app_context():
        states = db.session().scalars(sa.select(DERIVATIONS.c.state)).all()
    assert set(states) == {"done"}
    browser = signed_in(office)
    for form_id in ids:
        tables = export(browser, form_id)
        (row,) = tables[f"{form_id}.csv"]
        assert row["problem"] == ""
        assert row["sent_by"] == "Cộng Tác Viên Thử"
        if form_id == "attached_lists":
            assert (row["ward:label"], row["goods:label"]) == ("Đông Kinh", "05977; 05980")
        if form_id == "external_choices":
            manifest = client.get(f"{key_path}/forms/{form_id}/1/manifest").text
            assert "itemsets.csv" in manifest


def test_versions_unknown_forms_and_encrypted_ones_have_their_row_too(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    publish(office, small_form("1"))
    publish(office, small_form("2").replace(b"| q     | Q         |", b"| q2 | Q |"))
    secret = interview(4, version="1").replace(b"<data ", b'<data encrypted="yes" ')
    for xml in (
        interview(1),
        interview(2, version="2").replace(b"q>", b"q2>"),
        interview(3, version="9"),
        secret,
    ):
        assert post(client, key_path, xml).status_code in (201, 202)
        office.clock.pass_(minutes=1)
    rows = export(signed_in(office), "small")["small.csv"]
    assert [(row["form_version"], row["q"], row["q2"], row["problem"][:4]) for row in rows] == [
        ("1", "a", "", ""),
        ("2", "", "a", ""),
        ("9", "", "", rows[2]["problem"][:4]),
        ("1", "", "", "F208"),
    ]
    assert "9" in rows[2]["problem"]


def test_an_officer_gets_the_own_area_only_and_the_log_says_it(
    office: Office, client: FlaskClient, key_path: str
) -> None:
    publish(office, small_form())
    assert post(client, key_path, interview(1, answer="đông kinh")).status_code == 201
    other = office.add("Người Nơi Khác", "collaborator", "06187").openrosa_url
    path = other.removeprefix("http://127.0.0.1:8000")
    assert post(client, path, interview(2, answer="nơi khác")).status_code == 201
    officer = signed_in(office, office.add("Cán Bộ Thử", "officer", "05977"))
    assert [row["q"] for row in export(officer, "small")["small.csv"]] == ["đông kinh"]
    assert len(export(signed_in(office), "small")["small.csv"]) == 2
    with office.app.app_context():
        lines = db.session().execute(
            sa.text("select person_id, details from audit where action = 'export.answers' order by id")
        )
        told = [(line.person_id, json.loads(line.details)) for line in lines]
    assert told[0] == (
        office.people["Cán Bộ Thử"].id,
        {"kind": "zip", "rows": {"small.csv": 1}, "unread": 0},
    )
    assert len(told) == 2


def test_the_page_offers_every_form_and_refuses_what_it_does_not_know(office: Office) -> None:
    publish(office, small_form())
    browser = signed_in(office)
    page = browser.get("/export").text
    assert 'value="small"' in page
    assert 'value="ls_cl"' in page
    assert browser.post("/export/answers", data={"form": "small", "kind": "exe"}).status_code == 400
    unknown = browser.post("/export/answers", data={"form": "none", "kind": "zip"})
    assert (unknown.status_code, "F227" in unknown.text) == (404, True)
    with browser.post("/export/answers", data={"form": "ls_cl", "kind": "xlsx"}) as answer:
        book = openpyxl.load_workbook(io.BytesIO(answer.data))
    assert book.sheetnames[0] == "ls_cl"
    collaborator = signed_in(office, office.add("Cộng Tác", "collaborator", "05977"))
    assert collaborator.post("/export/answers", data={"form": "small", "kind": "zip"}).status_code == 403


@pytest.fixture
def ready(
    template: Template, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    return office_shell(template, database_url, tmp_path, monkeypatch)


def test_the_command_writes_a_whole_file_or_none(ready: CliRunner, tmp_path: Path) -> None:
    for kind in ("zip", "xlsx"):
        out = tmp_path / f"tra_loi.{kind}"
        said = json.loads(
            run(ready, "export", "answers", "--form", "ls_cl", "--out", str(out), "--json").stdout
        )
        assert (said["form_id"], said["versions"], said["unread"]) == ("ls_cl", ["1.1"], 0)
        assert sum(said["rows"].values()) == 0
        assert len(said["sha256"]) == 64
        assert out.stat().st_size > 0
    wrong = str(tmp_path / "a.exe")
    assert (
        problem_of(run(ready, "export", "answers", "--form", "ls_cl", "--out", wrong, "--json"))
        == "export_kind_unknown"
    )
    lost = str(tmp_path / "b.zip")
    assert (
        problem_of(run(ready, "export", "answers", "--form", "none", "--out", lost, "--json"))
        == "form_not_published"
    )
    nowhere = str(tmp_path / "none" / "b.zip")
    assert (
        problem_of(run(ready, "export", "answers", "--form", "ls_cl", "--out", nowhere, "--json"))
        == "file_unwritable"
    )
    assert sorted(path.name for path in tmp_path.iterdir() if path.is_file()) == [
        "tra_loi.xlsx",
        "tra_loi.zip",
    ]
    assert "Đã ghi" in run(ready, "export", "answers", "--form", "ls_cl", "--out", lost).stdout


def test_drafts_by_command(ready: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "small.md"
    file.write_bytes(small_form("1"))
    media = tmp_path / "media"
    media.mkdir()
    (media / "thua.png").write_bytes(b"x")
    made = json.loads(
        run(ready, "forms", "publish", str(file), "--draft", "--media", str(media), "--json").stdout
    )
    assert (made["form_id"], made["version"], made["draft"]) == ("small", "1", True)
    assert "media_unnamed" in [warning["name"] for warning in made["warnings"]]
    listed = json.loads(run(ready, "forms", "list", "--json").stdout)
    assert [
        (row["version"], row["state"], row["trial_of"]) for row in listed if row["form_id"] == "small"
    ] == [(made["trial_version"], "draft", "1")]
    released = json.loads(run(ready, "forms", "release", "small", "--json").stdout)
    assert (released["form_id"], released["version"]) == ("small", "1")
    assert problem_of(run(ready, "forms", "release", "small", "--json")) == "draft_unknown"
    file.write_bytes(small_form("2"))
    assert "Bản thử" in run(ready, "forms", "publish", str(file), "--draft").stdout
    assert json.loads(run(ready, "forms", "discard", "small", "--json").stdout) == {
        "form_id": "small",
        "version": "2",
    }
    assert problem_of(run(ready, "forms", "discard", "small", "--json")) == "draft_unknown"
    nowhere = str(tmp_path / "none")
    assert (
        problem_of(run(ready, "forms", "publish", str(file), "--media", nowhere, "--json"))
        == "file_unreadable"
    )


BEFORE = """| survey |
| | type | name | label |
| | select_one a | kept | Kept |
| | text | gone | Gone |
| | text | kind | Kind |
| | text | walks | Walks |
| choices |
| | list_name | name | label |
| | a | 1 | One |
| | a | 2 | Two |
| settings |
| | form_id | version |
| | so_sanh | {version} |
"""
AFTER = (
    BEFORE.replace("| | text | gone | Gone |\n", "| | text | come | Come |\n")
    .replace("| text | kind |", "| integer | kind |")
    .replace(
        "| | text | walks | Walks |",
        "| | begin group | g | G |\n| | text | walks | Walks |\n| | end group | | |",
    )
    .replace("| | a | 2 | Two |", "| | a | 3 | Three |")
    .replace("| Kept |", "| Kept! |")
)


def test_what_a_new_version_changes_is_reported_before_and_warned_of_when_publishing(
    ready: CliRunner, tmp_path: Path
) -> None:
    file = tmp_path / "so_sanh.md"
    file.write_text(BEFORE.format(version="1"))
    alone = json.loads(run(ready, "forms", "compare", str(file), "--json").stdout)
    assert (alone["against"], alone["changes"]) == (None, None)
    assert "biểu mẫu mới" in run(ready, "forms", "compare", str(file)).stdout
    run(ready, "forms", "publish", str(file), "--json")
    file.write_text(AFTER.format(version="2"))
    report = json.loads(run(ready, "forms", "compare", str(file), "--json").stdout)
    assert (report["form_id"], report["version"], report["against"]) == ("so_sanh", "2", "1")
    assert report["changes"] == {
        "added": ["/come"],
        "removed": ["/gone"],
        "moved": [{"name": "walks", "before": "/walks", "after": "/g/walks"}],
        "retyped": [{"path": "/kind", "before": "text", "after": "int"}],
        "relabelled": [{"path": "/kept", "before": "Kept", "after": "Kept!"}],
        "choices": [{"path": "/kept", "added": ["3"], "removed": ["2"], "relabelled": []}],
        "nothing": False,
        "loses_answers": True,
    }
    words = run(ready, "forms", "compare", str(file)).stdout
    assert all(
        part in words for part in ("+ /come", "- /gone", "/walks → /g/walks", "text → int", "+ 3; - 2")
    )
    listed = json.loads(run(ready, "forms", "list", "--json").stdout)
    assert [row["version"] for row in listed if row["form_id"] == "so_sanh"] == ["1"], (
        "comparing keeps nothing"
    )
    made = json.loads(run(ready, "forms", "publish", str(file), "--json").stdout)
    names = [warning["name"] for warning in made["warnings"]]
    assert {"change_removed", "change_retyped", "change_choices"} <= set(names)
    again = json.loads(run(ready, "forms", "publish", str(file), "--json").stdout)
    assert not [
        name for name in (warning["name"] for warning in again["warnings"]) if name.startswith("change_")
    ]
    file.write_text(AFTER.format(version="3"))
    assert "không đổi gì" in run(ready, "forms", "compare", str(file)).stdout
