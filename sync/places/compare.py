"""Two lists of villages side by side: what a new list would add, rename, move, merge, end, and where they
clash.

``adopt`` then makes the gazetteer with the new list in it. Old lists stay: a village that gives way is
ended the day before, never deleted. Only the practice villages go, once a real list has come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from sync.places.distance import metres
from sync.places.gazetteer import Gazetteer
from sync.places.report import LoadReport
from sync.places.unit import Change, Key, Unit
from sync.text import fold

# A village measured twice moves by some metres; a code that jumps farther may be another village.
_MOVED_M = 50.0
_FAR_M = 1000.0
_SAME_SPOT_M = 100.0


@dataclass(frozen=True, slots=True)
class Pair:
    """A village as it stands and as the new list has it."""

    old: Unit
    new: Unit


@dataclass(frozen=True, slots=True)
class Merger:
    """Villages that end in one of the new list: declared by it, or only supposed from the names."""

    new: Unit
    old: tuple[Unit, ...]
    declared: bool


@dataclass(frozen=True, slots=True)
class Comparison:
    """What a new list would change. ``removed`` are villages of the same wards that it does not name."""

    added: tuple[Unit, ...]
    renamed: tuple[Pair, ...]
    moved: tuple[Pair, ...]
    updated: tuple[Pair, ...]
    unchanged: tuple[Pair, ...]
    removed: tuple[Unit, ...]
    merged: tuple[Merger, ...]
    conflicting: tuple[Pair, ...]

    def as_data(self) -> dict[str, object]:
        """The comparison for JSON, villages by code and name."""
        return {
            "added": [_told(unit) for unit in self.added],
            "renamed": [_told_pair(pair) for pair in self.renamed],
            "moved": [_told_pair(pair) for pair in self.moved],
            "updated": [_told_pair(pair) for pair in self.updated],
            "unchanged": len(self.unchanged),
            "removed": [_told(unit) for unit in self.removed],
            "merged": [
                {
                    "into": _told(merger.new),
                    "from": [_told(unit) for unit in merger.old],
                    "declared": merger.declared,
                }
                for merger in self.merged
            ],
            "conflicting": [_told_pair(pair) for pair in self.conflicting],
        }


def compare(
    old: Iterable[Unit],
    new: Iterable[Unit],
    changes: Iterable[Change] = (),
    places: Gazetteer | None = None,
) -> Comparison:
    """A new list against the villages in force; practice villages are left out of it.

    With ``places``, a village of an older list stands in the ward that its own one has become.
    """
    coming = {unit.code: unit for unit in new if _real_village(unit)}
    day = min((unit.valid_from for unit in coming.values()), default=None)
    standing = {
        unit.code: unit if places is None or day is None else _in_ward_of(unit, places, day)
        for unit in old
        if _real_village(unit) and unit.valid_to is None
    }
    pairs = [Pair(standing[code], coming[code]) for code in sorted(standing.keys() & coming.keys())]
    clashing = [pair for pair in pairs if not continues(pair.old, pair.new)]
    going_on = [pair for pair in pairs if continues(pair.old, pair.new)]
    added = [coming[code] for code in sorted(coming.keys() - standing.keys())]
    wards = {unit.parent_code for unit in coming.values()}
    missing = [
        unit for code, unit in sorted(standing.items()) if code not in coming and unit.parent_code in wards
    ]
    merged = tuple(_mergers(missing, coming, changes))
    gone = {unit.key for merger in merged for unit in merger.old}
    doubles = list(_doubles(missing, added, gone))
    return Comparison(
        added=tuple(added),
        renamed=tuple(pair for pair in going_on if pair.old.name != pair.new.name),
        moved=tuple(pair for pair in going_on if _moved(pair)),
        updated=tuple(pair for pair in going_on if _only_updated(pair)),
        unchanged=tuple(pair for pair in going_on if _same(pair)),
        removed=tuple(unit for unit in missing if unit.key not in gone),
        merged=merged,
        conflicting=tuple(clashing + doubles),
    )


def continues(old: Unit, new: Unit) -> bool:
    """Whether one code still means one village: same ward, and the same name or about the same place."""
    if old.parent_code != new.parent_code:
        return False
    return fold(old.name) == fold(new.name) or _apart(old, new, unknown=0.0) <= _FAR_M


def adopt(gazetteer: Gazetteer, loaded: LoadReport, *, end_missing: bool = False) -> Gazetteer:
    """The gazetteer with an accepted list in it.

    A row with the key of a known village corrects it; one with a later day ends the known village the day
    before. With ``end_missing`` the villages of those wards that the list does not name end as well, where
    the list is of a later day than they are.
    """
    new = {unit.code: unit for unit in loaded.units}
    ends = _ends(gazetteer, loaded, new, end_missing)
    keys = {unit.key for unit in loaded.units}
    practice_goes = any(not unit.practice for unit in loaded.units)
    kept = [
        replace(unit, valid_to=ends.get(unit.key, unit.valid_to))
        for unit in gazetteer.units
        if unit.key not in keys and not (unit.practice and practice_goes)
    ]
    drawn = {outline.key for outline in loaded.outlines}
    changes = {*gazetteer.changes, *loaded.changes, *_going_on(gazetteer, kept, new, ends)}
    return gazetteer.with_(
        units=[*kept, *loaded.units],
        changes=changes,
        outlines=[*(line for line in gazetteer.outlines if line.key not in drawn), *loaded.outlines],
    )


def _ends(
    gazetteer: Gazetteer, loaded: LoadReport, new: dict[str, Unit], end_missing: bool
) -> dict[Key, date]:
    """The last day of each known village that gives way to the list."""
    begins: dict[str | None, date] = {}
    for unit in loaded.units:
        begins[unit.parent_code] = min(unit.valid_from, begins.get(unit.parent_code, unit.valid_from))
    first = min(begins.values(), default=date.max)
    merged = {change.from_code: change.date for change in loaded.changes}
    ends: dict[Key, date] = {}
    for unit in gazetteer.units:
        if unit.level != "village" or unit.valid_to is not None:
            continue
        until = merged.get(unit.code)
        if unit.code in new:
            until = new[unit.code].valid_from
        elif until is None and end_missing:
            until = begins.get(_in_ward_of(unit, gazetteer, first).parent_code)
        if until is not None and until > unit.valid_from:
            ends[unit.key] = until - timedelta(days=1)
    return ends


def _going_on(
    gazetteer: Gazetteer, kept: Sequence[Unit], new: dict[str, Unit], ends: dict[Key, date]
) -> Iterator[Change]:
    for unit in kept:
        later = new.get(unit.code)
        if later is None or unit.key not in ends:
            continue
        if continues(_in_ward_of(unit, gazetteer, later.valid_from), later):
            yield Change(later.valid_from, "rename", unit.code, later.code, source=later.source)


def _mergers(missing: list[Unit], coming: dict[str, Unit], changes: Iterable[Change]) -> Iterator[Merger]:
    ended = {unit.code: unit for unit in missing}
    into: dict[str, list[Unit]] = defaultdict(list)
    for change in changes:
        if change.type == "merge" and change.to_code in coming and change.from_code in ended:
            into[change.to_code].append(ended.pop(change.from_code))
    for code, old in sorted(into.items()):
        yield Merger(coming[code], tuple(old), declared=True)
    yield from _supposed(list(ended.values()), coming)


def _supposed(missing: list[Unit], coming: dict[str, Unit]) -> Iterator[Merger]:
    """A new "Nà Sèn - Nà Lăng" where Nà Sèn and Nà Lăng are gone: shown as a supposition, never acted on."""
    gone: dict[str | None, list[Unit]] = defaultdict(list)
    for unit in missing:
        gone[unit.parent_code].append(unit)
    for unit in sorted(coming.values(), key=lambda unit: unit.code):
        name = f" {_letters(unit.name)} "
        old = [one for one in gone.get(unit.parent_code, ()) if f" {_core(one)} " in name]
        if len(old) > 1:
            yield Merger(unit, tuple(old), declared=False)


def _doubles(missing: list[Unit], added: list[Unit], gone: set[Key]) -> Iterator[Pair]:
    """The same name on the same spot under another code: one village with two codes."""
    by_name = {(unit.parent_code, fold(unit.name)): unit for unit in missing if unit.key not in gone}
    for unit in added:
        old = by_name.get((unit.parent_code, fold(unit.name)))
        if old is not None and _apart(old, unit, unknown=0.0) <= _SAME_SPOT_M:
            yield Pair(old, unit)


def _in_ward_of(unit: Unit, places: Gazetteer, day: date) -> Unit:
    """The village under the code that its ward bears on that day."""
    ward = places.parent(unit, on=max(day, unit.valid_from))
    return unit if ward is None or ward.code == unit.parent_code else replace(unit, parent_code=ward.code)


def _core(unit: Unit) -> str:
    """The name without the word for its kind."""
    words = _letters(unit.name)
    for kind in ("thon ", "khoi pho ", "khoi ", "to dan pho "):
        words = words.removeprefix(kind)
    return words


def _letters(name: str) -> str:
    return " ".join("".join(sign if sign.isalnum() else " " for sign in fold(name)).split())


def _apart(old: Unit, new: Unit, *, unknown: float) -> float:
    if old.lat is None or old.lon is None or new.lat is None or new.lon is None:
        return unknown
    return metres(old.lat, old.lon, new.lat, new.lon)


def _moved(pair: Pair) -> bool:
    return _apart(pair.old, pair.new, unknown=0.0) > _MOVED_M


def _same(pair: Pair) -> bool:
    return replace(pair.new, source=pair.old.source) == pair.old


def _only_updated(pair: Pair) -> bool:
    return not (_same(pair) or _moved(pair) or pair.old.name != pair.new.name)


def _real_village(unit: Unit) -> bool:
    return unit.level == "village" and not unit.practice


def _told(unit: Unit) -> dict[str, object]:
    return {
        "code": unit.code,
        "name": unit.name,
        "ward": unit.parent_code,
        "valid_from": str(unit.valid_from),
    }


def _told_pair(pair: Pair) -> dict[str, object]:
    return {"old": _told(pair.old), "new": _told(pair.new)}
