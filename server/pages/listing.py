"""What a list is asked for in its address: round, filters, sorting, page; and the addresses that change one of them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session

from forms.problems import Problem
from server.flows.export_ministry import chosen_round
from server.store import rounds
from server.store.paging import Cursor, Page
from server.store.rounds import Round

ALL = "all"
LONGEST = 200


@dataclass(frozen=True)
class Pager:
    """Addresses of the pages before and after."""

    before: str | None
    after: str | None


@dataclass(frozen=True)
class Listing:
    """Sorting and paging of this request."""

    sort: str
    down: bool
    cursor: Cursor

    def sort_url(self, key: str) -> str:
        """The same list by another column, or the other way round."""
        turned = key == self.sort and not self.down
        return _address(sort=key, dir="down" if turned else "up", after="", before="")

    def pager(self, page: Page) -> Pager:
        return Pager(
            before=_address(before=page.before, after="") if page.before else None,
            after=_address(after=page.after, before="") if page.after else None,
        )


def read_listing(keys: Collection[str], default: str, *, down: bool) -> Listing:
    """Sorting and paging as asked; a column that does not exist is the default one."""
    sort = asked("sort")
    chosen = sort if sort in keys else default
    way = asked("dir")
    falling = way == "down" if way in ("up", "down") and sort in keys else (down and chosen == default)
    return Listing(chosen, falling, Cursor(after=asked("after"), before=asked("before")))


def asked(name: str, allowed: Collection[str] | None = None) -> str:
    """One filter of the address, cut to a sensible length; a value that is not allowed is malformed."""
    value = " ".join(request.args.get(name, "").split())[:LONGEST]
    if value and allowed is not None and value not in allowed:
        raise Problem("request_malformed", fault=name)
    return value


def asked_round(session: Session, *, all_too: bool) -> tuple[str, Round | None, list[Round]]:
    """The round of the address (the open one when not said), and every round there is."""
    known = rounds.all_rounds(session)
    wanted = asked("round")
    if wanted == ALL and all_too:
        return "", None, known
    if not wanted and not known:
        return "", None, known
    chosen = chosen_round(session, wanted or None)
    return chosen.id, chosen, known


def _address(**changes: str | None) -> str:
    kept = {name: value for name, value in request.args.items() if value}
    for name, value in changes.items():
        kept.pop(name, None)
        if value:
            kept[name] = value
    return f"{request.path}?{urlencode(kept)}" if kept else request.path
