"""``/healthz``: is the database there, and does derivation keep up. Open to all: it tells no data."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from server.entrance import open_to_all
from server.store import submissions
from server.store.base import db

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_all("a watchdog has no account; the answer holds counts only")
def healthz() -> Response:
    counts = submissions.backlog(db.session())
    derivation = {name: counts.get(name, 0) for name in ("waiting", "held", "failed", "done")}
    return jsonify(
        {
            "status": "ok",
            "database": {"kind": db.engine.dialect.name, "reachable": True},
            "derivation": {"state": "behind" if derivation["waiting"] else "up to date", **derivation},
        }
    )
