"""What to do with an incoming submission, given what is already kept. Nothing is ever dropped by a decision here.

The same instance id with the same bytes is already had. The same id with other bytes is kept beside the first and an
officer decides: a collaborator in a village cannot resolve it. An edit (``deprecatedID``) replaces what it names and
keeps it; an edit of something that was already replaced is kept as a conflict.
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
class Quarantine:
    """From a person who was removed: keep it, apart, until an officer has looked."""


Decision = Accept | AlreadyHave | Edit | Conflict | Quarantine


def decide(incoming: Incoming, known: Sequence[Kept], deprecated: Sequence[Kept]) -> Decision:
    """``known``: the copies of this instance id; ``deprecated``: the copies of the id it says it replaces."""
    for copy in known:
        if copy.xml_hash == incoming.xml_hash:
            return AlreadyHave(copy.id)
    if incoming.from_removed:
        return Quarantine()
    if known:
        return Conflict(_counting(known).id)
    if not deprecated or incoming.deprecated_id == incoming.instance_id:
        return Accept()
    target = _counting(deprecated)
    return Edit(target.id) if target.standing == "current" else Conflict(target.id)


def _counting(copies: Sequence[Kept]) -> Kept:
    return next((copy for copy in copies if copy.standing == "current"), copies[0])
