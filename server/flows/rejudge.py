"""Judging the archive again after a profile has changed, and saying what that changes, per class and per child.

The judgements of the old version stay beside the new ones.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from server.flows.derive import Outcome, store_all, work_out_all
from server.store import past_judgements
from server.store.base import begin_writing, db
from server.store.children import JudgementRow
from server.store.submissions import SUBMISSIONS

BATCH = 100


@dataclass
class Rejudged:
    """``moves`` counts (profile, from, to); ``children`` lists each child whose class or findings changed."""

    judged: int = 0
    moves: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    children: list[dict[str, Any]] = field(default_factory=list)

    def as_data(self) -> dict[str, Any]:
        moves = [
            {"profile": profile, "from": before, "to": after, "children": count}
            for (profile, before, after), count in sorted(self.moves.items())
        ]
        return {
            "judged": self.judged,
            "changed": len(self.children),
            "moves": moves,
            "children": self.children,
        }


def rejudge(*, now: datetime, dry_run: bool) -> Rejudged:
    """Judge every kept interview by the profiles as they are now."""
    session = db.session()
    result = Rejudged()
    keys = [
        (row[0], row[1])
        for row in session.execute(
            sa.select(SUBMISSIONS.c.province_code, SUBMISSIONS.c.id)
            .where(SUBMISSIONS.c.standing == "current")
            .order_by(SUBMISSIONS.c.received_at, SUBMISSIONS.c.id)
        )
    ]
    for start in range(0, len(keys), BATCH):
        outcomes = work_out_all(session, keys[start : start + BATCH])
        replaced = [row for outcome in outcomes for row in _compare(session, outcome, result, now)]
        if not dry_run:
            begin_writing(session)
            past_judgements.keep(session, replaced)
            store_all(session.connection(), outcomes)
            session.commit()
    session.rollback()
    return result


def _compare(session: Session, outcome: Outcome, result: Rejudged, now: datetime) -> list[dict[str, Any]]:
    """Note what differs for one submission; gives the judgements that are replaced."""
    rows = outcome.rows
    before = past_judgements.of_submission(session, outcome.province, outcome.submission_id)
    replaced = []
    child_of = {entry["id"]: entry["child_id"] for entry in rows.observations} if rows else {}
    for row in rows.judgements if rows else ():
        result.judged += 1
        old = before.get((row["observation_id"], row["profile"]))
        if old is None or (old.version, old.result) == (row["version"], row["result"]):
            continue
        replaced.append(_kept(old, now))
        change = {
            "child": child_of[row["observation_id"]],
            "profile": row["profile"],
            **_difference(old, row),
        }
        if change["from"] != change["to"] or change["added"] or change["removed"]:
            result.children.append(change)
            result.moves[(row["profile"], str(change["from"]), str(change["to"]))] += 1
    return replaced


def _difference(old: JudgementRow, new: dict[str, Any]) -> dict[str, Any]:
    before, after = _codes(old.result), _codes(new["result"])
    told = (old.class_, new["class_"]) if old.class_ is not None else (old.child_labour, new["child_labour"])
    return {
        "from": told[0],
        "to": told[1],
        "added": sorted(after - before),
        "removed": sorted(before - after),
    }


def _codes(result: dict[str, Any]) -> set[str]:
    return {finding["code"] + finding["suffix"] for finding in result.get("findings", ())}


def _kept(old: JudgementRow, now: datetime) -> dict[str, Any]:
    names = ("province_code", "observation_id", "profile", "version", "input_hash", "result")
    return {name: getattr(old, name) for name in names} | {"replaced_at": now}
