"""What to do with an incoming submission, given what is already kept. Nothing is ever dropped by a decision here.

The same instance id with the same bytes is already had. The same id with other bytes is kept beside the first and an
officer decides: a collaborator in a village cannot resolve it. An edit (``deprecatedID``) replaces what it names and
keeps it; an edit of something that was already replaced is kept as a conflict. An edit may overtake its original on
the way: it counts at once, and the original is kept behind it when it comes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Incoming:
    instance_id: str
    xml_hash: str
    deprecated_id: str | None = None
    from_removed: bool = False


@dataclass(frozen=True)
class Kept:
    """One stored copy of an instance id."""

    id: str
    xml_hash: str
    standing: str


@dataclass(frozen=True)
class Accept:
    """New: keep it as the current copy."""


@dataclass(frozen=True)
class AlreadyHave:
    """These very bytes are kept; only files may be added."""

    id: str


@dataclass(frozen=True)
class Edit:
    """Keep it as current; what it names becomes superseded and lends its unchanged files."""

    replaces: str


@dataclass(frozen=True)
class Conflict:
    """Keep it beside the copy that counts."""

    beside: str


@dataclass(frozen=True)
class Overtaken:
    """Keep it behind the edit that came first; it lends that edit its unchanged files."""

    by: str


@dataclass(frozen=True)
class Quarantine:
    """From a person who was removed: keep it, apart, until an officer has looked."""


Decision = Accept | AlreadyHave | Edit | Conflict | Overtaken | Quarantine


@dataclass(frozen=True)
class Known:
    """What is kept around an incoming submission: copies of its own id, copies of the id it says it replaces, edits
    that say they replace it, and other edits of what it replaces."""

    same: Sequence[Kept] = ()
    replaced: Sequence[Kept] = ()
    edits: Sequence[Kept] = ()
    rivals: Sequence[Kept] = ()


def decide(incoming: Incoming, known: Known) -> Decision:
    for copy in known.same:
        if copy.xml_hash == incoming.xml_hash:
            return AlreadyHave(copy.id)
    if incoming.from_removed:
        return Quarantine()
    if known.same:
        return Conflict(_counting(known.same).id)
    for edit in known.edits:
        if edit.standing in ("current", "superseded"):
            return Overtaken(edit.id)
    if incoming.deprecated_id in (None, incoming.instance_id):
        return Accept()
    if known.replaced:
        target = _counting(known.replaced)
        return Edit(target.id) if target.standing == "current" else Conflict(target.id)
    rival = next((edit for edit in known.rivals if edit.standing == "current"), None)
    return Conflict(rival.id) if rival else Accept()


def _counting(copies: Sequence[Kept]) -> Kept:
    return next((copy for copy in copies if copy.standing == "current"), copies[0])
