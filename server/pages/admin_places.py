"""Administration of places: the list of villages, and the import of the office's own, reported first."""

from __future__ import annotations

import base64
import hashlib

from flask import Response, make_response, redirect, render_template, request, url_for

from forms.problems import Problem
from server.entrance import entrance, now, who
from server.flows.load_places import PlacesRefused, Preview, load, preview
from server.pages.admin import blueprint
from server.pages.area import area, today
from server.pages.frame import say
from server.store.base import begin_writing, db

CARRIED = 1024 * 1024
COLUMNS = (
    "code",
    "name",
    "kind",
    "ward_code",
    "lat",
    "lon",
    "households",
    "valid_from",
    "verified",
    "merged_from",
)


@blueprint.get("/places", endpoint="places")
@entrance("manage_places")
def index() -> Response:
    return _page()


@blueprint.post("/places/preview")
@entrance("manage_places")
def preview_places() -> Response:
    """What the file would bring; nothing changes yet."""
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        return _page(Problem("upload_missing"))
    content = sent.read()
    ending = request.form.get("end_missing") == "1"
    seen = preview(db.session(), content, sent.filename, today=today(), end_missing=ending)
    return _page(seen=seen, content=content, name=sent.filename, end_missing=ending)


@blueprint.post("/places/load")
@entrance("manage_places")
def load_places() -> Response:
    """Load the file that was previewed: all of it, or nothing."""
    name = request.form.get("name", "")[:200]
    try:
        content = _previewed()
    except Problem as problem:
        return _page(problem)
    ending = request.form.get("end_missing") == "1"
    begin_writing(db.session())
    try:
        seen = load(db.session(), content, name, now=now(), today=today(), by=who().id, end_missing=ending)
    except PlacesRefused as refused:
        db.session().rollback()
        return _page(refused, seen=refused.preview, content=content, name=name)
    db.session().commit()
    say("places.loaded", rows=str(seen.report.rows))
    return redirect(url_for("admin.places"), 303)  # type: ignore[return-value]


def _previewed() -> bytes:
    """The bytes of the preview, carried along by the page or, if they are many, chosen again and compared."""
    carried = request.form.get("content")
    if carried:
        try:
            return base64.b64decode(carried, validate=True)
        except ValueError:  # not base64, or not even ASCII
            raise Problem("request_malformed", fault="content") from None
    sent = request.files.get("file")
    if sent is None or not sent.filename:
        raise Problem("upload_missing")
    content: bytes = sent.read()
    if _mark(content) != request.form.get("mark"):
        raise Problem("upload_changed")
    return content


def _mark(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _page(
    problem: Problem | None = None,
    seen: Preview | None = None,
    content: bytes = b"",
    name: str = "",
    end_missing: bool = False,
) -> Response:
    report = seen.report if seen else None
    carried = base64.b64encode(content).decode() if report and len(content) <= CARRIED else ""
    answer = make_response(
        render_template(
            "admin_places.html",
            place="admin",
            problem=problem,
            report=report,
            changes=seen.changes if seen else None,
            end_missing=end_missing,
            carried=carried,
            mark=_mark(content),
            name=name,
            columns=COLUMNS,
            area=area(),
        )
    )
    answer.status_code = problem.kind.status if problem else 200
    return answer
