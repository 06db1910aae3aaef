"""What many edits of one thing give together, whatever order they arrive in. Pure.

Each edit names the edits its author had seen. A value counts until an edit that had seen it writes the same field
again; values of one field that nobody has seen together stand side by side as a conflict. An officer's choice is an
edit that has seen all of them. Nothing here depends on clocks or on the order of arrival.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.merge import same


@dataclass(frozen=True)
class Edit:
    """The fields that one edit wrote, and the ids of the edits its author knew (their own seen ones included)."""

    id: str
    seen: frozenset[str]
    values: Mapping[str, Any]


@dataclass(frozen=True)
class State:
    """``values`` where all agree; ``conflicts`` holds the rival values of a field as (edit id, value), by edit id.

    A conflicting field keeps the last value that every rival had seen, as long as there is exactly one.
    """

    values: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, tuple[tuple[str, Any], ...]] = field(default_factory=dict)


def settle(edits: Iterable[Edit]) -> State:
    """The state that a set of edits gives; edits that came twice count once."""
    known = {edit.id: edit for edit in edits}
    past = _pasts(known)
    writers: dict[str, list[str]] = {}
    for edit_id in sorted(known):
        for name in known[edit_id].values:
            writers.setdefault(name, []).append(edit_id)
    state = State()
    for name in sorted(writers):
        last = _unanswered(writers[name], past)
        rivals = _different(last, name, known)
        if len(rivals) == 1:
            state.values[name] = rivals[0][1]
            continue
        state.conflicts[name] = tuple(rivals)
        common = frozenset.intersection(*(past[edit_id] for edit_id in last)) & set(writers[name])
        before = _different(_unanswered(sorted(common), past), name, known)
        if len(before) == 1:
            state.values[name] = before[0][1]
    return state


def _pasts(known: Mapping[str, Edit]) -> dict[str, frozenset[str]]:
    """Everything that each edit had seen, through the edits it names as well."""
    past: dict[str, frozenset[str]] = {}
    circular = False
    for edit_id in sorted(known):
        for step in _deepest_first(edit_id, known, past):
            seen = known[step].seen
            past[step] = seen.union(*(past.get(one, frozenset()) for one in seen))
            circular = circular or step in past[step]
    return _without_circles(past) if circular else past


def _without_circles(past: Mapping[str, frozenset[str]]) -> dict[str, frozenset[str]]:
    """Edits that claim to have seen each other (a broken phone) count as not having done so."""
    return {
        edit_id: frozenset(
            one for one in seen if edit_id not in past.get(one, frozenset()) and one != edit_id
        )
        for edit_id, seen in past.items()
    }


def _deepest_first(
    start: str, known: Mapping[str, Edit], done: Mapping[str, frozenset[str]]
) -> Iterator[str]:
    """An edit after all that it builds on, without recursion; a circle is cut where it closes."""
    stack, entered = [(start, False)], set()
    while stack:
        edit_id, ready = stack.pop()
        if ready:
            yield edit_id
        elif edit_id not in entered and edit_id not in done and edit_id in known:
            entered.add(edit_id)
            stack.append((edit_id, True))
            stack.extend((one, False) for one in sorted(known[edit_id].seen))


def _unanswered(writers: list[str], past: Mapping[str, frozenset[str]]) -> list[str]:
    answered = frozenset().union(*(past[edit_id] for edit_id in writers))
    return [edit_id for edit_id in writers if edit_id not in answered]


def _different(writers: list[str], name: str, known: Mapping[str, Edit]) -> list[tuple[str, Any]]:
    """The values these edits wrote, each once."""
    found: list[tuple[str, Any]] = []
    for edit_id in writers:
        value = known[edit_id].values[name]
        if not any(same(value, other) for _, other in found):
            found.append((edit_id, value))
    return found
