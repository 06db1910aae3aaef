"""From the versions that phones name (OpenRosa entities) to who had seen whose edits. Pure.

The office numbers the edits of an entity in the order it received them. A phone that edits names the version it was
shown (``base``); one that edits again offline names its own chain as well (``branch``, which left the office's line
at ``trunk``). An officer's choice stands in the same line and has seen what the officer looked at. An update that
names no version has seen nothing but the creation: better a question than a loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sync.histories import Edit, State, settle
from sync.merge import changes


@dataclass(frozen=True)
class Written:
    """One visit's whole word on a household or child: a snapshot, and the version it began from."""

    id: str
    values: Mapping[str, Any]
    creates: bool = True
    base: int | None = None
    trunk: int | None = None
    branch: str = ""
    chosen_over: frozenset[str] | None = None
    """For an officer's choice: the edits it was made over; its values are then the chosen fields alone."""


def settled(line: Sequence[Written]) -> State:
    """What visits and officers' choices, in the order the office came to know them, give together.

    A visit changes only what differs from what its phone was shown; confirming a value is no change.
    """
    edits: dict[str, Edit] = {}
    waiting = list(line)
    seen = {one.id: _seen(one, place, line) for place, one in enumerate(line)}
    while waiting:
        ready = [one for one in waiting if not any(other.id in seen[one.id] for other in waiting)]
        for one in ready or waiting[:1]:  # versions that name each other in a circle are taken as they came
            edits[one.id] = Edit(one.id, seen[one.id], _changed(one, edits, seen))
        waiting = [one for one in waiting if one.id not in edits]
    return settle(edits.values())


def _changed(
    one: Written, edits: Mapping[str, Edit], seen: Mapping[str, frozenset[str]]
) -> Mapping[str, Any]:
    if one.chosen_over is not None:
        return one.values
    past = _past(seen, one.id)
    known = _known(settle([edits[key] for key in edits if key in past]))
    # A visit that met nobody says nothing of names: what it does not speak of stays.
    return changes({name: known[name] for name in known if name in one.values}, one.values)


def _seen(one: Written, place: int, line: Sequence[Written]) -> frozenset[str]:
    if one.chosen_over is not None:
        return one.chosen_over - {one.id}
    if one.creates:
        return frozenset(other.id for other in line[:place])
    created = {other.id for other in line if other.creates and other.chosen_over is None}
    office = one.base if one.trunk is None and not one.branch else one.trunk
    shown = {other.id for other in line[: max(office or 0, 0)]}
    own = {
        other.id
        for other in line
        if one.branch and other.branch == one.branch and (other.base or 0) < (one.base or 0)
    }
    return frozenset((created | shown | own) - {one.id})


def _past(seen: Mapping[str, frozenset[str]], start: str) -> set[str]:
    past: set[str] = set()
    waiting = list(seen[start])
    while waiting:
        one = waiting.pop()
        if one not in past:
            past.add(one)
            waiting.extend(seen.get(one, ()))
    return past


def _known(state: State) -> dict[str, Any]:
    """What a phone was shown: of a field in conflict, the value that stood before."""
    return {name: state.values.get(name) for name in {*state.values, *state.conflicts}}
