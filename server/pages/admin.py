"""Administration: where the other rooms are, what was set aside, and how the system is doing."""

from __future__ import annotations

import os
import shutil
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from flask import Blueprint, Response, render_template

from forms.problems import Problem
from server.entrance import entrance, now, settings
from server.flows.places import gazetteer
from server.pages.area import reader, today
from server.pages.frame import audited
from server.store import drills, forms, records, schema, submissions
from server.store.base import db
from server.store.submissions import SetAside

blueprint = Blueprint("admin", __name__, url_prefix="/admin")


@dataclass(frozen=True)
class Room:
    """How much the data folder holds and how much the disk has left, in bytes."""

    database: int
    attachments: int
    free: int


@blueprint.get("")
@entrance("manage_forms")
def show() -> str:
    session = db.session()
    places = gazetteer(session)
    villages = [unit for ward in places.wards(on=today()) for unit in places.villages(ward.code, on=today())]
    return render_template(
        "admin.html",
        place="admin",
        forms=len(forms.current(session)),
        villages=len(villages),
        practice=any(unit.practice for unit in villages),
        set_aside=len(records.set_aside(session)),
        backlog=submissions.backlog(session),
    )


@blueprint.get("/set-aside")
@entrance("manage_forms")
def set_aside() -> str:
    return render_template("set_aside.html", place="admin", rows=records.set_aside(db.session()))


@blueprint.get("/set-aside/<payload_id>")
@entrance("manage_forms")
def payload(payload_id: str) -> Response:
    """The refused bytes, exactly as they came, as a download."""
    found = db.session().get(SetAside, payload_id)
    if found is None:
        raise Problem("page_unknown")
    audited(reader(), "set_aside.download", payload_id)
    answer = Response(found.content, content_type="application/octet-stream")
    answer.headers["Content-Disposition"] = f'attachment; filename="set-aside-{found.id}.xml"'
    return answer


@blueprint.get("/system")
@entrance("manage_forms")
def system() -> str:
    chosen = settings()
    return render_template(
        "system.html",
        place="admin",
        version=version("mangnon"),
        database=db.engine.dialect.name,
        current=schema.is_current(db.engine),
        backlog=submissions.backlog(db.session()),
        room=_room(chosen.data),
        drill=drills.latest(db.session(), now()),
        url=chosen.url,
        secure=chosen.secure,
        gazetteer=gazetteer(db.session()).version,
        limits={"xml": chosen.max_xml, "file": chosen.max_file, "request": chosen.max_request},
    )


def _room(folder: Path) -> Room:
    database = sum(path.stat().st_size for path in folder.glob("mangnon.db*"))
    return Room(database, _size(folder / "attachments"), shutil.disk_usage(folder).free)


def _size(folder: Path) -> int:
    """Nothing when attachments are kept elsewhere."""
    total = 0
    if not folder.exists():
        return total
    with os.scandir(folder) as entries:
        for entry in entries:
            total += _size(Path(entry.path)) if entry.is_dir() else entry.stat().st_size
    return total
