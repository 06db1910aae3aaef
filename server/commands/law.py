"""``mangnon law``: judge cases given as JSON, and show the rules. Needs no data folder."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, BinaryIO

import click

from forms.problems import Problem
from server.commands.saying import command_problems, json_option, say
from server.labour.judge import judge, read_case, read_policies
from server.labour.profiles import PolicyValue, Profile, find_profile, profile_names
from server.labour.show import RowInWords, rows_in_words

COLUMNS = ("Dòng", "Tuổi", "Quan hệ", "Điều kiện", "Kết quả", "Mã", "Điều khoản")
WIDEST = 60


@click.group()
def law() -> None:
    """Xét tình huống theo luật. / The law engine."""


@law.command("judge")
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True))
@click.option("--profile", "profiles", multiple=True, help="Bộ quy tắc; lặp lại được. / Profile, repeatable.")
@click.option(
    "--policy", "policies", multiple=True, help="tên=giá trị / name=value, e.g. apply_to_family=true"
)
@click.option("--lines", is_flag=True, help="Mỗi dòng một trường hợp, vào và ra. / JSON Lines in and out.")
@json_option
@command_problems
def judge_file(
    file: Path, profiles: tuple[str, ...], policies: tuple[str, ...], lines: bool, as_json: bool
) -> None:
    """Xét các trường hợp trong FILE (hoặc - là đầu vào chuẩn). / Judge the cases of FILE (or -)."""
    chosen = read_policies(policies)
    names = tuple(dict.fromkeys(profiles)) or profile_names()
    if lines:
        for answer in _answers(_lines(file), names, chosen):
            click.echo(json.dumps(answer, ensure_ascii=False))
        return
    data = list(_answers(enumerate(_array(_read(file)), start=1), names, chosen))
    say(data, as_json, "" if as_json else "\n".join(_words(answer) for answer in data))


def _answers(
    cases: Iterable[tuple[int, Any]], profiles: tuple[str, ...], policies: dict[str, PolicyValue]
) -> Iterator[dict[str, Any]]:
    for number, data in cases:
        case = read_case(data, where=f"#{number}")
        try:
            judged = judge(case, profiles=profiles, policies=policies)
        except Problem as problem:
            problem.where = f"#{number} ({case.id})"
            raise
        yield {"id": case.id, "profiles": {name: result.as_data() for name, result in judged.items()}}


def _read(file: Path) -> str:
    with _opened(file) as stream:
        return _text(stream.read())


@contextmanager
def _opened(file: Path) -> Iterator[BinaryIO]:
    """The file, or standard input, which stays open."""
    try:
        with nullcontext(sys.stdin.buffer) if str(file) == "-" else file.open("rb") as stream:
            yield stream
    except OSError:
        raise Problem("file_unreadable", name=file.name) from None


def _text(content: bytes, where: str = "") -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Problem("law_json_bad", where=where, why="UTF-8") from None


def _array(text: str) -> list[Any]:
    data = _parse(text, "")
    if not isinstance(data, list):
        raise Problem("law_not_array")
    return data


def _lines(file: Path) -> Iterator[tuple[int, Any]]:
    """Line by line, so that an answer leaves before the next case is read."""
    with _opened(file) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, _parse(_text(line, f"#{number}"), f"#{number}")


def _parse(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise Problem("law_json_bad", where=where, why=f"{error.lineno}:{error.colno}") from None
    except (ValueError, RecursionError):
        raise Problem("law_json_bad", where=where, why="…") from None


def _words(answer: dict[str, Any]) -> str:
    """One case for a person: the class with its findings, and what is missing."""
    lines = [answer["id"]]
    for name, result in answer["profiles"].items():
        if "class" not in result:
            said = {True: "có / yes", False: "không / no", None: "chưa đủ dữ kiện / not enough facts"}
            lines.append(f"  {name}: {said[result['child_labour']]}")
            continue
        lines.append(f"  {name}: {result['class']}")
        lines += [
            f"    {finding['code']}{finding['suffix']}: {finding['text']['vi']} [{'; '.join(finding['articles'])}]"
            for finding in result["findings"]
        ]
        lines += [
            f"    chưa biết {missing['fact']} [{'; '.join(missing['articles'])}]"
            for missing in result["missing"]
        ]
    return "\n".join(lines)


@law.command("show")
@click.argument("profile", required=False)
@click.option("--on", help="Luật có hiệu lực vào ngày (YYYY-MM-DD). / The law in force on that day.")
@json_option
@command_problems
def show(profile: str | None, on: str | None, as_json: bool) -> None:
    """Các quy tắc cùng điều khoản. / The rules with their articles."""
    day = _day(on)
    names = (profile,) if profile else profile_names()
    found = [find_profile(name, day) for name in names]
    words = "" if as_json else "\n\n".join(_table(one) for one in found)
    say([_profile_data(one) for one in found], as_json, words)


def _day(on: str | None) -> date:
    if on is None:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(on)
    except ValueError:
        raise Problem("law_value_bad", field="--on", expected="YYYY-MM-DD") from None


def _profile_data(profile: Profile) -> dict[str, Any]:
    return {
        "profile": profile.name,
        "version": profile.version,
        "enabled": profile.enabled,
        "verified": profile.verified,
        "title": {"vi": profile.title_vi, "en": profile.title_en},
        "source": profile.source,
        "policies": {name: policy.default for name, policy in profile.policies.items()},
        "notes": list(profile.notes),
        "rows": [row.as_data() for row in rows_in_words(profile)],
    }


def _table(profile: Profile) -> str:
    state = "đã kiểm chứng" if profile.verified else "CHƯA kiểm chứng"
    head = f"{profile.name} {profile.version} · {profile.title_vi} · {state}\n{profile.source}"
    rows = [COLUMNS, *(_cells(row) for row in rows_in_words(profile))]
    widths = [min(WIDEST, max(len(row[place]) for row in rows)) for place in range(len(COLUMNS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]
    notes = [f"* {note}" for note in profile.notes]
    choices = [
        f"  {name} = {str(policy.default).lower()}: {policy.vi}" for name, policy in profile.policies.items()
    ]
    return "\n".join([head, *choices, *lines, *notes])


def _cells(row: RowInWords) -> tuple[str, ...]:
    return (row.row, row.age, row.relation, row.condition, row.result, row.code, "; ".join(row.articles))
