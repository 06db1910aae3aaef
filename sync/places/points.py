"""Many points at once: a CSV of ``id,lat,lon,accuracy,declared`` -> one located row for each, in the same order."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

from forms.problems import Problem
from sync.places.csv_text import decoded, split
from sync.places.gazetteer import Gazetteer
from sync.places.locate import FLAGS, Location, check_position, declared_unit, locate

COLUMNS = ("id", "lat", "lon", "accuracy", "declared")
_COMMA = re.compile(r"[+-]?[0-9]{1,5},[0-9]{1,20}")
_MOST_LINES = 5_000_000


def locate_all(gazetteer: Gazetteer, content: bytes, *, on: date) -> list[dict[str, object]]:
    """Every point of the file located; raises ``points_malformed`` naming the line that is no number.

    A number that cannot be a position gives a row like any other, with its ``problem``.
    """
    try:
        _, lines = split(decoded(content), most_lines=_MOST_LINES)
        first, header = next(lines, (1, []))
        columns = [cell.strip().casefold() for cell in header]
        missing = [name for name in ("id", "lat", "lon") if name not in columns]
        if missing:
            raise Problem("points_malformed", line=first, fault=", ".join(missing))
        return [_one(gazetteer, _row(columns, cells, line), line, on) for line, cells in lines]
    except Problem as problem:
        if problem.kind.name in ("places_encoding", "places_broken"):
            line = problem.details["line"]
            raise Problem("points_malformed", line=line, fault=problem.kind.name) from None
        raise


def _row(columns: list[str], cells: list[str], line: int) -> dict[str, str]:
    # One cell too many is mostly 21,82: a decimal comma would move every cell behind it.
    if len(cells) > len(columns):
        raise Problem("points_malformed", line=line, fault=f"{len(cells)} > {len(columns)}")
    return dict(zip(columns, cells, strict=False))


def locate_kept(
    gazetteer: Gazetteer,
    *,
    lat: float | None,
    lon: float | None,
    on: date,
    accuracy: float | None = None,
    declared: str | None = None,
) -> tuple[Location, Problem | None]:
    """The location of whatever was recorded, and what was wrong with it: a record is never refused for its place.

    A position that cannot be one counts as none, a wrong accuracy as unknown; a declared village that nobody knows
    cannot be the nearest one.
    """
    problem: Problem | None = None
    try:
        check_position(lat, lon, None)
    except Problem as fault:
        problem, lat, lon = fault, None, None
    try:
        check_position(None, None, accuracy)
    except Problem as fault:
        problem, accuracy = problem or fault, None
    known = declared
    try:
        if declared is not None:
            declared_unit(gazetteer, declared, on=on)
    except Problem as fault:
        problem, known = problem or fault, None
    place = locate(gazetteer, lat=lat, lon=lon, accuracy=accuracy, declared=known, on=on)
    if known is None and declared is not None and place.village is not None:
        raised = {*place.flags, "village_mismatch"}
        place = replace(place, flags=tuple(flag for flag in FLAGS if flag in raised))
    return place, problem


def _one(gazetteer: Gazetteer, row: dict[str, str], line: int, on: date) -> dict[str, object]:
    place, problem = locate_kept(
        gazetteer,
        lat=_number(row, "lat", line),
        lon=_number(row, "lon", line),
        accuracy=_number(row, "accuracy", line),
        declared=(row.get("declared") or "").strip() or None,
        on=on,
    )
    told = {"problem": problem.as_data()} if problem else {}
    return {"id": row["id"], **place.as_data(), **told}


def _number(row: dict[str, str], name: str, line: int) -> float | None:
    text = (row.get(name) or "").strip()
    if not text:
        return None
    try:
        return float(text.replace(",", ".") if _COMMA.fullmatch(text) else text)
    except ValueError:
        raise Problem("points_malformed", line=line, fault=name) from None
