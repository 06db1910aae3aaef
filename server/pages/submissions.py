"""Interviews as they came in: the list with its search, and one interview with answers, place, result and versions."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from flask import Blueprint, Response, current_app, render_template, send_file

from forms.problems import Problem
from forms.read import read_submission
from server.entrance import entrance, settings
from server.flows import form_files
from server.pages.answers import AnswerSheet, Block, Line, differences
from server.pages.area import area, colleagues, reader
from server.pages.as_of import placed, shared
from server.pages.frame import audited, words
from server.pages.listing import asked, asked_round, read_listing
from server.pages.place_map import Picture, draw
from server.store import forms, lists, past_places, records
from server.store.base import db
from server.store.blobs import BlobFolder, Blobs
from server.store.lists import STATES, Search
from server.store.records import Whole
from server.store.submissions import Attachment, Submission
from sync.text import fold

SORTS = ("received", "head", "place", "person")
SHOWN_AS_PICTURE = {"image/jpeg", "image/png", "image/webp", "image/gif"}

blueprint = Blueprint("submissions", __name__, url_prefix="/submissions")


@dataclass(frozen=True)
class Version:
    """Another copy of the same interview, with what differs from the one on the page."""

    whole: Whole
    differs: list[tuple[str, str, str]]
    readable: bool


@blueprint.get("")
@entrance("see_records")
def index() -> str:
    session, person, places = db.session(), reader(), area()
    round_id, chosen, known = asked_round(session, all_too=True)
    listing = read_listing(SORTS, "received", down=True)
    search = placed(_search(round_id))
    page = lists.submissions(
        session, person, search, sort=listing.sort, down=listing.down, cursor=listing.cursor
    )
    total = lists.count_submissions(session, person, search)
    audited(
        person, "submissions.list", round_id or "all", rows=len(page.rows), total=total, **_filters(search)
    )
    return render_template(
        "submissions.html",
        place="submissions",
        listing=listing,
        page=page,
        pager=listing.pager(page),
        total=total,
        search=search,
        chosen=chosen,
        rounds=known,
        states=STATES,
        area=places,
        senders=colleagues(),
        classes=lists.classes_of(session, settings().province, [row.id for row in page.rows]),
        flags=location_flags,
        **shared(),
    )


@blueprint.get("/<submission_id>")
@entrance("see_records")
def show(submission_id: str) -> str:
    whole = _find(submission_id)
    session = db.session()
    audited(reader(), "submission.view", whole.submission.id)
    blocks, problem = _answers(whole.submission)
    files = records.attachments(session, whole.submission)
    return render_template(
        "submission.html",
        place="submissions",
        whole=whole,
        blocks=blocks,
        unreadable=problem,
        children=records.children_of(session, whole.submission),
        files={file.filename: file for file in files},
        pictures=SHOWN_AS_PICTURE,
        versions=_versions(whole, blocks),
        area=area(),
        colleagues={entry.id for entry in colleagues()},
        flags=location_flags(whole.visit.location if whole.visit else None),
        picture=_picture(whole),
        earlier=_earlier(whole),
        late=lists.is_late(session, whole.submission),
    )


@blueprint.get("/<submission_id>/submission.xml")
@entrance("see_records")
def xml(submission_id: str) -> Response:
    """The bytes as they were received."""
    whole = _find(submission_id)
    audited(reader(), "submission.xml", whole.submission.id)
    answer = Response(whole.submission.xml, content_type="application/xml")
    answer.headers["Content-Disposition"] = f'attachment; filename="{whole.submission.id}.xml"'
    return answer


@blueprint.get("/<submission_id>/files/<filename>")
@entrance("see_records")
def file(submission_id: str, filename: str) -> Response:
    """A photo or other file of an interview; anything but a picture is handed out as a download."""
    whole = _find(submission_id)
    found = [
        entry for entry in records.attachments(db.session(), whole.submission) if entry.filename == filename
    ]
    if not found:
        raise Problem("page_unknown")
    audited(reader(), "submission.file", whole.submission.id)
    return _send(found[-1])


@blueprint.app_template_filter("groupby_run")
def runs(items: list[Line | Block]) -> list[tuple[str, list[Line | Block]]]:
    """Neighbouring answers together, neighbouring blocks together, in order."""
    found: list[tuple[str, list[Line | Block]]] = []
    for item in items:
        kind = "line" if isinstance(item, Line) else "block"
        if not found or found[-1][0] != kind:
            found.append((kind, []))
        found[-1][1].append(item)
    return found


def location_flags(location: Any) -> list[str]:
    """What about the place deserves a look."""
    return [flag for flag in (location or {}).get("flags", ()) if flag in lists.FLAGS]


def _find(submission_id: str) -> Whole:
    whole = records.submission(db.session(), reader(), submission_id)
    if whole is None:
        raise Problem("page_unknown")
    return whole


def _search(round_id: str) -> Search:
    text = asked("q")
    known = colleagues() if text else []
    return Search(
        round_id=round_id,
        ward=asked("ward"),
        village=asked("village"),
        state=asked("state", STATES),
        result=asked("result"),
        person_id=asked("person"),
        text=text,
        places=area().matching(text) if text else (),
        people=[entry.id for entry in known if fold(text) in fold(entry.name)],
        newest=asked("newest") == "1",
    )


def _filters(search: Search) -> dict[str, object]:
    """The filter for the audit log: that a name was searched for, never which."""
    codes = {"ward": search.ward, "village": search.village, "state": search.state, "result": search.result}
    return {name: value for name, value in codes.items() if value} | (
        {"searched": True} if search.text else {}
    )


def _answers(own: Submission) -> tuple[list[Line | Block], Problem | None]:
    form = forms.find(db.session(), own.form_id, own.form_version)
    if form is None:
        return [], Problem("version_unknown", form_id=own.form_id, version=own.form_version)
    try:
        schema = form_files.schema_of(form)
        return AnswerSheet(schema, words(), area().name).blocks(read_submission(own.xml, schema)), None
    except Problem as problem:
        return [], problem


def _versions(whole: Whole, blocks: list[Line | Block]) -> list[Version]:
    found = []
    for other in records.relatives(db.session(), reader(), whole.submission):
        theirs, problem = _answers(other.submission)
        found.append(
            Version(other, differences(blocks, theirs) if blocks and theirs else [], problem is None)
        )
    return found


def _picture(whole: Whole) -> Picture | None:
    visit = whole.visit
    if visit is None or not visit.ward_code:
        return None
    places, on = area().places, visit.visited_on or area().today
    if places.find(visit.ward_code, on=on) is None:
        return None
    return draw(
        places.villages(visit.ward_code, on=on),
        declared=visit.village_code,
        nearest=(visit.location or {}).get("village"),
        lat=visit.lat,
        lon=visit.lon,
        accuracy=visit.accuracy,
    )


def _bytes(blobs: Blobs, found: Attachment) -> Path | BinaryIO:
    """The file itself where there is one (so that a part of it can be asked for), else a stream."""
    try:
        if isinstance(blobs, BlobFolder) and blobs.size(found.sha256) is not None:
            return blobs.path(found.sha256).absolute()
        return blobs.open(found.sha256)
    except FileNotFoundError:
        raise Problem("file_missing", name=found.filename) from None


def _earlier(whole: Whole) -> list[Any]:
    """The tags that the visit had under older gazetteers, as collected first."""
    own = whole.submission
    return list(past_places.of_visit(db.session().connection(), own.province_code, own.id))


def _send(found: Attachment) -> Response:
    blobs: Blobs = current_app.extensions["mangnon.blobs"]
    picture = found.content_type in SHOWN_AS_PICTURE
    answer = send_file(
        _bytes(blobs, found),
        mimetype=found.content_type if picture else "application/octet-stream",
        as_attachment=not picture,
        download_name=found.filename,
        etag=found.sha256,
        max_age=0,
    )
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return answer
