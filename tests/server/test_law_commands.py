"""``mangnon law``: cases in, judgements out, without a data folder; the rules as a table; the archive judged again."""

from __future__ import annotations

import json
import os
import select
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import law_cases
import pytest
from click.testing import CliRunner, Result

from server.cli import main

CASE = law_cases.child(id="a", birth_date="2012-01-01", jobs=[law_cases.job(hours=[5, 0, 0, 0, 0, 0, 0])])


@pytest.fixture
def shell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name in [key for key in os.environ if key.startswith(("MANGNON_", "DATABASE_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MANGNON_DATA", str(tmp_path / "none"))
    return CliRunner()


def judge(shell: CliRunner, content: Any, *words: str) -> Result:
    text = content if isinstance(content, str | bytes) else json.dumps(content)
    result = shell.invoke(main, ["law", "judge", "-", *words], input=text, catch_exceptions=False)
    assert not Path(os.environ["MANGNON_DATA"]).exists()
    return result


def problem(result: Result) -> dict[str, Any]:
    assert result.exit_code == 1
    said: dict[str, Any] = json.loads(result.stderr)["problem"]
    return said


def test_cases_in_judgements_out(shell: CliRunner, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_bytes(b"\xef\xbb\xbf" + json.dumps([CASE, {**CASE, "id": "b", "jobs": []}]).encode())
    result = shell.invoke(main, ["law", "judge", str(file), "--json"], catch_exceptions=False)
    one, two = json.loads(result.stdout)
    assert (one["id"], two["id"]) == ("a", "b")
    assert set(one["profiles"]) == {"VN-LC2019", "SDG-8.7.1-EA", "SDG-8.7.1-EA-HC", "MICS-28"}
    law = one["profiles"]["VN-LC2019"]
    assert (law["class"], law["unlawful"], law["procedural_only"]) == ("UNLAWFUL", True, False)
    assert [(found["code"], found["suffix"]) for found in law["findings"]] == [("U15_DAY", "")]
    assert one["profiles"]["SDG-8.7.1-EA"]["child_labour"] is False
    assert two["profiles"]["VN-LC2019"]["class"] == "NOT_WORKING"


def test_profiles_and_policies_are_chosen(shell: CliRunner) -> None:
    family = {**CASE, "jobs": [law_cases.job("family", hours=[5, 0, 0, 0, 0, 0, 0])]}
    words = [
        "--profile",
        "VN-LC2019",
        "--profile",
        "VN-NCLS2018",
        "--policy",
        "apply_to_family=true",
        "--json",
    ]
    (answer,) = json.loads(judge(shell, [family], *words).stdout)
    assert list(answer["profiles"]) == ["VN-LC2019", "VN-NCLS2018"]
    law = answer["profiles"]["VN-LC2019"]
    assert (law["class"], law["policies"]["apply_to_family"]) == ("UNLAWFUL", True)
    assert answer["profiles"]["VN-NCLS2018"]["child_labour"] is True


def test_json_lines_in_and_out(shell: CliRunner) -> None:
    text = "\n".join(["\ufeff" + json.dumps(CASE), "", json.dumps({**CASE, "id": "b"})]) + "\n"
    lines = judge(shell, text, "--lines").stdout.splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["a", "b"]


def test_an_answer_leaves_before_the_next_line_has_come() -> None:
    """Through real pipes: the second case is only written once the first has been answered."""
    command = [
        str(Path(sys.executable).parent / "mangnon"),
        "law",
        "judge",
        "-",
        "--lines",
        "--profile",
        "VN-LC2019",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for name in ("a", "b", "c"):
            process.stdin.write(json.dumps({**CASE, "id": name}).encode() + b"\n")
            process.stdin.flush()
            assert select.select([process.stdout], [], [], 60)[0], "no answer while the input stays open"
            assert json.loads(process.stdout.readline())["id"] == name
        process.stdin.close()
        assert process.wait(60) == 0


def test_a_bad_line_stops_there_and_is_named(shell: CliRunner) -> None:
    result = judge(shell, json.dumps(CASE) + "\n{\n", "--lines", "--json")
    assert json.loads(result.stdout)["id"] == "a"
    told = problem(result)
    assert (told["code"], told["name"], told["where"]) == ("L101", "law_json_bad", "#2")


@pytest.mark.parametrize(
    ("content", "name", "where"),
    [
        ("[{]", "law_json_bad", ""),
        (b"[\xff]", "law_json_bad", ""),
        ("[" * 100_000, "law_json_bad", ""),
        (CASE, "law_not_array", ""),
        ([5], "law_case_not_object", "#1"),
        ([CASE, {**CASE, "id": "b", "tuoi": 12}], "law_field_unknown", "#2 (b)"),
        ([{"id": "a"}], "law_field_missing", "#1 (a)"),
        ([{**CASE, "sex": "x"}], "law_value_bad", "#1 (a)"),
        ([{**CASE, "birth_date": "2027"}], "law_born_later", "#1 (a)"),
        ([{**CASE, "birth_date": None, "reference_date": "2020-12-31"}], "law_not_in_force", "#1 (a)"),
    ],
)
def test_what_cannot_be_judged_is_told(shell: CliRunner, content: Any, name: str, where: str) -> None:
    result = judge(shell, content, "--json")
    assert result.stdout == ""
    told = problem(result)
    assert (told["name"], told["where"]) == (name, where)


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--profile", "VN-X"], "law_profile_unknown"),
        (["--policy", "x=1"], "law_policy_unknown"),
        (["--policy", "apply_to_family=maybe"], "law_policy_bad"),
    ],
)
def test_wrong_choices_are_told(shell: CliRunner, words: list[str], name: str) -> None:
    assert problem(judge(shell, [CASE], *words, "--json"))["name"] == name


def test_a_file_that_is_not_there(shell: CliRunner) -> None:
    result = shell.invoke(main, ["law", "judge", "khong-co.json", "--json"], catch_exceptions=False)
    assert problem(result)["name"] == "file_unreadable"


def test_half_a_character_is_a_bad_value(shell: CliRunner) -> None:
    assert (
        problem(judge(shell, '[{"id": "\\ud800", "reference_date": "2026-10-04"}]', "--json"))["name"]
        == "law_value_bad"
    )


def test_people_read_words(shell: CliRunner) -> None:
    said = judge(shell, [{**CASE, "forced": None}]).stdout
    assert "VN-LC2019: UNLAWFUL" in said
    assert "U15_DAY: Chưa đủ 15 tuổi làm quá 4 giờ trong một ngày [LC 146(1)]" in said
    assert "chưa biết forced [LC 8(2); LC 3(7); NĐ56 12(1)]" in said
    assert "SDG-8.7.1-EA: không / no" in said


def test_the_rules_are_shown_with_their_articles(shell: CliRunner) -> None:
    said = shell.invoke(main, ["law", "show", "VN-LC2019"], catch_exceptions=False).stdout
    for row in ("D01", "D14b", "D23b", "D30"):
        assert f"\n{row} " in said
    assert "TT09 3(5)(b)" in said
    assert "apply_to_family = false" in said
    assert "29 tháng 2" in said
    everything = json.loads(shell.invoke(main, ["law", "show", "--json"], catch_exceptions=False).stdout)
    assert [one["profile"] for one in everything] == [
        "MICS-28",
        "SDG-8.7.1-EA",
        "SDG-8.7.1-EA-HC",
        "VN-LC2019",
    ]
    unverified = shell.invoke(main, ["law", "show", "VN-NCLS2018"], catch_exceptions=False).stdout
    assert "CHƯA kiểm chứng" in unverified


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["VN-LC2019", "--on", "2021-03-14"], "law_not_in_force"),
        (["VN-LC2019", "--on", "14/03/2021"], "law_value_bad"),
        (["VN-X"], "law_profile_unknown"),
    ],
)
def test_show_tells_what_it_cannot_show(shell: CliRunner, words: list[str], name: str) -> None:
    assert (
        problem(shell.invoke(main, ["law", "show", *words, "--json"], catch_exceptions=False))["name"] == name
    )


def test_show_on_a_day(shell: CliRunner) -> None:
    (one,) = json.loads(
        shell.invoke(
            main, ["law", "show", "VN-LC2019", "--on", "2021-03-15", "--json"], catch_exceptions=False
        ).stdout
    )
    assert one["verified"] is True


def test_rejudge_is_a_command_of_the_law(shell: CliRunner) -> None:
    assert isinstance(main, click.Group)
    assert shell.invoke(main, ["init", "--practice", "--json"], catch_exceptions=False).exit_code == 0
    result = shell.invoke(main, ["law", "rejudge", "--dry-run", "--json"], catch_exceptions=False)
    assert json.loads(result.stdout) == {
        "dry_run": True,
        "judged": 0,
        "changed": 0,
        "moves": [],
        "children": [],
    }
    assert "Đã xét 0 kết luận" in shell.invoke(main, ["law", "rejudge"], catch_exceptions=False).stdout
