"""Giving data out: the ministry's workbook of a round, whole or without what tells who a child is; a form's answers."""

from __future__ import annotations

import io
import tempfile

from flask import Blueprint, Response, current_app, render_template, request, send_file

from forms.problems import Problem
from server.entrance import entrance, now
from server.flows.export_answers import ENDINGS, KINDS, export_answers, tell_export
from server.flows.export_ministry import ministry_workbook
from server.flows.form_files import ZONE
from server.pages.area import area, reader
from server.pages.as_of import first_day, read_day
from server.pages.listing import asked_round
from server.store import forms, lists, overview
from server.store.base import begin_writing, db
from server.store.lists import Search

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MIMES = {"zip": "application/zip", "xlsx": XLSX, "media": "application/zip"}
VARIANTS = ("identifiable", "deidentified")

blueprint = Blueprint("export", __name__, url_prefix="/export")


@blueprint.get("")
@entrance("export")
def show() -> str:
    session, person = db.session(), reader()
    round_id, chosen, known = asked_round(session, all_too=False)
    search = Search(round_id=round_id)
    return render_template(
        "export.html",
        place="export",
        chosen=chosen,
        rounds=known,
        variants=VARIANTS,
        forms=forms.titles(session),
        kinds=KINDS,
        children=lists.count_children(session, person, search) if chosen else 0,
        households=sum(entry.households for entry in overview.visits(session, round_id, person)),
        unread=sum(
            lists.count_submissions(session, person, Search(round_id=round_id, state=state))
            for state in ("waiting", "held", "failed")
        ),
        area=area(),
        everywhere=person.everywhere,
        first_day=first_day(),
    )


@blueprint.post("/ministry.xlsx")
@entrance("export")
def ministry() -> Response:
    """The workbook; the download is told to the audit log in the same transaction."""
    variant = request.form.get("variant", "")
    if variant not in VARIANTS:
        raise Problem("request_malformed", fault="variant")
    person, day = reader(), read_day(request.form.get("on", ""))
    begin_writing(db.session())
    made = ministry_workbook(
        db.session(),
        round_id=request.form.get("round") or None,
        variant=variant,
        now=now(),
        by=person,
        on=day,
    )
    db.session().commit()
    answer = send_file(
        io.BytesIO(made.content), mimetype=XLSX, as_attachment=True, download_name=made.filename
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/answers")
@entrance("export")
def answers() -> Response:
    """The answers of one form within the reader's area; the audit line is kept before the file goes out."""
    kind, form_id = request.form.get("kind", ""), request.form.get("form", "")
    if kind not in KINDS:
        raise Problem("request_malformed", fault="kind")
    person, session, day = reader(), db.session(), read_day(request.form.get("on", ""))
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the server closes it when it is sent
    try:
        blobs = current_app.extensions["mangnon.blobs"]
        made = export_answers(
            session, file, form_id=form_id, kind=kind, now=now(), by=person, on=day, blobs=blobs
        )
        begin_writing(session)
        tell_export(session, made, kind=kind, now=now(), by=person)
        session.commit()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    name = f"{form_id}-{now().astimezone(ZONE):%Y%m%d}.{ENDINGS[kind]}"
    answer = send_file(file, mimetype=MIMES[kind], as_attachment=True, download_name=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
