"""Who reports to whom, over time: ministries, departments and committees, and the way of a report through them.

Each body and each step of a way holds from a day to a day. What ships with the product (``data/authorities.csv`` and
``data/report_routes.csv``) can be corrected and continued by lists of the office; a row with the same key replaces.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Literal

from sync.places.official import shipped_rows

ReportType = Literal["child_protection", "labour"]

LEVELS = ("ministry", "province", "district", "ward")
FUNCTIONS = ("child_protection", "labour", "reporting_unit")
REPORT_TYPES: tuple[ReportType, ...] = ("child_protection", "labour")
BodyKey = tuple[str, date | None]
RouteKey = tuple[str, int, str, str, date | None]


@dataclass(frozen=True, slots=True)
class Authority:
    """A body that reports or receives reports; ``functions`` as it bore them between the two days."""

    id: str
    name: str
    level: str
    functions: tuple[str, ...]
    valid_from: date | None
    valid_to: date | None
    source: str = ""
    label: str = ""

    @property
    def key(self) -> BodyKey:
        """What identifies the body over time."""
        return (self.id, self.valid_from)

    def as_data(self) -> dict[str, object]:
        """The body for JSON."""
        return {
            "id": self.id,
            "name": self.name,
            "level": self.level,
            "functions": list(self.functions),
            **_days(self.valid_from, self.valid_to),
            "source": self.source,
            "label": self.label,
        }


@dataclass(frozen=True, slots=True)
class ReportRoute:
    """One step of a report on its way up: from which body to which, between the two days."""

    report_type: str
    step: int
    from_authority: str
    to_authority: str
    valid_from: date | None
    valid_to: date | None
    due_rule: str = ""
    source: str = ""
    label: str = ""

    @property
    def key(self) -> RouteKey:
        """What identifies the step over time."""
        return (self.report_type, self.step, self.from_authority, self.to_authority, self.valid_from)

    @property
    def assumed(self) -> bool:
        """Whether the step was not read in its source, so that it must be shown as to be checked."""
        return "own knowledge" in self.label

    def as_data(self) -> dict[str, object]:
        """The step for JSON."""
        return {
            "report_type": self.report_type,
            "step": self.step,
            "from_authority": self.from_authority,
            "to_authority": self.to_authority,
            **_days(self.valid_from, self.valid_to),
            "due_rule": self.due_rule,
            "source": self.source,
            "label": self.label,
        }


class Authorities:
    """All bodies and all steps, whenever they hold."""

    def __init__(self, bodies: Iterable[Authority], routes: Iterable[ReportRoute]) -> None:
        self.bodies = tuple(sorted(bodies, key=lambda body: (body.id, body.valid_from or date.min)))
        self.routes = tuple(sorted(routes, key=lambda r: (*r.key[:4], r.valid_from or date.min)))

    def overlaid(self, bodies: Iterable[Authority], routes: Iterable[ReportRoute]) -> Authorities:
        """These, where a row with a known key takes the place of that one."""
        kept_bodies = {body.key: body for body in (*self.bodies, *bodies)}
        kept_routes = {route.key: route for route in (*self.routes, *routes)}
        return Authorities(kept_bodies.values(), kept_routes.values())

    def on(self, day: date) -> dict[str, Authority]:
        """The bodies of that day, by id."""
        return {body.id: body for body in self.bodies if _within(day, body.valid_from, body.valid_to)}

    def way(self, report_type: str, *, on: date) -> tuple[ReportRoute, ...]:
        """The way of a report on that day, step by step."""
        return tuple(
            route
            for route in self.routes
            if route.report_type == report_type and _within(on, route.valid_from, route.valid_to)
        )

    def ministries(self, report_type: str, *, on: date) -> tuple[Authority, ...]:
        """The ministries in which the way of a report ends on that day."""
        bodies = self.on(on)
        reached = dict.fromkeys(route.to_authority for route in self.way(report_type, on=on))
        return tuple(bodies[name] for name in reached if name in bodies and bodies[name].level == "ministry")


@cache
def shipped_authorities() -> Authorities:
    """The bodies and ways that ship with the product."""
    return Authorities(_shipped_bodies(), _shipped_routes())


def _shipped_bodies() -> Iterable[Authority]:
    for row in shipped_rows("authorities"):
        yield Authority(
            id=row["id"],
            name=row["name"],
            level=row["level"],
            functions=tuple(row["function"].split(";")),
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            source=row["source"],
            label=row["label"],
        )


def _shipped_routes() -> Iterable[ReportRoute]:
    for row in shipped_rows("report_routes"):
        yield ReportRoute(
            report_type=row["report_type"],
            step=int(row["step"]),
            from_authority=row["from_authority"],
            to_authority=row["to_authority"],
            valid_from=_day(row["valid_from"]),
            valid_to=_day(row["valid_to"]),
            due_rule=row["due_rule"],
            source=row["source"],
            label=row["label"],
        )


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def _days(first: date | None, last: date | None) -> dict[str, str | None]:
    return {
        "valid_from": first.isoformat() if first else None,
        "valid_to": last.isoformat() if last else None,
    }


def _within(on: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= on) and (last is None or on <= last)
