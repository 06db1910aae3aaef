"""Administration of forms: every version that was published, and publishing another one."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for

from forms.problems import Problem, Problems
from server.entrance import entrance, now, who
from server.flows.publish_form import publish_form
from server.pages.admin import blueprint
from server.pages.frame import say
from server.store import forms
from server.store.base import begin_writing, db
from server.store.forms import FormVersion


@blueprint.get("/forms", endpoint="forms")
@entrance("manage_forms")
def index() -> Response:
    return _page()


@blueprint.post("/forms")
@entrance("manage_forms")
def publish() -> Response:
    """Publish the uploaded form, or say everything that is wrong with it by sheet and row."""
    sent = request.files.get("form")
    if sent is None or not sent.filename:
        return _page([Problem("upload_missing")])
    media = {file.filename: file.read() for file in request.files.getlist("media") if file.filename}
    begin_writing(db.session())
    try:
        made = publish_form(db.session(), sent.read(), sent.filename, media, now=now(), by=who().id)
    except Problems as problems:
        db.session().rollback()
        return _page(list(problems.problems))
    except Problem as problem:
        db.session().rollback()
        return _page([problem])
    db.session().commit()
    if made.warnings:
        return _page(warnings=list(made.warnings), published=f"{made.form_id} {made.version}")
    say("forms.published" if made.fresh else "forms.same", form=f"{made.form_id} {made.version}")
    return redirect(url_for("admin.forms"), 303)  # type: ignore[return-value]


@blueprint.get("/forms/<form_id>/<version>/source")
@entrance("manage_forms")
def form_source(form_id: str, version: str) -> Response:
    form = _find(form_id, version)
    return _download(form.source, form.source_name)


@blueprint.get("/forms/<form_id>/<version>/form.xml")
@entrance("manage_forms")
def form_xml(form_id: str, version: str) -> Response:
    return _download(_find(form_id, version).xform, f"{form_id}-{version}.xml")


def _find(form_id: str, version: str) -> FormVersion:
    form = forms.find(db.session(), form_id, version)
    if form is None:
        raise Problem("page_unknown")
    return form


def _page(
    problems: list[Problem] | None = None, warnings: list[Problem] | None = None, published: str = ""
) -> Response:
    current = {form.id for form in forms.current(db.session())}
    answer = make_response(
        render_template(
            "admin_forms.html",
            place="admin",
            versions=list(reversed(forms.all_versions(db.session()))),
            current=current,
            problems=problems or [],
            warnings=warnings or [],
            published=published,
        )
    )
    answer.status_code = problems[0].kind.status if problems else 200
    return answer


def _download(content: bytes, name: str) -> Response:
    answer = Response(content, content_type="application/octet-stream")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer
