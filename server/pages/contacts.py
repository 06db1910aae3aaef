"""The numbers that the phone shows when a child is in danger: one per ward, kept by the ward's own officers."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from forms.problems import Problem
from server.entrance import entrance, now, who
from server.flows.contacts import set_numbers
from server.pages.area import area
from server.pages.frame import say
from server.store import contacts
from server.store.base import begin_writing, db

blueprint = Blueprint("contacts", __name__, url_prefix="/contacts")


@blueprint.get("")
@entrance("review")
def show() -> Response:
    return _page(contacts.numbers(db.session()))


@blueprint.post("")
@entrance("review")
def keep() -> Response:
    """Keep the numbers of the wards in the officer's area; others are left as they are."""
    given = {
        ward.code: request.form[f"phone-{ward.code}"]
        for ward, _ in area().wards
        if f"phone-{ward.code}" in request.form
    }
    person = who()
    begin_writing(db.session())
    try:
        set_numbers(db.session(), given, by=person, now=now())
    except Problem as problem:
        db.session().rollback()
        return _page(given, problem)
    db.session().commit()
    say("contacts.kept")
    return redirect(url_for("contacts.show"), 303)  # type: ignore[return-value]


def _page(numbers: dict[str, str], problem: Problem | None = None) -> Response:
    answer = make_response(
        render_template("contacts.html", place="people", area=area(), numbers=numbers, problem=problem)
    )
    answer.status_code = problem.kind.status if problem else 200
    return answer
