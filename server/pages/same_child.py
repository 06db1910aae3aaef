"""The same child twice, and what two phones wrote differently: an officer joins, keeps apart, chooses; all undoable."""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for

from server.entrance import entrance, now, settings
from server.flows import doubles
from server.flows import same_child as flow
from server.pages.area import area, reader
from server.pages.frame import audited, say
from server.store import people
from server.store import same_child as store
from server.store.base import begin_writing, db

blueprint = Blueprint("same_child", __name__, url_prefix="/same-child")


@blueprint.get("")
@entrance("review")
def show() -> str:
    session, person, province = db.session(), reader(), settings().province
    pairs = store.candidates(session, person, province)
    conflicts = store.conflicts(session, person, province)
    audited(person, "same_child.list", province, pairs=len(pairs), conflicts=len(conflicts))
    settled = [
        (kind, entity_id, field)
        for kind, entity_id in store.chosen_ids(session, province)
        for field in store.chosen(session, province, kind, entity_id)
    ]
    return render_template(
        "same_child.html",
        place="children",
        pairs=pairs,
        decided=store.decided(session, person, province),
        conflicts=conflicts,
        settled=settled,
        area=area(),
        names={entry.id: entry.name for entry in people.everyone(session)},
    )


@blueprint.post("/search")
@entrance("review")
def search() -> Response:
    found = doubles.search(db.session(), province=settings().province)
    db.session().commit()
    say("same.searched", n=str(found))
    return _back()


@blueprint.post("/decide")
@entrance("review")
def decide() -> Response:
    begin_writing(db.session())
    verdict = request.form.get("verdict", "")
    flow.decide_pair(
        db.session(),
        province=settings().province,
        a=request.form.get("a", ""),
        b=request.form.get("b", ""),
        verdict=verdict,
        by=reader(),
        now=now(),
    )
    db.session().commit()
    say(f"same.said_{verdict}")
    return _back()


@blueprint.post("/choose")
@entrance("review")
def choose() -> Response:
    """One of the values that two phones wrote, or the last choice taken back."""
    begin_writing(db.session())
    field = request.form.get("field", "")
    about = {
        "province": settings().province,
        "kind": "household" if request.form.get("kind") == "household" else "child",
        "entity_id": request.form.get("id", ""),
    }
    if request.form.get("take_back"):
        flow.take_back_choice(db.session(), **about, field=field, by=reader(), now=now())
    else:
        edit_id = request.form.get("edit", "")
        flow.choose_value(db.session(), **about, field=field, edit_id=edit_id, by=reader(), now=now())
    db.session().commit()
    say("same.chosen")
    return _back()


def _back() -> Response:
    return redirect(url_for("same_child.show"), 303)  # type: ignore[return-value]
