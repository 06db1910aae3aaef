"""One form on its page: its versions, whether phones get it, closing it and opening it again."""

from __future__ import annotations

from flask import Response, redirect, render_template, url_for

from forms.problems import Problem
from server.entrance import entrance, now, who
from server.flows.close_form import close_form, open_form
from server.flows.drafts import MOST_TRIALS
from server.pages.admin import blueprint
from server.pages.frame import say
from server.store import closed_forms, forms, rounds, trials
from server.store.base import begin_writing, db
from server.store.forms import FormVersion
from server.store.people import Person


@blueprint.get("/forms/<name:form_id>")
@entrance("manage_forms")
def form(form_id: str) -> str:
    session, newest = db.session(), _newest(form_id)
    closed = closed_forms.of(session, form_id)
    by = session.get(Person, closed.closed_by) if closed and closed.closed_by else None
    return render_template(
        "admin_form.html",
        place="admin",
        form=newest,
        versions=list(reversed(forms.versions_of(session, form_id))),
        closed=closed,
        closed_by=by.name if by else "",
        trials=trials.newest(session, form_id, MOST_TRIALS),
        draft=any(draft.form_id == form_id for draft in forms.drafts(session)),
    )


@blueprint.get("/forms/<name:form_id>/close")
@entrance("manage_forms")
def ask_close(form_id: str) -> str:
    """Ask first, naming what will happen."""
    current = rounds.open_round(db.session())
    asked_now = current if current and current.form_id == form_id else None
    return render_template("admin_form_close.html", place="admin", form=_newest(form_id), asked_in=asked_now)


@blueprint.post("/forms/<name:form_id>/close")
@entrance("manage_forms")
def close(form_id: str) -> Response:
    return _decided(form_id, closing=True)


@blueprint.post("/forms/<name:form_id>/open")
@entrance("manage_forms")
def reopen(form_id: str) -> Response:
    return _decided(form_id, closing=False)


def _decided(form_id: str, *, closing: bool) -> Response:
    title = _newest(form_id).title
    session = db.session()
    begin_writing(session)
    (close_form if closing else open_form)(session, form_id, now=now(), by=who().id)
    session.commit()
    say("closing.closed_said" if closing else "closing.opened_said", form=title)
    return redirect(url_for("admin.form", form_id=form_id), 303)  # type: ignore[return-value]


def _newest(form_id: str) -> FormVersion:
    found = forms.current_of(db.session(), form_id)
    if found is None:
        raise Problem("page_unknown")
    return found
