"""Who may enter: every route declares it, and nobody passes a route that does not.

``@entrance(right)`` asks for a person with that right, ``@entrance(None)`` for any person who is known, and
``@open_to_all(why)`` is the only way to let a stranger in; the reason stands beside the route.
Where the person comes from (cookie, bearer token, Basic, key path) is the business of each door.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

from flask import current_app, g, request

from forms.problems import Problem
from server.access.rules import Who, may
from server.settings import Settings

View = TypeVar("View", bound=Callable[..., Any])
WEB, PHONE, OPENROSA = "web", "phone", "openrosa"


def entrance(
    right: str | None, *, by: tuple[str, ...] = (WEB,), removed_too: bool = False
) -> Callable[[View], View]:
    """Only people with this right, known through one of the doors ``by``."""

    def mark(view: View) -> View:
        view.entrance = ("people", right, by, removed_too)  # type: ignore[attr-defined]
        return view

    return mark


def open_to_all(why: str) -> Callable[[View], View]:
    """Anyone may enter, for this reason."""

    def mark(view: View) -> View:
        view.entrance = ("all", why, (), False)  # type: ignore[attr-defined]
        return view

    return mark


def declared(view: Callable[..., Any]) -> tuple[str, str | None, tuple[str, ...], bool] | None:
    return getattr(view, "entrance", None)


def check_entrance() -> None:
    """Run before every request; raises the Problem that tells why someone may not pass."""
    if "\0" in request.path or b"%00" in request.query_string:
        raise Problem("text_unspeakable")  # a character that PostgreSQL cannot be asked about
    if request.endpoint is None:
        return
    rule = declared(current_app.view_functions[request.endpoint])
    if rule is None:
        raise RuntimeError(f"route {request.endpoint} does not say who may enter")
    kind, right, doors, removed_too = rule
    if kind == "all":
        return
    known = _known_person(doors)
    if known is None:
        raise Problem("key_wrong")
    who, removed = known
    if removed and not removed_too:
        raise Problem("person_removed")
    if right is not None and not may(who, right):
        raise Problem("not_allowed")
    g.who, g.removed = who, removed


def _known_person(doors: tuple[str, ...]) -> tuple[Who, bool] | None:
    identify = current_app.extensions["mangnon.identify"]
    for door in doors:
        known: tuple[Who, bool] | None = identify[door]()
        if known is not None:
            return known
    return None


def now() -> datetime:
    """The clock of the application; tests set their own."""
    moment: datetime = current_app.config["CLOCK"]()
    return moment


def mark() -> object:
    """The mark of the database as this request found it first."""
    if "mark" not in g:
        g.mark = current_app.extensions["mangnon.mark"].now()
    return g.mark


def system_clock() -> datetime:
    return datetime.now(UTC)


def settings() -> Settings:
    found: Settings = current_app.config["SETTINGS"]
    return found


def who() -> Who:
    person: Who = g.who
    return person
