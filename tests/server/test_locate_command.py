"""``mangnon places locate`` asked in odd ways: the right answer, or a coded error; never a trace."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from commands import office_shell
from commands import run as call
from office import Template

KEYS = {
    *("ward", "village", "distance_m", "runner_up", "runner_up_m", "candidate_wards", "flags", "method"),
    "gazetteer_version",
}
FLAGS = {
    *("outside_area", "ward_mismatch", "village_mismatch", "ambiguous", "low_accuracy", "no_gps", "too_far"),
}
HERE = ("--lat", "21.82", "--lon", "106.77")
LIST = (
    "code,name,kind,ward_code,lat,lon,households,valid_from,merged_from\n"
    "05980.001,Khối Thử Một,khoi,05980,21.8500,106.7600,40,2020-01-01,\n"
)
LATER = (
    LIST.split("\n")[0] + "\n05977.010,Khối Thử Chung,khoi,05977,21.8450,106.7625,90,2026-07-01,05980.001\n"
)


@pytest.fixture
def shell(
    template: Template, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    return office_shell(template, database_url, tmp_path, monkeypatch)


def strict(text: str) -> Any:
    def refuse(name: str) -> None:
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


def locate(shell: CliRunner, *words: str) -> dict[str, Any]:
    result = call(shell, "places", "locate", *words, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = strict(result.stdout)
    assert set(found) >= KEYS
    assert set(found["flags"]) <= FLAGS
    return found


def many(shell: CliRunner, folder: Path, content: bytes) -> Any:
    file = folder / "points.csv"
    file.write_bytes(content)
    result = call(shell, "places", "locate", "--file", str(file), "--json")
    assert result.exit_code in (0, 1)
    return strict(result.stdout or result.stderr)


@pytest.mark.parametrize(
    ("words", "code", "problem"),
    [
        ((), 2, "usage_wrong"),
        ((*HERE, "--file", "x.csv"), 2, "usage_wrong"),
        (("--lat", "abc", "--lon", "106"), 2, "usage_wrong"),
        ((*HERE, "--on", "2024-13-01"), 2, "usage_wrong"),
        ((*HERE, "--unknown"), 2, "usage_wrong"),
        (("--lat", "21.8"), 1, "position_invalid"),
        (("--lon", "106.7", "--declared", "05977.901"), 1, "position_invalid"),
        (("--lat", "91", "--lon", "106"), 1, "position_invalid"),
        (("--lat", "nan", "--lon", "106"), 1, "position_invalid"),
        (("--lat", "106.77", "--lon", "21.82"), 1, "position_swapped"),
        ((*HERE, "--accuracy", "-1"), 1, "accuracy_invalid"),
        ((*HERE, "--accuracy", "inf"), 1, "accuracy_invalid"),
        ((*HERE, "--declared", "99999.001"), 1, "village_unknown"),
        ((*HERE, "--declared", "178"), 1, "village_unknown"),
        ((*HERE, "--on", "1990-01-01"), 1, "places_before_list"),
        (("--file", "không-có.csv"), 1, "file_unreadable"),
    ],
)
def test_what_cannot_be_answered_is_a_coded_error(
    shell: CliRunner, words: tuple[str, ...], code: int, problem: str
) -> None:
    result = call(shell, "places", "locate", *words, "--json")
    assert (result.exit_code, result.stdout) == (code, "")
    told = strict(result.stderr)["problem"]
    assert told["name"] == problem
    assert told["message"]["vi"]
    assert told["next"]["en"]


def test_zero_and_huge_accuracies(shell: CliRunner) -> None:
    plain, exact = locate(shell, *HERE), locate(shell, *HERE, "--accuracy", "0")
    assert exact == plain
    assert plain["flags"] == []
    huge = locate(shell, *HERE, "--accuracy", "1000000000")
    assert set(huge["flags"]) == {"ambiguous", "low_accuracy"}
    assert len(huge["candidate_wards"]) == 4


def test_a_day_without_a_list_says_that_it_cannot_tell(shell: CliRunner) -> None:
    found = locate(shell, *HERE, "--on", "2024-01-01")
    assert (found["ward"], found["village"], found["flags"]) == (None, None, ["ambiguous"])


def test_far_away_the_nearest_is_still_given(shell: CliRunner) -> None:
    found = locate(shell, "--lat", "48.85", "--lon", "2.35")
    assert set(found["flags"]) == {"outside_area", "too_far"}
    assert found["village"] is not None
    assert found["distance_m"] > 8_000_000


def test_no_fix_and_a_declared_village_alone(shell: CliRunner) -> None:
    assert locate(shell, "--lat", "0", "--lon", "0", "--declared", "")["flags"] == ["no_gps"]
    found = locate(shell, "--declared", " 05977.901 ")
    assert (found["method"], found["ward"], found["village"]) == ("declared", "05977", "05977.901")


def test_a_declared_village_of_a_former_list(shell: CliRunner, tmp_path: Path) -> None:
    for text in (LIST, LATER):
        file = tmp_path / "l.csv"
        file.write_text(text)
        assert call(shell, "places", "load", str(file), "--json").exit_code == 0
    here = ("--lat", "21.8450", "--lon", "106.7625", "--declared", "05980.001")
    now = locate(shell, *here, "--on", "2026-11-24")
    assert (now["ward"], now["village"], now["flags"]) == ("05977", "05977.010", [])
    then = locate(shell, *here, "--on", "2024-05-06")
    assert (then["ward"], then["village"], then["flags"]) == ("05980", "05980.001", [])


@pytest.mark.parametrize(
    "content",
    [
        "id,lat,lon\n1,21.82,106.77\n".encode("utf-8-sig"),
        b"ID;Lat;Lon;accuracy;declared\r\n1;21,82;106,77;;\r\n",
        "id\tlat\tlon\n1\t21.82\t106.77\n".encode("utf-16"),
        b'lon,ghi_chu,id,lat\n106.77,"a, b",1,21.82\n',
        b'id,lat,lon,accuracy,declared\n1,"21,82","106,77"\n',
    ],
)
def test_points_as_programs_save_them(shell: CliRunner, tmp_path: Path, content: bytes) -> None:
    (row,) = many(shell, tmp_path, content)
    assert (row["id"], row["ward"], row["village"]) == ("1", "05977", "05977.902")


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b"", 1),
        (b"id,lat\n1,2\n", 1),
        (b"id,lat,lon\n1,21.82,106.77\n2,x,106.77\n", 3),
        (b"id,lat,lon\n1,21,82,106,77\n", 2),
        (b'id,lat,lon\n1,"21.82,106.77\n', 2),
        ("id,lat,lon\n1,21.82,106.77\nđiểm,1,1\n".encode("cp1258", "replace"), 3),
    ],
)
def test_points_that_cannot_be_read_are_refused_by_line(
    shell: CliRunner, tmp_path: Path, content: bytes, line: int
) -> None:
    told = many(shell, tmp_path, content)["problem"]
    assert (told["name"], told["details"]["line"]) == ("points_malformed", line)


def test_blank_cells_and_odd_points_get_a_row_each(shell: CliRunner, tmp_path: Path) -> None:
    content = b"id,lat,lon,accuracy,declared\na,,,,\nb,nan,106.77,,\nc,21.82,106.77,-5,x\n,21.82,106.77,,\n"
    rows = many(shell, tmp_path, content)
    assert [row["id"] for row in rows] == ["a", "b", "c", ""]
    assert [row.get("problem", {}).get("name") for row in rows] == [
        *(None, "position_invalid", "accuracy_invalid", None),
    ]
    assert many(shell, tmp_path, b"id,lat,lon\n") == []
