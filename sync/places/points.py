"""Many points at once: a CSV of ``id,lat,lon,accuracy,declared`` -> one located row for each, in the same order."""

from __future__ import annotations

import csv
import io
from datetime import date

from forms.problems import Problem
from sync.places.gazetteer import Gazetteer
from sync.places.locate import locate

COLUMNS = ("id", "lat", "lon", "accuracy", "declared")


def locate_all(gazetteer: Gazetteer, content: bytes, *, on: date) -> list[dict[str, object]]:
    """Every point of the file located; raises ``points_malformed`` naming the line."""
    try:
        rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")), strict=True)
        missing = [name for name in ("id", "lat", "lon") if name not in (rows.fieldnames or ())]
        if missing:
            raise Problem("points_malformed", line=1, fault=", ".join(missing))
        return [_one(gazetteer, row, number, on) for number, row in enumerate(rows, start=2)]
    except (UnicodeDecodeError, csv.Error) as error:
        raise Problem("points_malformed", line=1, fault=type(error).__name__) from None


def _one(gazetteer: Gazetteer, row: dict[str, str], line: int, on: date) -> dict[str, object]:
    place = locate(
        gazetteer,
        lat=_number(row, "lat", line),
        lon=_number(row, "lon", line),
        accuracy=_number(row, "accuracy", line),
        declared=(row.get("declared") or "").strip() or None,
        on=on,
    )
    return {"id": row["id"], **place.as_data()}


def _number(row: dict[str, str], name: str, line: int) -> float | None:
    text = (row.get(name) or "").strip()
    if not text:
        return None
    try:
        return float(text)
    except ValueError:
        raise Problem("points_malformed", line=line, fault=name) from None
