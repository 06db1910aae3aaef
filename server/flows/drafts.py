"""Drafts: a form that officers try on a phone before everyone gets it, then release or discard.

A form has one open draft at most; another upload takes its place. What was filled with a draft is never real data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from forms.changes import Changes
from forms.problems import Problem
from server.flows.form_files import schema_of
from server.flows.publish_form import (
    Published,
    against_current,
    converted,
    publish_form,
    remarks,
    taken,
)
from server.store import audit, forms, trials
from server.store.forms import FormVersion
from server.store.trials import Trial

MOST_TRIALS = 50


@dataclass(frozen=True)
class Drafted:
    """``version`` is what the form will have, ``trial_version`` what phones are given to try."""

    form_id: str
    version: str
    trial_version: str
    hash: str
    warnings: tuple[Problem, ...]


@dataclass(frozen=True)
class Preview:
    """A draft as its author sees it before releasing; ``newest`` are the last trials with their senders' names."""

    form: FormVersion
    against: str
    changes: Changes | None
    warnings: tuple[Problem, ...]
    files: tuple[str, ...]
    trials: int
    newest: list[tuple[Trial, str]]


def keep_draft(
    session: Session,
    source: bytes,
    filename: str,
    media: Mapping[str, bytes],
    *,
    now: datetime,
    by: str | None,
) -> Drafted:
    """Keep a form for trying. Raises as publishing does, so that a draft can always be released."""
    from forms.draft import trial_copy

    made, files = converted(source, filename, media)
    taken(session, made)
    warnings = (*made.warnings, *remarks(session, made, files))
    trial = trial_copy(made)
    form = forms.find(session, trial.form_id, trial.version)
    for open_draft in forms.drafts(session):
        if open_draft.form_id == trial.form_id and open_draft is not form:
            open_draft.state = "closed"
    if form is None:
        form = FormVersion(form_id=trial.form_id, version=trial.version, trial_of=made.version)
        session.add(form)
    form.title, form.hash, form.xform = trial.title, trial.hash, trial.xform
    form.source, form.source_name, form.state = source, filename, "draft"
    form.published_at, form.published_by = now, by
    session.flush()
    forms.keep_media(session, form.id, files)
    audit.tell(
        session, now=now, person_id=by, action="form.draft", subject=made.form_id, version=made.version
    )
    return Drafted(made.form_id, made.version, trial.version, trial.hash, warnings)


def preview(session: Session, form_id: str) -> Preview:
    """The open draft of a form with what it changes. Raises ``draft_unknown``."""
    form = open_draft(session, form_id)
    media = {file.filename: file.content for file in forms.media_of(session, form.id)}
    made, files = converted(form.source, form.source_name, media)
    against, changes = against_current(session, form_id, schema_of(form))
    return Preview(
        form,
        against,
        changes,
        (*made.warnings, *remarks(session, made, files)),
        tuple(sorted(files)),
        trials.count(session, form_id),
        trials.newest(session, form_id, MOST_TRIALS),
    )


def release_draft(session: Session, form_id: str, *, now: datetime, by: str | None) -> Published:
    """Give everyone the form that was tried, under its real version. Raises ``draft_unknown``."""
    form = open_draft(session, form_id)
    media = {file.filename: file.content for file in forms.media_of(session, form.id)}
    form.state = "closed"
    session.flush()
    return publish_form(session, form.source, form.source_name, media, now=now, by=by)


def discard_draft(session: Session, form_id: str, *, now: datetime, by: str | None) -> str:
    """Offer the draft no more; what was tried with it stays kept. Says its version. Raises ``draft_unknown``."""
    form = open_draft(session, form_id)
    form.state = "closed"
    version = form.trial_of or form.version
    audit.tell(
        session, now=now, person_id=by, action="form.draft_discarded", subject=form_id, version=version
    )
    return version


def open_draft(session: Session, form_id: str) -> FormVersion:
    found = next((form for form in forms.drafts(session) if form.form_id == form_id), None)
    if found is None:
        raise Problem("draft_unknown")
    return found
