"""Lists of villages and blocks from CSV: bytes -> LoadReport, every refused row by its line, nothing
half-loaded.

Columns: code,name,kind,ward_code,lat,lon and, if wanted, households,valid_from,verified,merged_from,event, by these
names or by the Vietnamese words for them (``headers.py``).
"""

from __future__ import annotations

from forms.problems import Problem
from sync.places.csv_text import decoded, split
from sync.places.gazetteer import Gazetteer
from sync.places.headers import OPTIONAL, REQUIRED, columns_of
from sync.places.report import Finding, LoadReport, report
from sync.places.rows import Row, Village, read_village, shown
from sync.places.unit import Unit
from sync.text import fold


def read_places(data: bytes, gazetteer: Gazetteer, *, source: str = "") -> LoadReport:
    """What a CSV of villages would bring to this gazetteer. Never raises for what the file holds."""
    try:
        rows, warnings = _rows(decoded(data))
    except Problem as problem:
        return report(problems=[Finding(0, problem)])
    villages = [(row, read_village(row, gazetteer, source)) for row in rows]
    accepted = [(row, village) for row, village in villages if village is not None]
    refuse_twins(accepted)
    for row, village in accepted:
        warn_of_place(row, gazetteer, village.unit)
    return gathered([row for row, _ in villages], [v for r, v in accepted if not r.problems], warnings)


def gathered(rows: list[Row], villages: list[Village], warnings: list[Finding]) -> LoadReport:
    """The report over rows and the villages that came out of them."""
    return report(
        units=[village.unit for village in villages],
        changes=[change for village in villages for change in village.changes],
        problems=[Finding(row.number, problem) for row in rows for problem in row.problems],
        warnings=warnings + [Finding(row.number, warning) for row in rows for warning in row.warnings],
        rows=len(rows),
    )


def warn_of_place(row: Row, gazetteer: Gazetteer, unit: Unit) -> None:
    """Warn of a village whose point does not lie in its ward, by outline where there is one, else by box."""
    if unit.lat is None or unit.lon is None or unit.parent_code is None:
        return
    today = gazetteer.on(unit.valid_from)
    ward = unit.parent_code
    if ward not in today.undrawn:
        if ward not in today.outlines.holding(unit.lat, unit.lon):
            row.warn("place_outside_outline", code=unit.code, ward=ward)
    elif today.has_box(ward) and ward not in today.boxed(unit.lat, unit.lon):
        row.warn("place_outside_box", code=unit.code, ward=ward)


def _rows(text: str) -> tuple[list[Row], list[Finding]]:
    """The rows as named cells; raises for a file that cannot be read as a list at all."""
    delimiter, lines = split(text)
    number, header = next(lines, (0, []))
    columns = columns_of(header)
    warnings = _check_columns(columns, number)
    rows = [_row(number, columns, cells, delimiter) for number, cells in lines]
    if not rows:
        raise Problem("places_empty")
    return rows, warnings


def _check_columns(columns: list[str], line: int) -> list[Finding]:
    if not columns:
        raise Problem("places_empty")
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise Problem("places_column_missing", missing=", ".join(missing), found=shown(", ".join(columns)))
    twice = sorted({name for name in columns if name and columns.count(name) > 1})
    if twice:
        raise Problem("places_column_twice", columns=", ".join(twice))
    unknown = [name for name in columns if name and name not in REQUIRED + OPTIONAL]
    if not unknown:
        return []
    return [Finding(line, Problem("places_column_unknown", columns=shown(", ".join(unknown))))]


def _row(number: int, columns: list[str], cells: list[str], delimiter: str) -> Row:
    row = Row(
        number, f"dòng {number} (line {number})", dict(zip(columns, cells, strict=False)), delimiter != ","
    )
    # One empty cell too many counts as well: 106,77 in a comma file moves every cell behind it. Spreadsheets leave
    # out the last cells of a row where they are empty.
    left_out = {name for name in columns[len(cells) :] if name}
    if len(cells) > len(columns) or left_out - set(OPTIONAL):
        row.refuse("place_cells", expected=len(columns), found=len(cells))
    return row


def refuse_twins(accepted: list[tuple[Row, Village]]) -> None:
    """Refuse the second of two rows with one code, or with one name in one ward."""
    codes: dict[str, Row] = {}
    names: dict[tuple[str | None, str, str], tuple[Row, Unit]] = {}
    for row, village in accepted:
        unit = village.unit
        first = codes.setdefault(unit.code, row)
        if first is not row:
            row.refuse("place_code_twice", code=unit.code, line=first.number)
        earlier, other = names.setdefault((unit.parent_code, unit.kind, fold(unit.name)), (row, unit))
        if earlier is not row and first is row:
            # "Nà Lăng" and "Nà Lạng" may be two villages; "Na Lang" beside one is the same, typed bare.
            bare = {unit.name.casefold(), other.name.casefold()}
            same = len(bare) == 1 or fold(unit.name) in bare
            tell = row.refuse if same else row.warn
            tell("place_name_twice" if same else "place_name_alike", village=unit.name, line=earlier.number)
