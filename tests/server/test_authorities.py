"""Ministries and report routes by date: listed, loaded after a report, and named on the workbook of their day."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from commands import office_shell, problem_of
from commands import run as call
from office import Office, Template

from server.flows import authorities as flow
from server.flows.export_ministry import chosen_round, make_snapshot
from server.store.base import begin_writing, db

BODIES = "id,name,level,function,valid_from,valid_to,source,label\n"
ROUTES = "report_type,step,from_authority,to_authority,valid_from,valid_to,due_rule,source,label\n"
NEW_MINISTRY = BODIES + "bo_thu,Bộ Thử Nghiệm,ministry,child_protection,2027-01-01,,danh sách thử,\n"
NEW_ROUTE = ROUTES + (
    "child_protection,1,ubnd_phuong_2025,so_y_te,2027-01-01,,before:11-15,danh sách thử,\n"
    "child_protection,2,so_y_te,bo_thu,2027-01-01,,,danh sách thử,\n"
)


@pytest.fixture
def shell(
    template: Template, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    return office_shell(template, database_url, tmp_path, monkeypatch)


def listed(shell: CliRunner, on: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(call(shell, "authorities", "list", "--on", on, "--json").stdout)
    return found


def ministries(shell: CliRunner, on: str) -> set[str]:
    return {body["id"] for body in listed(shell, on)["authorities"] if body["level"] == "ministry"}


def load(shell: CliRunner, folder: Path, text: str, *words: str) -> dict[str, Any]:
    file = folder / "ds.csv"
    file.write_text(text, encoding="utf-8-sig")
    result = call(shell, "authorities", "load", str(file), "--json", *words)
    found: dict[str, Any] = json.loads(result.stdout or result.stderr)
    return {**found, "exit": result.exit_code}


def test_the_bodies_and_ways_of_a_day(shell: CliRunner) -> None:
    assert ministries(shell, "2024-05-06") == {"bo_ldtbxh"}
    assert ministries(shell, "2026-11-24") == {"bo_y_te", "bo_noi_vu"}
    steps = listed(shell, "2026-11-24")["routes"]["child_protection"]
    assert (steps[0]["from_authority"], steps[0]["to_name"]) == ("ubnd_phuong_2025", "Sở Y tế")
    assert listed(shell, "2024-05-06")["routes"]["labour"][-1]["to_authority"] in ("bo_ldtbxh", "ubnd_tinh")
    assert "Bộ Y tế" in call(shell, "authorities", "list").stdout


def test_a_list_is_reported_first_then_loaded_and_the_old_way_ends(shell: CliRunner, tmp_path: Path) -> None:
    seen = load(shell, tmp_path, NEW_MINISTRY, "--dry-run")
    assert (seen["exit"], seen["loaded"], [entry["id"] for entry in seen["added"]]) == (0, False, ["bo_thu"])
    assert "bo_thu" not in ministries(shell, "2027-05-01")
    assert load(shell, tmp_path, NEW_MINISTRY)["loaded"]
    assert "bo_thu" in ministries(shell, "2027-05-01")
    assert "bo_thu" not in ministries(shell, "2026-12-31")
    told = load(shell, tmp_path, NEW_ROUTE)
    assert [entry["to_authority"] for entry in told["ended"]] == ["so_y_te", "bo_y_te", "ubnd_tinh"]
    assert {entry["valid_to"] for entry in told["ended"]} == {"2026-12-31"}
    way = listed(shell, "2027-01-01")["routes"]["child_protection"]
    assert [step["to_authority"] for step in way] == ["so_y_te", "bo_thu"]
    assert len(listed(shell, "2026-12-31")["routes"]["child_protection"]) == 3
    again = load(shell, tmp_path, NEW_ROUTE)
    assert (again["unchanged"], again["added"], again["ended"]) == (2, [], [])


def test_a_body_that_ends_leaves_a_warning_where_a_way_still_names_it(
    shell: CliRunner, tmp_path: Path
) -> None:
    ended = BODIES + "so_y_te,Sở Y tế,province,child_protection,2025-03-01,2026-12-31,thử,\n"
    told = load(shell, tmp_path, ended)
    assert [entry["id"] for entry in told["corrected"]] == ["so_y_te"]
    assert {warning["name"] for warning in told["warnings"]} == {"route_without_body"}


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "authority_columns"),
        ("a,b\n1,2\n", "authority_columns"),
        (BODIES, "places_empty"),
        (NEW_MINISTRY.replace("bo_thu,", "Bộ Thử,"), "authority_value"),
        (NEW_MINISTRY.replace("Bộ Thử Nghiệm", ""), "authority_value"),
        (NEW_MINISTRY.replace("ministry", "bộ"), "authority_value"),
        (NEW_MINISTRY.replace("child_protection", "trẻ em"), "authority_value"),
        (NEW_MINISTRY.replace("2027-01-01", "2027-02-30"), "place_date"),
        (NEW_MINISTRY.replace("2027-01-01,", "2027-01-01,2026-01-01"), "authority_days"),
        (NEW_MINISTRY + NEW_MINISTRY.split("\n")[1] + "\n", "authority_twice"),
        (NEW_MINISTRY.replace(",2027-01-01,,danh sách thử,", ""), "place_cells"),
        (NEW_ROUTE, "route_body_unknown"),
        (NEW_ROUTE.replace("bo_thu", "bo_y_te").replace(",2,", ",x,"), "authority_value"),
        (NEW_ROUTE.replace("bo_thu", "bo_y_te").replace("before:11-15", "15/11"), "authority_value"),
        (NEW_ROUTE.replace("bo_thu", "bo_y_te").replace("child_protection,1", "khác,1"), "authority_value"),
    ],
)
def test_a_wrong_list_is_refused_whole(shell: CliRunner, tmp_path: Path, text: str, problem: str) -> None:
    before = listed(shell, "2027-05-01")
    told = load(shell, tmp_path, text)
    assert (told["exit"], told["problem"]["name"]) == (1, "authorities_refused")
    assert problem in [finding["name"] for finding in told["report"]["refused"]]
    assert all(finding["next"]["vi"] and finding["next"]["en"] for finding in told["report"]["refused"])
    assert listed(shell, "2027-05-01") == before


def test_a_file_that_is_not_there_and_a_day_that_is_none(shell: CliRunner, tmp_path: Path) -> None:
    missing = call(shell, "authorities", "load", str(tmp_path / "x.csv"), "--json")
    assert problem_of(missing) == "file_unreadable"
    assert call(shell, "authorities", "list", "--on", "hôm nay").exit_code == 2


def cover(office: Office, on: date) -> dict[str, Any]:
    from exports.ministry.workbook import build

    with office.app.app_context():
        session = db.session()
        snapshot = make_snapshot(session, chosen_round(session, None), now=office.clock(), by=None, on=on)
    sheet = build(snapshot).sheet("00")
    return dict(zip(sheet.column("muc"), sheet.column("gia_tri"), strict=True))


def test_the_workbook_of_2024_names_the_old_ministry_and_that_of_2026_the_new_ones(office: Office) -> None:
    old, new = cover(office, date(2024, 5, 6)), cover(office, date(2026, 11, 24))
    assert old["bo_tre_em"] == old["bo_lao_dong"] == "Bộ Lao động - Thương binh và Xã hội"
    assert old["noi_nhan"] == "UBND thành phố Lạng Sơn"
    assert new["bo_tre_em"] == "Bộ Y tế (Cục Bà mẹ và Trẻ em)"
    assert new["bo_lao_dong"] == "Bộ Nội vụ"
    assert new["noi_nhan"] == "Sở Y tế"
    assert "chưa đối chiếu" in new["bao_cao_1"]
    assert "chưa đối chiếu" not in old["bao_cao_1"]


def test_the_workbook_follows_a_loaded_list(office: Office) -> None:
    with office.app.app_context():
        session = db.session()
        for text in (NEW_MINISTRY, NEW_ROUTE):
            begin_writing(session)
            flow.load(session, text.encode(), "ds.csv", now=office.clock(), by=None)
            session.commit()
    assert cover(office, date(2027, 5, 1))["bo_tre_em"] == "Bộ Thử Nghiệm"
    assert cover(office, date(2026, 11, 24))["bo_tre_em"] == "Bộ Y tế (Cục Bà mẹ và Trẻ em)"
