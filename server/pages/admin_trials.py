"""Trying a draft: the codes that bring it to the viewer's own phone, and what was filled with it, one by one."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Response, make_response, render_template

from forms.problems import Problem
from forms.read import read_submission
from server.entrance import entrance, now, settings, who
from server.flows import form_files, sign_in
from server.flows import people as flow
from server.flows.drafts import open_draft
from server.pages import qr
from server.pages.admin import blueprint
from server.pages.answers import AnswerSheet, Block, Line
from server.pages.area import area, reader
from server.pages.frame import audited, words
from server.pages.people import LOOPBACK, collect_picture
from server.store import audit, forms, trials
from server.store.base import begin_writing, db
from server.store.people import Person
from server.store.trials import Trial


@blueprint.post("/forms/<name:form_id>/draft/try")
@entrance("manage_forms")
def draft_try(form_id: str) -> Response:
    """One-time ways onto the viewer's own phone: a link into the phone app, and Collect's trial project."""
    session = db.session()
    begin_writing(session)
    draft, person = open_draft(session, form_id), session.get_one(Person, who().id)
    link = flow.phone_link(session, person, settings().url, now())
    collect = f"{flow.openrosa_url(session, person, settings().url, now())}/trial"
    audit.tell(session, now=now(), person_id=person.id, action="form.draft_try", subject=form_id)
    title, name = draft.title, person.name
    session.commit()
    t = words()
    return make_response(
        render_template(
            "admin_draft_try.html",
            place="admin",
            form_id=form_id,
            title=title,
            link=link,
            link_code=qr.picture(link, t("people.phone_code")),
            link_days=sign_in.LINK_DAYS,
            collect=collect,
            collect_code=collect_picture(collect, name, title),
            only_here=urlsplit(settings().url).hostname in LOOPBACK,
            secure=settings().secure,
        )
    )


@blueprint.get("/forms/<name:form_id>/trials/<trial_id>")
@entrance("manage_forms")
def trial(form_id: str, trial_id: str) -> str:
    found = _find(form_id, trial_id)
    audited(reader(), "trial.view", trial_id)
    blocks, problem = _answers(found)
    person = db.session().get_one(Person, found.person_id)
    return render_template(
        "admin_trial.html",
        place="admin",
        trial=found,
        sender=person.name,
        blocks=blocks,
        unreadable=problem,
        held={file["filename"] for file in found.files},
        draft=any(draft.form_id == form_id for draft in forms.drafts(db.session())),
    )


@blueprint.get("/forms/<name:form_id>/trials/<trial_id>/trial.xml")
@entrance("manage_forms")
def trial_xml(form_id: str, trial_id: str) -> Response:
    """The bytes as they were received."""
    found = _find(form_id, trial_id)
    audited(reader(), "trial.xml", trial_id)
    answer = Response(found.xml, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="trial-{found.id}.xml"'
    return answer


def _answers(found: Trial) -> tuple[list[Line | Block], Problem | None]:
    form = forms.find(db.session(), found.form_id, found.form_version)
    if form is None:
        return [], Problem("version_unknown", form_id=found.form_id, version=found.form_version)
    try:
        schema = form_files.schema_of(form)
        return AnswerSheet(schema, words(), area().name).blocks(read_submission(found.xml, schema)), None
    except Problem as problem:
        return [], problem


def _find(form_id: str, trial_id: str) -> Trial:
    found = trials.find(db.session(), form_id, trial_id)
    if found is None:
        raise Problem("page_unknown")
    return found
