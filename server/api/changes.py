"""``GET /phone/changes?since=``: the households and children of the phone's own area that are new to it."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, request

from server.entrance import PHONE, entrance, now, settings, who
from server.flows.form_files import ZONE
from server.flows.phone_changes import changes
from server.store.base import db

PROTOCOL = 1

blueprint = Blueprint("phone_changes", __name__)


@blueprint.get("/phone/changes")
@entrance("submit", by=(PHONE,))
def show() -> Response:
    day = now().astimezone(ZONE).date()
    cursor = request.args.get("since", "")
    found = changes(db.session(), who(), cursor, province=settings().province, on=day)
    answer = jsonify({"protocol": PROTOCOL, **found})
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
