"""Roles, what each may do, and which places each may see. Deny by default.

An area is a tuple of unit codes (wards or villages); an empty area of an administrator or officer means the whole
office, an empty area of a collaborator means nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sync.places.as_of import Span

Role = Literal["administrator", "officer", "collaborator"]
ROLES: tuple[Role, ...] = ("administrator", "officer", "collaborator")

RIGHTS: dict[Role, frozenset[str]] = {
    "administrator": frozenset(
        {
            "see_records",
            "review",
            "export",
            "manage_people",
            "manage_forms",
            "manage_places",
            "submit",
            "try_drafts",
            "see_positions",
        }
    ),
    "officer": frozenset(
        {"see_records", "review", "export", "manage_collaborators", "submit", "try_drafts", "see_positions"}
    ),
    "collaborator": frozenset({"submit"}),
}


@dataclass(frozen=True)
class Ground:
    """An area over the years: the codes that meant a part of it, and from when to when they did."""

    wards: tuple[Span, ...] = ()
    villages: tuple[Span, ...] = ()

    def holds(self, ward: str | None, village: str | None, at: date) -> bool:
        return any(span.holds(ward, village, at) for span in self.wards) or any(
            span.holds(village, None, at) for span in self.villages
        )


@dataclass(frozen=True)
class Who:
    """The person behind a request, as the rules need to know them; ``area`` are codes of today."""

    id: str
    name: str
    role: Role
    area: tuple[str, ...] = ()
    ground: Ground | None = None

    @property
    def everywhere(self) -> bool:
        return not self.area and self.role != "collaborator"


def may(who: Who, right: str) -> bool:
    """Whether this person has this right at all."""
    return right in RIGHTS[who.role]


def may_see_place(who: Who, ward: str | None, village: str | None, at: date | None = None) -> bool:
    """Whether a record of this ward and village, written on that day, lies in the person's area."""
    if who.everywhere:
        return True
    if who.ground is not None and at is not None:
        return who.ground.holds(ward, village, at)
    return bool({code for code in (ward, village) if code} & set(who.area))


def may_add(who: Who, role: Role, area: Collection[str]) -> bool:
    """An officer adds collaborators within the own area; an administrator adds anyone."""
    if may(who, "manage_people"):
        return True
    inside = who.everywhere or set(area) <= set(who.area)
    return may(who, "manage_collaborators") and role == "collaborator" and bool(area) and inside
