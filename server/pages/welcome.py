"""Signing in and out, and one's own account. The cookie holds a secret; the database knows whose it is."""

from __future__ import annotations

from datetime import timedelta

from flask import Blueprint, Response, g, make_response, redirect, render_template, request, session, url_for

from forms.problems import Problem
from server import credentials
from server.access.rules import Who, may
from server.entrance import entrance, now, open_to_all, settings, who
from server.flows import people as people_flow
from server.flows import sign_in as sign_in_flow
from server.pages.frame import safe_next, say, viewer
from server.store import audit, people
from server.store.base import begin_writing, db
from server.store.people import Key, Person

KEY = "key"
OPEN_BEFORE_PASSWORD = {
    "welcome.password",
    "welcome.set_password",
    "welcome.sign_out",
    "frame.static",
    "frame.choose_language",
}

blueprint = Blueprint("welcome", __name__)


def identify() -> tuple[Who, bool] | None:
    """Who this browser signed in as."""
    secret = session.get(KEY)
    if not isinstance(secret, str):
        return None
    known = sign_in_flow.who_has(db.session(), secret, ("web",), now=now())
    if known is None:
        return None
    g.web_key = known.key_id
    g.password_once = db.session().get_one(Person, known.who.id).password_once
    return known.who, known.removed


def ask_new_password() -> Response | None:
    """A one-time password opens one page only: the one that asks for a new password."""
    if g.get("password_once") and request.endpoint not in OPEN_BEFORE_PASSWORD:
        return redirect(url_for("welcome.password"), 303)  # type: ignore[return-value]
    return None


@blueprint.get("/sign-in")
@open_to_all("this is where an officer becomes known")
def sign_in() -> Response:
    if viewer() is not None:
        return redirect(safe_next(request.args.get("next")))  # type: ignore[return-value]
    return _sign_in_page(safe_next(request.args.get("next")))


@blueprint.post("/sign-in")
@open_to_all("this is where an officer becomes known")
def start() -> Response:
    name, password = request.form.get("name", ""), request.form.get("password", "")
    wanted = safe_next(request.form.get("next"))
    try:
        person_id = credentials.checked_person(db.session(), name[:200], password[:500]).id
    except Problem as problem:
        return _sign_in_page(wanted, problem, name)
    begin_writing(db.session())
    person = db.session().get_one(Person, person_id)
    person_role = person.role
    _open_session(person)
    at_home = person_role != "collaborator"
    return redirect(wanted if at_home else url_for("welcome.account"), 303)  # type: ignore[return-value]


@blueprint.post("/sign-out")
@entrance(None, removed_too=True)
def sign_out() -> Response:
    begin_writing(db.session())
    key = db.session().get(Key, g.web_key)
    if key is not None:
        key.revoked_at = now()
        audit.tell(db.session(), now=now(), person_id=who().id, action="sign_out.web", subject=who().id)
    db.session().commit()
    session.clear()
    say("welcome.signed_out")
    return redirect(url_for("welcome.sign_in"), 303)  # type: ignore[return-value]


@blueprint.get("/account")
@entrance(None)
def account() -> str:
    return render_template("account.html", place=None, for_phone=not may(who(), "see_records"))


@blueprint.get("/account/password")
@entrance(None)
def password() -> Response:
    return _password_page()


@blueprint.post("/account/password")
@entrance(None)
def set_password() -> Response:
    """A new password of one's own; every other browser of this person is signed out."""
    first, again = request.form.get("new", ""), request.form.get("again", "")
    begin_writing(db.session())
    person = db.session().get_one(Person, who().id)
    try:
        if not person.password_once:
            sign_in_flow.check_password(db.session(), person.name, request.form.get("old", "")[:500])
        if first != again:
            raise Problem("password_differs")
        people_flow.set_password(db.session(), person, first[:500], once=False, by=person.id, now=now())
    except Problem as problem:
        db.session().rollback()
        return _password_page(problem)
    people.revoke_keys(db.session(), person.id, now(), ("web",))
    home = url_for("welcome.account") if person.role == "collaborator" else "/"
    _open_session(person)
    say("account.password_set")
    return redirect(home, 303)  # type: ignore[return-value]


def _open_session(person: Person) -> None:
    """A fresh cookie, so that nothing planted before signing in survives it; given out once its key is kept."""
    lasts = timedelta(hours=settings().web_hours)
    secret = sign_in_flow.start_session(db.session(), person, "web", now=now(), lasts=lasts)
    db.session().commit()
    session.clear()
    session[KEY] = secret
    session.permanent = True


def _sign_in_page(wanted: str, problem: Problem | None = None, name: str = "") -> Response:
    answer = make_response(
        render_template("sign_in.html", place=None, next=wanted, problem=problem, name=name)
    )
    answer.status_code = problem.kind.status if problem else 200
    return answer


def _password_page(problem: Problem | None = None) -> Response:
    once = bool(g.get("password_once"))
    answer = make_response(render_template("password.html", place=None, problem=problem, once=once))
    answer.status_code = problem.kind.status if problem else 200
    return answer
