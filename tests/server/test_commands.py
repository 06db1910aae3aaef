"""The commands as a script meets them: JSON alone on standard output, problems on standard error, exit codes."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner
from commands import bare_shell, office_shell, problem_of, run
from office import Template


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CliRunner:
    return bare_shell(tmp_path, monkeypatch)


@pytest.fixture
def shell(
    database_kind: str, bare: CliRunner, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> CliRunner:
    """Nothing set up yet."""
    if database_kind == "postgresql":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("empty_postgres"))
    return bare


@pytest.fixture
def office(
    template: Template, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> CliRunner:
    return office_shell(template, database_url, tmp_path, monkeypatch)


def test_init_sets_up_once_and_changes_nothing_after(shell: CliRunner) -> None:
    first = json.loads(run(shell, "init", "--practice", "--json").stdout)
    assert first["administrator"] == "Quản trị"
    assert len(first["password"]) >= 12
    assert first["published"] == ["ls_cl 1.1"]
    assert first["practice_villages"] > 0
    again = json.loads(run(shell, "init", "--practice", "--json").stdout)
    assert again == {
        "units": 0,
        "practice_villages": 0,
        "published": [],
        "round": "",
        "administrator": "",
        "password": "",
    }


def test_the_first_password_can_be_set_for_scripts(shell: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANGNON_ADMIN_PASSWORD", "mat-khau-rieng")
    assert json.loads(run(shell, "init", "--json").stdout)["password"] == "mat-khau-rieng"


def test_people_speak_to_people_without_json(shell: CliRunner) -> None:
    said = run(shell, "init").stdout
    assert "Mật khẩu dùng một lần" in said


def test_add_and_list_people(office: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANGNON_URL", "https://khaosat.example")
    result = run(office, "people", "add", "Người Thử", "--role", "collaborator", "--area", "05977", "--json")
    added = json.loads(result.stdout)
    assert set(added) == {"name", "password", "openrosa_url", "phone_link"}
    assert added["openrosa_url"].startswith("https://khaosat.example/key/")
    assert added["phone_link"].startswith("https://khaosat.example/phone/#/vao/")
    listed = json.loads(run(office, "people", "list", "--json").stdout)
    assert {"name": "Người Thử", "role": "collaborator", "area": ["05977"], "active": True} in listed
    assert "Người Thử" in run(office, "people", "list").stdout


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("Người Thử", "--role", "king"), "role_unknown"),
        (("Quản trị", "--role", "officer"), "name_taken"),
        (("a:b", "--role", "officer"), "name_empty"),
        (("Người Thử", "--role", "collaborator"), "area_needed"),
        (("Người Thử", "--role", "collaborator", "--area", "05980"), "area_unknown"),
    ],
)
def test_adding_people_wrongly(office: CliRunner, words: tuple[str, ...], name: str) -> None:
    assert problem_of(run(office, "people", "add", *words, "--json")) == name


def test_a_folder_that_was_never_set_up(shell: CliRunner) -> None:
    assert problem_of(run(shell, "people", "list", "--json")) == "not_set_up"
    words = run(shell, "people", "list")
    assert "C102" in words.stderr
    assert "mangnon init" in words.stderr


def test_wrong_settings(shell: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "eighty")
    assert problem_of(run(shell, "people", "list", "--json")) == "settings_wrong"


def test_a_folder_that_cannot_be_made(
    shell: CliRunner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("MANGNON_DATA", str(tmp_path / "file" / "data"))
    assert problem_of(run(shell, "init", "--json")) == "folder_unwritable"


def test_a_port_that_is_taken(office: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        monkeypatch.setenv("PORT", str(other.getsockname()[1]))
        result = run(office, "serve")
    assert result.exit_code == 1
    assert "C104" in result.stderr


CSV = "code,name,kind,ward_code,lat,lon,households\n05977.001,Thôn Thử,thon,05977,21.82,106.77,120\n"


def test_loading_places_ends_practice(office: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "thon.csv"
    file.write_text(CSV, encoding="utf-8")
    dry = json.loads(run(office, "places", "load", str(file), "--dry-run", "--json").stdout)
    assert (dry["loaded"], dry["accepted"]) == (False, 1)
    loaded = json.loads(run(office, "places", "load", str(file), "--json").stdout)
    assert (loaded["loaded"], loaded["problem_count"]) == (True, 0)
    listed = json.loads(run(office, "places", "list", "--json").stdout)
    assert [row["code"] for row in listed if row["level"] == "village"] == ["05977.001"]
    assert "Thôn Thử" in run(office, "places", "list").stdout


def test_a_bad_list_names_its_lines_and_loads_nothing(office: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "thon.csv"
    file.write_text(CSV + "05977.002,Khối Thử,quan,05977,21.82,106.77,10\n", encoding="utf-8")
    result = run(office, "places", "load", str(file), "--json")
    assert problem_of(result) == "places_refused"
    assert json.loads(result.stderr)["report"]["problems"][0]["line"] == 3
    assert "dòng 3" in run(office, "places", "load", str(file)).stderr
    listed = json.loads(run(office, "places", "list", "--json").stdout)
    assert "05977.001" not in {row["code"] for row in listed}


def test_locating_a_point(office: CliRunner) -> None:
    said = run(
        office, "places", "locate", "--lat", "21.8525", "--lon", "106.7622", "--on", "2026-11-24", "--json"
    )
    place = json.loads(said.stdout)
    assert set(place) >= {"ward", "village", "distance_m", "runner_up", "candidate_wards", "flags", "method"}


def test_publishing_and_listing_forms(office: CliRunner, tmp_path: Path) -> None:
    from small_form import small_form

    file = tmp_path / "small.md"
    file.write_bytes(small_form())
    made = json.loads(run(office, "forms", "publish", str(file), "--json").stdout)
    assert set(made) == {"form_id", "version", "hash", "warnings"}
    file.write_bytes(small_form().replace(b"| Q  ", b"| Q2 "))
    assert problem_of(run(office, "forms", "publish", str(file), "--json")) == "version_taken"
    assert (
        problem_of(run(office, "forms", "publish", str(tmp_path / "none.md"), "--json")) == "file_unreadable"
    )
    file.write_bytes(b"| survey |\n| | type | name | label |\n| | strange | q | Q |\n")
    refused = run(office, "forms", "publish", str(file), "--json")
    assert problem_of(refused).startswith("form_")
    assert json.loads(refused.stderr)["problems"]
    assert "→" in run(office, "forms", "publish", str(file)).stderr
    listed = json.loads(run(office, "forms", "list", "--json").stdout)
    assert {"ls_cl", "small"} <= {row["form_id"] for row in listed}


def test_an_empty_round_gives_a_valid_workbook(office: CliRunner, tmp_path: Path) -> None:
    import openpyxl

    out = tmp_path / "so.xlsx"
    for variant in ("identifiable", "deidentified"):
        said = json.loads(
            run(office, "export", "ministry", "--out", str(out), "--variant", variant, "--json").stdout
        )
        assert said["round"] == "2026"
        names = openpyxl.load_workbook(out).sheetnames
        assert names[0] == "00_ThongTin"
        assert names[-1] == "91_TuDien"
    assert (
        problem_of(run(office, "export", "ministry", "--out", str(out), "--round", "1999", "--json"))
        == "round_unknown"
    )
    nowhere = str(tmp_path / "none" / "so.xlsx")
    assert problem_of(run(office, "export", "ministry", "--out", nowhere, "--json")) == "file_unwritable"


def test_rebuild_of_nothing(office: CliRunner) -> None:
    said = json.loads(run(office, "rebuild", "--check", "--json").stdout)
    assert (said["submissions"], said["same"]) == (0, True)
