"""Closing a form and opening it again: between the two nobody begins an interview, and what was begun is taken."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from forms.problems import Problem
from server.store import audit, closed_forms, forms
from server.store.closed_forms import ClosedForm


def close_form(session: Session, form_id: str, *, now: datetime, by: str | None) -> bool:
    """Take the form from every phone's list; says whether it was open. Raises ``form_not_published``."""
    _check(session, form_id)
    if closed_forms.of(session, form_id) is not None:
        return False
    session.add(ClosedForm(form_id=form_id, closed_at=now, closed_by=by))
    audit.tell(session, now=now, person_id=by, action="form.close", subject=form_id)
    return True


def open_form(session: Session, form_id: str, *, now: datetime, by: str | None) -> bool:
    """Offer the form's newest version again; says whether it was closed. Raises ``form_not_published``."""
    _check(session, form_id)
    found = closed_forms.of(session, form_id)
    if found is None:
        return False
    session.delete(found)
    audit.tell(session, now=now, person_id=by, action="form.open", subject=form_id)
    return True


def _check(session: Session, form_id: str) -> None:
    if forms.current_of(session, form_id) is None:
        raise Problem("form_not_published", form_id=form_id[:100])
