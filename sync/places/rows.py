"""One row of an imported list -> a village, or every reason why not.

A row is named cells and the place it came from (a line of a CSV, a feature of a GeoJSON). Nothing is
repaired in silence: what a spreadsheet has damaged is refused with the cure, because a lost zero changes
which unit is meant.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from forms.problems import Problem
from sync.places.gazetteer import Gazetteer
from sync.places.official import official_country
from sync.places.unit import (
    CHANGE_TYPES,
    VERIFIED,
    VILLAGE_KINDS,
    WARD_KINDS,
    Change,
    Level,
    Unit,
)
from sync.text import fold, nfc

_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,31}")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}([.,][0-9]{1,20})?")
_COUNT = re.compile(r"[0-9]{1,6}")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_LOCAL_DAY = re.compile(r"([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})")
# UTF-8 that was read as a Western code page, and letters that a code page could not hold.
_GARBLED = re.compile("[ÃÂÄÅÆ][\u0080-\u00bf]|á[º»]|[?\ufffd]")
_KINDS = {**{kind: kind for kind in (*VILLAGE_KINDS, *WARD_KINDS)}, "tdp": "to_dan_pho", "khoi_pho": "khoi"}
_VERIFIED = {
    **{word: word for word in VERIFIED},
    **dict.fromkeys(("1", "true", "yes", "co"), "primary"),
    **dict.fromkeys(("", "0", "false", "no", "khong"), "unverified"),
}
_LONGEST_NAME = 120


@dataclass
class Row:
    """The cells of one row and what is found wrong with them."""

    number: int
    where: str
    cells: Mapping[str, str]
    comma_is_local: bool = True
    problems: list[Problem] = field(default_factory=list)
    warnings: list[Problem] = field(default_factory=list)

    def cell(self, name: str) -> str:
        """The text of a cell: NFC, without surrounding or doubled spaces."""
        text = self.cells.get(name, "")
        return " ".join(nfc(text).split()) if text else ""

    def refuse(self, name: str, **details: object) -> None:
        """Note a reason to refuse the row."""
        self.problems.append(Problem(name, where=self.where, **details))

    def warn(self, name: str, **details: object) -> None:
        """Note something a person should look at."""
        self.warnings.append(Problem(name, where=self.where, **details))


@dataclass(frozen=True)
class Village:
    """An accepted row: the unit, and the merger it declares."""

    unit: Unit
    changes: tuple[Change, ...]


def read_village(row: Row, gazetteer: Gazetteer, source: str) -> Village | None:
    """The village of a row; None when the row has problems."""
    if row.problems:
        return None
    since = _day(row)
    if _KINDS.get(row.cell("kind")) in WARD_KINDS:
        return _read_ward(row, gazetteer, since, source)
    ward = _ward(row, gazetteer, since)
    code = _code(row, gazetteer, ward)
    name = _name(row)
    kind = _kind(row)
    position = read_position(row, gazetteer)
    households = _households(row)
    verified = _verified(row)
    if row.problems or ward is None or code is None or name is None or kind is None or verified is None:
        return None
    begin = since or ward.valid_from
    changes = _merged_from(row, gazetteer, code, begin, "village")
    unit = Unit(
        code=code,
        name=name,
        kind=kind,
        level="village",
        parent_code=ward.code,
        valid_from=begin,
        lat=position[0],
        lon=position[1],
        households=households,
        verified=verified,
        source=source,
    )
    return None if row.problems else Village(unit, changes)


def _read_ward(row: Row, gazetteer: Gazetteer, since: date | None, source: str) -> Village | None:
    """A ward, for a merger or a division that is yet to come: its day must be said, its ``ward_code`` is a province."""
    code, name, verified = row.cell("code"), _name(row), _verified(row)
    if since is None and not row.problems:
        row.refuse("place_date", value="—")
    if not re.fullmatch("[0-9]{5}", code):
        row.refuse("place_code", value=shown(code))
    above = gazetteer.find(row.cell("ward_code"), on=since) if since else None
    if since and (above is None or above.level not in ("province", "district")):
        row.refuse("place_ward_unknown", value=shown(row.cell("ward_code")))
    if row.problems or since is None or above is None or name is None or verified is None:
        return None
    kind = _KINDS[row.cell("kind")]
    changes = _merged_from(row, gazetteer, code, since, "ward")
    unit = Unit(code, name, kind, "ward", above.code, since, verified=verified, source=source)
    return None if row.problems else Village(unit, changes)


def shown(text: str) -> str:
    """A cell as it may stand in a message: short, without control signs."""
    clean = "".join(sign if unicodedata.category(sign)[0] != "C" else "·" for sign in text)
    return clean if len(clean) <= 40 else clean[:39] + "…"


def read_day(text: str) -> date | None:
    """A day written as 2026-07-01 or 01/07/2026; None when it is neither."""
    if found := _ISO_DAY.fullmatch(text):
        year, month, day = found.groups()
    elif found := _LOCAL_DAY.fullmatch(text):
        day, month, year = found.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(day))
    except ValueError:
        return None


def read_position(row: Row, gazetteer: Gazetteer) -> tuple[float | None, float | None]:
    """Latitude and longitude of a row; both None when both cells are empty."""
    if not row.cell("lat") and not row.cell("lon"):
        row.warn("place_without_point")
        return None, None
    if not row.cell("lat") or not row.cell("lon"):
        row.refuse("place_half_point")
        return None, None
    lat, lon = _degrees(row, "lat"), _degrees(row, "lon")
    if lat is None or lon is None:
        return None, None
    if swapped(gazetteer, lat, lon):
        row.refuse("place_swapped", lat=lat, lon=lon)
    elif abs(lat) > 90 or abs(lon) > 180 or (lat == 0 and lon == 0):
        row.refuse("place_off_the_globe", lat=lat, lon=lon)
    elif not official_country().holds(lat, lon):
        row.refuse("place_abroad", lat=lat, lon=lon)
    return lat, lon


def swapped(gazetteer: Gazetteer, lat: float, lon: float) -> bool:
    """Whether the two numbers make sense only the other way round."""
    if abs(lat) > 90:
        return abs(lon) <= 90 and abs(lat) <= 180
    inside = any(box.holds(lat, lon) for box in gazetteer.boxes)
    return not inside and any(box.holds(lon, lat) for box in gazetteer.boxes)


def _degrees(row: Row, name: str) -> float | None:
    text = row.cell(name)
    if not _NUMBER.fullmatch(text):
        row.refuse("place_number", column=name, value=shown(text))
        return None
    if "," in text and not row.comma_is_local:
        row.warn("place_decimal_comma", column=name, value=shown(text))
    return float(text.replace(",", "."))


def _day(row: Row) -> date | None:
    text = row.cell("valid_from")
    if not text:
        return None
    day = read_day(text)
    if day is None:
        row.refuse("place_date", value=shown(text))
    return day


def _ward(row: Row, gazetteer: Gazetteer, since: date | None) -> Unit | None:
    return find_ward(row, gazetteer, row.cell("ward_code"), since)


def find_ward(row: Row, gazetteer: Gazetteer, code: str, since: date | None) -> Unit | None:
    """The ward of a code on a day, or the one in force now; refuses with the cure when there is none."""
    versions = [unit for unit in gazetteer.versions(code) if unit.level == "ward"]
    if not versions:
        damaged = re.fullmatch(r"([0-9]{4})(?:[.,]0+)?", code)
        if damaged and gazetteer.versions("0" + damaged[1]):
            row.refuse("place_ward_lost_zero", value=shown(code), code="0" + damaged[1])
        else:
            row.refuse("place_ward_unknown", value=shown(code))
        return None
    for unit in versions:
        if unit.valid_to is None if since is None else unit.in_force(since):
            return unit
    if not row.problems:
        _refuse_other_time(row, gazetteer, versions[-1], since)
    return None


def _refuse_other_time(row: Row, gazetteer: Gazetteer, ward: Unit, since: date | None) -> None:
    later = gazetteer.history.successors(ward)
    became = ", ".join(f"{unit.name} ({unit.code})" for unit in later) or "—"
    known = [
        f"{unit.name}: {unit.valid_from} – {unit.valid_to or '…'}" for unit in gazetteer.versions(ward.code)
    ]
    row.refuse(
        "place_ward_other_time", code=ward.code, known="; ".join(known), on=since or "—", became=became
    )


def _code(row: Row, gazetteer: Gazetteer, ward: Unit | None) -> str | None:
    code = row.cell("code")
    damaged = re.fullmatch(r"([0-9]{4})[.,][0-9]{1,3}", code)
    number = re.fullmatch(r"([0-9]{5,})([.,]0+)?", code)
    zero_lost = ward is not None and number and f"0{number[1]}".startswith(ward.code)
    if (
        re.fullmatch(r"[0-9]+([.,][0-9]+)?[eE][+-]?[0-9]+", code)
        or (damaged and gazetteer.versions("0" + damaged[1]))
        or zero_lost
    ):
        row.refuse("place_code_damaged", value=shown(code))
        return None
    if not _CODE.fullmatch(code):
        row.refuse("place_code", value=shown(code))
        return None
    if any(unit.level != "village" for unit in gazetteer.versions(code)):
        row.refuse("place_code_taken", code=code)
        return None
    prefix = re.match(r"([0-9]{5})\.", code)
    if ward is not None and prefix and prefix[1] != ward.code:
        row.warn("place_code_of_other_ward", code=code, ward=ward.code)
    return code


def _name(row: Row) -> str | None:
    name = row.cell("name")
    if _GARBLED.search(name):
        row.refuse("place_name_garbled", value=shown(name))
        return None
    plain = all(unicodedata.category(sign)[0] != "C" for sign in name)
    if not name or len(name) > _LONGEST_NAME or not plain or not name[0].isalnum():
        row.refuse("place_name", value=shown(name))
        return None
    return name


def _kind(row: Row) -> str | None:
    text = row.cell("kind")
    kind = _KINDS.get(text) or _KINDS.get(fold(text).replace(" ", "_"))
    if kind is None:
        row.refuse("place_kind", value=shown(text))
    return kind


def _households(row: Row) -> int | None:
    text = row.cell("households")
    if not text:
        return None
    if not _COUNT.fullmatch(text):
        row.refuse("place_households", value=shown(text))
        return None
    return int(text)


def _verified(row: Row) -> str | None:
    text = row.cell("verified")
    verified = _VERIFIED.get(text) or _VERIFIED.get(fold(text))
    if verified is None:
        row.refuse("place_verified", value=shown(text))
    return verified


def _merged_from(row: Row, gazetteer: Gazetteer, code: str, begin: date, level: Level) -> tuple[Change, ...]:
    """What the unit was made from, and by what event: a merger unless the row says otherwise."""
    event = row.cell("event") or "merge"
    if event not in CHANGE_TYPES:
        row.refuse("place_event", value=shown(event), known=", ".join(CHANGE_TYPES))
        return ()
    changes = []
    for old in re.findall(r"[^\s+|]+", row.cell("merged_from")):
        unit = gazetteer.find(old, on=begin - timedelta(days=1))
        if unit is None or unit.level != level:
            row.refuse("place_merged_from", value=shown(old), on=begin)
        else:
            changes.append(Change(begin, event, old, code))
    return tuple(changes)
