"""Who goes where in a round: one collaborator's villages and households, what was changed lately, and undoing it."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for

from forms.problems import Problem
from server.entrance import entrance, now
from server.flows import assignments as flow
from server.flows import rounds as round_flow
from server.pages.area import area, colleagues, reader
from server.pages.frame import audited, say
from server.pages.listing import asked
from server.store import assignments as store
from server.store import people, round_progress
from server.store.base import begin_writing, db
from server.store.people import Person
from server.store.round_progress import VillageLine

blueprint = Blueprint("assignments", __name__, url_prefix="/rounds/<round_id>/assignments")
KINDS = ("village", "household")


@blueprint.get("")
@entrance("review")
def show(round_id: str) -> str:
    session, person = db.session(), reader()
    chosen = round_flow.find(session, round_id)
    walkers = _walkers()
    walker = next((one for one in walkers if one.id == asked("person")), walkers[0] if walkers else None)
    lines = round_progress.by_village(session, chosen.id, person)
    village = asked("village", [line.code for line in lines] + [""])
    own = store.of_person(session, chosen.id, walker.id, "household") if walker else []
    households = store.households(session, person, village=village) if village else []
    mine = store.households(session, person, ids=own)
    audited(person, "round.assignments", chosen.id, households=len(households) + len(mine))
    return render_template(
        "assignments.html",
        place="rounds",
        chosen=chosen,
        walkers=walkers,
        walker=walker,
        wards=_by_ward(lines),
        villages=lines,
        given=set(store.of_person(session, chosen.id, walker.id, "village")) if walker else set(),
        village=village,
        households=households,
        mine=mine,
        own=set(own),
        steps=_steps(chosen.id, lines),
        names={entry.id: entry.name for entry in people.everyone(session)},
        titles={line.code: line.name for line in lines},
        area=area(),
    )


@blueprint.post("")
@entrance("review")
def save(round_id: str) -> Response:
    """What the officer ticked or unticked; what others changed meanwhile is left alone."""
    person_id = request.form.get("person", "")
    if person_id not in {one.id for one in _walkers()}:
        raise Problem("assignment_unknown", round=round_id[:40], target=person_id[:64])
    give: list[flow.Target] = []
    take: list[flow.Target] = []
    for kind in KINDS:
        before, after = set(request.form.getlist(f"was_{kind}")), set(request.form.getlist(kind))
        give += [(kind, target) for target in after - before]
        take += [(kind, target) for target in before - after]
    session = db.session()
    begin_writing(session)
    done = flow.change(session, round_id, person_id, give=give, take=take, by=reader(), now=now())
    session.commit()
    say("assignments.saved" if done else "assignments.nothing", n=str(done))
    return _back(round_id, person_id)


@blueprint.post("/undo")
@entrance("review")
def undo(round_id: str) -> Response:
    number = request.form.get("step", "")
    if not number.isascii() or not number.isdigit() or len(number) > 9:
        raise Problem("nothing_to_take_back")
    session = db.session()
    begin_writing(session)
    done = flow.undo(session, round_id, int(number), by=reader(), now=now())
    session.commit()
    say("assignments.undone", n=str(done))
    return _back(round_id, request.form.get("person", ""))


def _walkers() -> list[Person]:
    """Active collaborators the reader may know of."""
    return [one for one in colleagues() if one.role == "collaborator" and not one.removed_at]


def _by_ward(lines: list[VillageLine]) -> dict[str, list[VillageLine]]:
    """The villages of the frozen list, ward by ward."""
    found: dict[str, list[VillageLine]] = {}
    for line in lines:
        if line.listed:
            found.setdefault(line.ward, []).append(line)
    return found


def _steps(round_id: str, lines: list[VillageLine]) -> list[store.Step]:
    """What was changed lately, as far as all of it lies in the reader's area."""
    session, codes = db.session(), {line.code for line in lines}
    steps = store.steps(session, round_id)
    ids = {line.target for step in steps for line in step.lines if line.kind == "household"}
    seen = {one.id for one in store.households(session, reader(), ids=ids)} | codes
    return [step for step in steps if all(line.target in seen for line in step.lines)]


def _back(round_id: str, person_id: str) -> Response:
    village = request.form.get("of_village", "")
    address = url_for(
        "assignments.show", round_id=round_id, person=person_id or None, village=village or None
    )
    return redirect(address, 303)  # type: ignore[return-value]
