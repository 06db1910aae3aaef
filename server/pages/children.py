"""Children as last observed: the list by class and place, and one child with what the screening says and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from forms.problems import Problem
from forms.schema import FormSchema
from server.entrance import entrance, now
from server.flows import form_files
from server.flows.confirm_class import confirm_class
from server.pages.area import area, reader
from server.pages.as_of import placed, shared
from server.pages.frame import audited, say, words
from server.pages.judgements import Reading, asker, read_results
from server.pages.listing import asked, asked_round, read_listing
from server.pages.trial_form import DAYS
from server.store import decisions, forms, lists, people, records, rounds
from server.store.base import begin_writing, db
from server.store.children import Child
from server.store.decisions import ClassDecision
from server.store.lists import CLASSES, Search
from server.store.records import Seen
from server.store.submissions import Submission

SORTS = ("class", "name", "age", "place", "hours")

blueprint = Blueprint("children", __name__, url_prefix="/children")


@dataclass(frozen=True)
class Shown:
    """One observation on the child's page; decisions newest first."""

    seen: Seen
    reading: Reading | None
    decisions: list[ClassDecision]
    support: list[str]


@blueprint.get("")
@entrance("see_records")
def index() -> str:
    session, person = db.session(), reader()
    round_id, chosen, known = asked_round(session, all_too=True)
    listing = read_listing(SORTS, "class", down=False)
    search = placed(
        Search(
            round_id=round_id,
            ward=asked("ward"),
            village=asked("village"),
            class_=asked("class", CLASSES),
            unlawful=asked("unlawful") == "1",
            text=asked("q"),
        )
    )
    page = lists.children(
        session, person, search, sort=listing.sort, down=listing.down, cursor=listing.cursor
    )
    total = lists.count_children(session, person, search)
    audited(person, "children.list", round_id or "all", rows=len(page.rows), total=total, **_filters(search))
    return render_template(
        "children.html",
        place="children",
        listing=listing,
        page=page,
        pager=listing.pager(page),
        total=total,
        search=search,
        chosen=chosen,
        rounds=known,
        classes=CLASSES,
        area=area(),
        **shared(),
    )


@blueprint.get("/<child_id>")
@entrance("see_records")
def show(child_id: str) -> Response:
    child, seen = _find(child_id)
    audited(reader(), "child.view", child.id)
    return _page(child, seen)


@blueprint.post("/<child_id>/observations/<observation_id>/confirm")
@entrance("review")
def confirm(child_id: str, observation_id: str) -> Response:
    """An official's word on the screening: confirmed, changed with a reason, or taken back."""
    child, seen = _find(child_id)
    if observation_id not in {entry.observation.id for entry in seen}:
        raise Problem("page_unknown")
    province, chosen = child.province_code, request.form.get("class", "")
    begin_writing(db.session())
    try:
        confirm_class(
            db.session(),
            province=province,
            observation_id=observation_id,
            confirmed=None if request.form.get("take_back") else chosen,
            reason=request.form.get("reason", ""),
            by=reader(),
            now=now(),
        )
    except Problem as problem:
        db.session().rollback()
        return _page(*_find(child_id), problem=problem, problem_at=observation_id, sent_class=chosen)
    db.session().commit()
    say("confirm.saved")
    return redirect(url_for("children.show", child_id=child_id), 303)  # type: ignore[return-value]


def _find(child_id: str) -> tuple[Child, list[Seen]]:
    found = records.child(db.session(), reader(), child_id)
    if found is None:
        raise Problem("page_unknown")
    return found


def _page(
    child: Child,
    seen: list[Seen],
    *,
    problem: Problem | None = None,
    problem_at: str = "",
    sent_class: str = "",
) -> Response:
    session = db.session()
    answer = make_response(
        render_template(
            "child.html",
            place="children",
            child=child,
            seen=[_shown(entry) for entry in seen],
            left=records.departures(session, reader(), child),
            rounds={entry.id: entry.name for entry in rounds.all_rounds(session)},
            records=sorted({entry.observation.child_id for entry in seen}),
            area=area(),
            household=records.household(session, child.province_code, child.household_id),
            names={entry.id: entry.name for entry in people.everyone(session)},
            classes=CLASSES,
            days=DAYS,
            problem=problem,
            problem_at=problem_at,
            sent_class=sent_class,
        )
    )
    answer.status_code = problem.kind.status if problem else 200
    return answer


def _shown(seen: Seen) -> Shown:
    t, session = words(), db.session()
    own = seen.observation
    results = {row.profile: row.result for row in seen.judgements}
    schema = _schema(own.province_code, own.submission_id)
    reading = read_results(results, t, asker(schema, t))
    support = _support(own.facts.get("support_received") or (), schema)
    return Shown(seen, reading, decisions.history(session, own.province_code, own.id), support)


def _support(codes: Iterable[str], schema: FormSchema | None) -> list[str]:
    """The support a child received, in the words of the form it was asked with."""
    asked_by = [f for f in schema.fields.values() if "child.support_received" in f.facts] if schema else []
    lists = [entry.choices for entry in asked_by if entry.choices is not None]
    return [lists[0].label(code, words().language) if lists else code for code in codes]


def _schema(province: str, submission_id: str) -> FormSchema | None:
    """The form that the child was interviewed with."""
    own = db.session().get(Submission, (province, submission_id))
    form = forms.find(db.session(), own.form_id, own.form_version) if own else None
    return form_files.schema_of(form) if form else None


def _filters(search: Search) -> dict[str, object]:
    """The filter for the audit log: that a name was searched for, never which."""
    codes: dict[str, object] = {"ward": search.ward, "village": search.village, "class": search.class_}
    codes |= {"unlawful": search.unlawful, "searched": bool(search.text)}
    return {name: value for name, value in codes.items() if value}
