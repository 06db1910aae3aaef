"""Three-way merge, field by field, of a household or child that was edited in two places at once. Pure.

A field that only one side changed takes that side's value; one that both changed to different values keeps what
the base had and is told in ``conflicts`` with both values, until an officer chooses. Which side is "mine" never
matters. A field that is absent reads as None in ``conflicts``; absent and None both mean "blank".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

ABSENT: Any = object()


@dataclass(frozen=True)
class Merged:
    """``values`` holds what is agreed; ``conflicts`` names (mine, theirs) for every field that waits."""

    values: dict[str, Any] = field(default_factory=dict)
    conflicts: dict[str, tuple[Any, Any]] = field(default_factory=dict)


def merge(base: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any]) -> Merged:
    """What comes of two edits of ``base`` that did not know of each other."""
    merged = Merged()
    for name in dict.fromkeys([*base, *sorted({*mine, *theirs} - set(base))]):
        old, own, other = (side.get(name, ABSENT) for side in (base, mine, theirs))
        if same(own, other) or same(other, old):
            value = own
        elif same(own, old):
            value = other
        elif blank(own) and blank(other):
            value = None
        else:
            merged.conflicts[name] = (_said(own), _said(other))
            value = old
        if value is not ABSENT:
            merged.values[name] = value
    return merged


def changes(base: Mapping[str, Any], edited: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that an edit of ``base`` changed, with their new values (None for one that it took away)."""
    names = dict.fromkeys([*base, *edited])
    pairs = ((name, base.get(name, ABSENT), edited.get(name, ABSENT)) for name in names)
    return {name: _said(new) for name, old, new in pairs if not same(old, new)}


def same(one: Any, other: Any) -> bool:
    """Equal in value and in kind: 1 is not True, and NaN is itself."""
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(same, one, other))
    return bool(one == other) or (one != one and other != other)


def blank(value: Any) -> bool:
    return value is ABSENT or value is None


def _said(value: Any) -> Any:
    return None if value is ABSENT else value
