"""Random histories of one child edited on several phones that meet now and then. Same seed, same history."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any

from sync.histories import Edit, State, settle
from sync.merge import same

FIELDS = ("name", "birth", "school", "work")
VALUES = ("a", "b", "c", 1, True, None)


@dataclass
class History:
    """All edits in the order they were made, and what each author knew (told by the phones, not by the edits)."""

    edits: list[Edit] = field(default_factory=list)
    knew: dict[str, frozenset[str]] = field(default_factory=dict)


def random_history(random: Random, *, phones: int = 3, steps: int = 10) -> History:
    """Phones edit offline, send to the office, and fetch from it, in any order."""
    history, office = History(), set[str]()
    held: list[set[str]] = [set() for _ in range(phones)]
    by_id: dict[str, Edit] = {}
    for step in range(steps):
        phone = held[random.randrange(phones)]
        what = random.random()
        if what < 0.6:
            edit = _edit(random, step, phone, by_id)
            by_id[edit.id] = edit
            history.edits.append(edit)
            history.knew[edit.id] = frozenset(phone)
            phone.add(edit.id)
        elif what < 0.8:
            office |= phone
        else:
            phone |= office
    return history


def _edit(random: Random, step: int, phone: set[str], by_id: dict[str, Edit]) -> Edit:
    """An edit names only the newest edits it builds on; the older ones follow from those."""
    older = set().union(*(by_id[one].seen for one in phone)) if phone else set()
    names = random.sample(FIELDS, random.choice((1, 1, 2)))
    return Edit(f"e{step:02}", frozenset(phone - older), {name: random.choice(VALUES) for name in names})


def lost(history: History, state: State) -> list[tuple[str, str, Any]]:
    """Written values that are neither standing, nor told as rivals, nor rewritten by someone who knew them."""
    return [
        (edit.id, name, value)
        for edit in history.edits
        for name, value in edit.values.items()
        if not _kept(state, name, value) and not _rewritten(history, edit.id, name)
    ]


def invented(history: History, state: State) -> list[str]:
    """Fields whose conflict has fewer than two rivals or a rival that was rewritten knowingly."""
    return [
        name
        for name, rivals in state.conflicts.items()
        if len(rivals) < 2 or any(_rewritten(history, edit_id, name) for edit_id, _ in rivals)
    ]


def arrival_matters(history: History, random: Random) -> bool:
    """Whether another order of arrival, with doublets, settles differently."""
    shuffled = [*history.edits, *history.edits[:2]]
    random.shuffle(shuffled)
    return settle(shuffled) != settle(history.edits)


def _kept(state: State, name: str, value: Any) -> bool:
    rivals = [rival for _, rival in state.conflicts.get(name, ())]
    if name not in state.conflicts:
        rivals = [state.values[name]]
    return any(same(value, rival) for rival in rivals)


def _rewritten(history: History, edit_id: str, name: str) -> bool:
    return any(edit_id in history.knew[other.id] and name in other.values for other in history.edits)
