"""``mangnon rounds``: open, close, list, freeze the villages, assign."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import click

from forms.problems import Problem
from server.commands.office import office
from server.commands.saying import command_problems, json_option, say

DAY = click.DateTime(["%Y-%m-%d"])


@click.group()
def rounds() -> None:
    """Đợt khảo sát. / Survey rounds."""


@rounds.command("open")
@click.argument("round_id")
@click.option("--name", default="", help="Tên đợt. / Name.")
@click.option("--from", "first", type=DAY, required=True, help="Ngày bắt đầu. / First day.")
@click.option("--to", "last", type=DAY, required=True, help="Ngày kết thúc. / Last day.")
@click.option("--deadline", type=DAY, help="Hạn chót gửi phiếu. / Deadline.")
@click.option("--form", "form_id", default="", help="Mã biểu mẫu. / Form id.")
@json_option
@command_problems
def open_round(
    round_id: str,
    name: str,
    first: datetime,
    last: datetime,
    deadline: datetime | None,
    form_id: str,
    as_json: bool,
) -> None:
    """Mở đợt mới; chốt biểu mẫu và danh sách thôn của hôm nay. / Open a round with today's form and villages."""
    with office():
        from server.entrance import now
        from server.flows import rounds as flow
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        wanted = flow.Wanted(round_id, name, first.date(), last.date(), _day(deadline), form_id)
        made = flow.open_round(session, wanted, by=None, now=now())
        data = _told(made)
        session.commit()
    say(data, as_json, f"Đã mở đợt {data['id']}: {data['villages']} thôn, {data['assignments']} phân công.")


@rounds.command("close")
@click.argument("round_id")
@json_option
@command_problems
def close_round(round_id: str, as_json: bool) -> None:
    """Đóng đợt. / Close a round."""
    with office():
        from server.entrance import now
        from server.flows import rounds as flow
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        data = _told(flow.close_round(session, round_id, by=None, now=now()))
        session.commit()
    say(data, as_json, f"Đã đóng đợt {data['id']}.")


@rounds.command("list")
@json_option
@command_problems
def list_rounds(as_json: bool) -> None:
    """Các đợt, mới nhất trước. / Rounds, newest first."""
    with office():
        from server.store import rounds as store
        from server.store.base import db

        rows = [_told(entry) for entry in store.all_rounds(db.session())]
    lines = [f"{row['id']} · {row['name']} · {row['state']} · {row['villages']} thôn" for row in rows]
    say(rows, as_json, "\n".join(lines))


@rounds.command("freeze")
@click.argument("round_id")
@json_option
@command_problems
def freeze(round_id: str, as_json: bool) -> None:
    """Chốt lại danh sách thôn khi đợt chưa có phiếu. / Take today's villages while nobody has gone out."""
    with office():
        from server.entrance import now
        from server.flows import rounds as flow
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        count = flow.freeze_villages(session, round_id, by=None, now=now())
        session.commit()
    say({"round": round_id, "villages": count}, as_json, f"Đợt {round_id}: {count} thôn.")


@rounds.command("assign")
@click.argument("round_id")
@click.option("--person", required=True, help="Tên cộng tác viên. / Name of the collaborator.")
@click.option("--village", "villages", multiple=True, help="Mã thôn; lặp lại được. / Village code.")
@click.option("--household", "households", multiple=True, help="Mã hộ; lặp lại được. / Household id.")
@json_option
@command_problems
def assign(
    round_id: str, person: str, villages: tuple[str, ...], households: tuple[str, ...], as_json: bool
) -> None:
    """Phân công thôn hoặc hộ cho cộng tác viên. / Give villages or households to a collaborator."""
    targets = [("village", code) for code in villages] + [("household", code) for code in households]
    with office():
        from server.entrance import now
        from server.flows import assignments as flow
        from server.store import people
        from server.store.base import begin_writing, db

        session = db.session()
        begin_writing(session)
        found = people.find_by_name(session, person)
        if found is None:
            raise Problem("assignment_unknown", round=round_id, target="--person")
        flow.change(session, round_id, found.id, give=targets, by=None, now=now())
        session.commit()
    say({"round": round_id, "assigned": len(targets)}, as_json, f"Đã phân công {len(targets)}.")


def _day(value: datetime | None) -> date | None:
    return value.date() if value else None


def _told(entry: Any) -> dict[str, Any]:
    """A round as data."""
    from server.store import rounds as store
    from server.store.base import db

    villages = store.villages(db.session(), entry.id)
    registered = [row.households for row in villages if row.households is not None]
    return {
        "id": entry.id,
        "name": entry.name,
        "state": entry.state,
        "period_from": entry.period_from.isoformat(),
        "period_to": entry.period_to.isoformat(),
        "deadline": entry.deadline.isoformat() if entry.deadline else None,
        "reference_rule": entry.reference_rule,
        "form": {"form_id": entry.form_id, "version": entry.form_version} if entry.form_id else None,
        "gazetteer_version": entry.gazetteer_version,
        "villages": len(villages),
        "registered_households": sum(registered) if registered else None,
        "assignments": len(store.assignments(db.session(), entry.id)),
        "opened_at": entry.opened_at.isoformat(),
        "closed_at": entry.closed_at.isoformat() if entry.closed_at else None,
    }
