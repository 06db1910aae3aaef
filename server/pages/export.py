"""Giving data out: the ministry's workbook of a round, whole or without what tells who a child is."""

from __future__ import annotations

import io

from flask import Blueprint, Response, render_template, request, send_file

from forms.problems import Problem
from server.entrance import entrance, now
from server.flows.export_ministry import ministry_workbook
from server.pages.area import area, reader
from server.pages.as_of import read_day
from server.pages.listing import asked_round
from server.store import lists, overview
from server.store.base import begin_writing, db
from server.store.lists import Search

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
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
        children=lists.count_children(session, person, search) if chosen else 0,
        households=sum(entry.households for entry in overview.visits(session, round_id, person)),
        unread=sum(
            lists.count_submissions(session, person, Search(round_id=round_id, state=state))
            for state in ("waiting", "held", "failed")
        ),
        area=area(),
        everywhere=person.everywhere,
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
