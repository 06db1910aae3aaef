"""Survey rounds: the list, one round and its progress, opening, closing, who goes where, two rounds compared."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from forms.problems import Problem
from server.entrance import entrance, now, who
from server.flows import rounds as flow
from server.pages.area import area, colleagues, reader, today
from server.pages.frame import audited, say
from server.pages.listing import asked
from server.store import assignments, closed_forms, compare_rounds, forms, lists, round_progress
from server.store import rounds as store
from server.store.base import begin_writing, db
from server.store.compare_rounds import ABSENT, LEFT, TABLES
from server.store.forms import FormVersion
from server.store.lists import CLASSES

NOBODY = "nobody"
SCHOOL = ("yes", "no", "unknown")

blueprint = Blueprint("rounds", __name__, url_prefix="/rounds")


@blueprint.get("")
@entrance("see_records")
def index() -> Response:
    return _index()


@blueprint.post("/open")
@entrance("manage_forms")
def open_round() -> Response:
    begin_writing(db.session())
    try:
        wanted = flow.Wanted(
            id=request.form.get("id", "").strip(),
            name=request.form.get("name", ""),
            period_from=_date("from") or date.max,
            period_to=_date("to") or date.min,
            deadline=_date("deadline"),
            form_id=request.form.get("form", ""),
        )
        made = flow.open_round(db.session(), wanted, by=who().id, now=now())
        opened = made.id
        db.session().commit()
    except Problem as problem:
        db.session().rollback()
        return _index(problem)
    say("rounds.opened", round=opened)
    return _to(opened)


@blueprint.get("/<round_id>")
@entrance("see_records")
def show(round_id: str) -> str:
    session, person = db.session(), reader()
    chosen = flow.find(session, round_id)
    waiting = round_progress.not_visited(session, chosen.id, person)
    charge, in_charge = assignments.charge(session, chosen.id), asked("person")
    audited(person, "round.view", chosen.id, not_visited=len(waiting))
    return render_template(
        "round.html",
        place="rounds",
        chosen=chosen,
        villages=round_progress.by_village(session, chosen.id, person),
        people=round_progress.by_person(session, chosen.id, person),
        waiting=[household for household in waiting if _is_asked(charge.of(household), in_charge)],
        charge=charge,
        in_charge=in_charge,
        frozen=bool(store.villages(session, chosen.id)),
        names={entry.id: entry.name for entry in colleagues()},
        collaborators=[entry for entry in colleagues() if entry.role == "collaborator"],
        late=lists.count_submissions(session, person, lists.Search(round_id=chosen.id, state="late")),
        others=[entry for entry in store.all_rounds(session) if entry.id != chosen.id],
        area=area(),
    )


@blueprint.post("/<round_id>/close")
@entrance("manage_forms")
def close(round_id: str) -> Response:
    _write(lambda: flow.close_round(db.session(), round_id, by=who().id, now=now()))
    say("rounds.was_closed", round=round_id)
    return _to(round_id)


@blueprint.post("/<round_id>/freeze")
@entrance("manage_forms")
def freeze(round_id: str) -> Response:
    count = _write(lambda: flow.freeze_villages(db.session(), round_id, by=who().id, now=now()))
    say("rounds.frozen", n=str(count))
    return _to(round_id)


@blueprint.get("/<round_id>/compare/<later_id>")
@entrance("see_records")
def compare(round_id: str, later_id: str) -> str:
    session, person = db.session(), reader()
    earlier, later = flow.find(session, round_id), flow.find(session, later_id)
    found = compare_rounds.flows(session, person, earlier.id, later.id)
    table = asked("table", TABLES)
    cell = (asked("from"), asked("to"))
    chosen = [one for one in found if one.cell(table) == cell] if table else []
    audited(person, "round.compare", f"{earlier.id}>{later.id}", children=len(found), listed=len(chosen))
    return render_template(
        "round_compare.html",
        place="rounds",
        earlier=earlier,
        later=later,
        tables={name: compare_rounds.table(found, name) for name in TABLES},
        states={"class": CLASSES, "school": SCHOOL},
        left=LEFT,
        table=table,
        cell=cell,
        chosen=chosen,
        absent=ABSENT,
        area=area(),
    )


def _is_asked(people: list[str], in_charge: str) -> bool:
    """Whether a household belongs to the list of this person, or ("nobody") of those given to no one."""
    return not in_charge or (not people if in_charge == NOBODY else in_charge in people)


def _index(problem: Problem | None = None) -> Response:
    session = db.session()
    known = store.all_rounds(session)
    answer = make_response(
        render_template(
            "rounds.html",
            place="rounds",
            rounds=known,
            forms=_open_forms(),
            counts={entry.id: len(store.villages(session, entry.id)) for entry in known},
            problem=problem,
            sent=request.form,
            today=today(),
        )
    )
    answer.status_code = problem.kind.status if problem else 200
    return answer


def _open_forms() -> list[FormVersion]:
    closed = closed_forms.ids(db.session())
    return [form for form in forms.current(db.session()) if form.form_id not in closed]


def _date(name: str) -> date | None:
    text = request.form.get(name, "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Problem("round_period_wrong") from None


def _write(what: Callable[[], Any]) -> Any:
    begin_writing(db.session())
    result = what()
    db.session().commit()
    return result


def _to(round_id: str) -> Response:
    return redirect(url_for("rounds.show", round_id=round_id), 303)  # type: ignore[return-value]
