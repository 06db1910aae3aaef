"""``mangnon practice make`` and ``mangnon children link`` from the shell: JSON alone on standard output."""

from __future__ import annotations

import json
from pathlib import Path

from click.testing import CliRunner

from server.cli import main


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(main, arguments)
    return result.exit_code, result.stdout, result.stderr


def test_an_invented_population_is_linked_again(tmp_path: Path) -> None:
    folder = tmp_path / "made"
    code, out, _ = run(
        "practice", "make", "--households", "80", "--seed", "3", "--out", str(folder), "--json"
    )
    assert code == 0
    made = json.loads(out)
    assert made["rows"] > made["children"] > 80
    code, out, err = run("children", "link", str(folder / "children.csv"), "--json")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert set(found[0]) == {"a", "b", "score", "reasons"}
    truth = dict(line.split(",")[:2] for line in (folder / "truth.csv").read_text().splitlines()[1:])
    right = [pair for pair in found if truth[pair["a"]] == truth[pair["b"]]]
    assert len(right) >= 0.97 * len(found)
    assert len(right) > 40


def test_a_list_without_names_is_told_on_standard_error(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,birth\n1,2014\n")
    code, out, err = run("children", "link", str(path), "--json")
    assert (code, out) == (1, "")
    assert json.loads(err)["problem"]["code"] == "R101"


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, _, err = run("practice", "make", "--households", "1", "--out", str(tmp_path / "file"), "--json")
    assert code == 1
    assert json.loads(err)["problem"]["name"] == "folder_unwritable"


def test_an_empty_list_has_no_pairs(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text("id,name,birth,sex,ward,village,mother,father,personal_id\n")
    assert run("children", "link", str(path), "--json")[1].strip() == "[]"
