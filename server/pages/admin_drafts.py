"""A draft on its page: what it changes, what to know, how to try it; then it is released or discarded."""

from __future__ import annotations

import tempfile

from flask import Response, current_app, redirect, render_template, request, send_file, url_for

from forms.changes import Changes
from server.entrance import entrance, now, who
from server.flows.drafts import discard_draft, open_draft, preview, release_draft
from server.flows.export_answers import export_answers, tell_export
from server.flows.publish_form import converted
from server.pages.admin import blueprint
from server.pages.frame import say, words
from server.store.base import begin_writing, db


@blueprint.get("/forms/<name:form_id>/draft")
@entrance("manage_forms")
def draft(form_id: str) -> str:
    shown = preview(db.session(), form_id)
    return render_template("admin_draft.html", place="admin", draft=shown, **_lines(shown.changes))


@blueprint.post("/forms/<name:form_id>/draft")
@entrance("manage_forms")
def draft_decide(form_id: str) -> Response:
    """Release or discard the very draft that was looked at; another one that came meanwhile is shown first."""
    session, decision = db.session(), request.form.get("decision")
    seen = open_draft(session, form_id)
    converted(seen.source, seen.source_name, {})
    begin_writing(session)
    form = open_draft(session, form_id)
    if form.version != request.form.get("version") or decision not in ("release", "discard"):
        return redirect(url_for("admin.draft", form_id=form_id), 303)  # type: ignore[return-value]
    if decision == "release":
        made = release_draft(session, form_id, now=now(), by=who().id)
        said, version = "forms.published", made.version
    else:
        said, version = "draft.discarded", discard_draft(session, form_id, now=now(), by=who().id)
    session.commit()
    say(said, form=f"{form_id} {version}")
    return redirect(url_for("admin.forms"), 303)  # type: ignore[return-value]


@blueprint.post("/forms/<name:form_id>/trials.zip")
@entrance("manage_forms")
def draft_trials(form_id: str) -> Response:
    """What was filled with drafts of this form."""
    session = db.session()
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the server closes it when it is sent
    try:
        blobs = current_app.extensions["mangnon.blobs"]
        made = export_answers(
            session, file, form_id=form_id, kind="media", now=now(), by=who(), trials=True, blobs=blobs
        )
        begin_writing(session)
        tell_export(session, made, kind="media", now=now(), by=who(), trials=True)
        session.commit()
    except BaseException:
        file.close()
        raise
    file.seek(0)
    answer = send_file(
        file, mimetype="application/zip", as_attachment=True, download_name=f"{form_id}-thu.zip"
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _lines(changes: Changes | None) -> dict[str, list[str]]:
    """The parts of the report that are more than a path, in words."""
    if changes is None:
        return {"moved": [], "retyped": [], "relabelled": [], "choices": []}
    t = words()
    kinds = ("added", "removed", "relabelled")
    return {
        "moved": [f"{move.before} → {move.after}" for move in changes.moved],
        "retyped": [f"{entry.path}: {entry.before} → {entry.after}" for entry in changes.retyped],
        "relabelled": [f"{entry.path}: “{entry.before}” → “{entry.after}”" for entry in changes.relabelled],
        "choices": [
            f"{change.path}: "
            + "; ".join(
                t(f"draft.choices_{kind}", codes=", ".join(codes))
                for kind in kinds
                if (codes := getattr(change, kind))
            )
            for change in changes.choices
        ],
    }
