"""Roles, what each may do, and which places each may see. Deny by default.

An area is a tuple of unit codes (wards or villages); an empty area of an administrator or officer means the whole
office, an empty area of a collaborator means nothing.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

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
class Who:
    """The person behind a request, as the rules need to know them."""

    id: str
    name: str
    role: Role
    area: tuple[str, ...] = ()

    @property
    def everywhere(self) -> bool:
        return not self.area and self.role != "collaborator"


def may(who: Who, right: str) -> bool:
    """Whether this person has this right at all."""
    return right in RIGHTS[who.role]


def may_see_place(who: Who, ward: str | None, village: str | None) -> bool:
    """Whether a record of this ward and village lies in the person's area."""
    if who.everywhere:
        return True
    return bool({code for code in (ward, village) if code} & set(who.area))


def may_add(who: Who, role: Role, area: Collection[str]) -> bool:
    """An officer adds collaborators within the own area; an administrator adds anyone."""
    if may(who, "manage_people"):
        return True
    inside = who.everywhere or set(area) <= set(who.area)
    return may(who, "manage_collaborators") and role == "collaborator" and bool(area) and inside
