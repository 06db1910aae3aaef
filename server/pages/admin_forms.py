"""Administration of forms: every version that was published, and publishing another one."""

from __future__ import annotations

from flask import Response, make_response, redirect, render_template, request, url_for

from forms.problems import Problem, Problems
from server.entrance import entrance, now, who
from server.flows.drafts import keep_draft
from server.flows.publish_form import Published, already, converted, publish_form
from server.pages.admin import blueprint
from server.pages.frame import say
from server.store import closed_forms, forms
from server.store.base import begin_writing, db
from server.store.forms import FormVersion


@blueprint.get("/forms", endpoint="forms")
@entrance("manage_forms")
def index() -> Response:
    return _page()


@blueprint.post("/forms")
@entrance("manage_forms")
def publish() -> Response:
    """Keep the uploaded form as a draft and show what it changes, or say everything that is wrong with it.

    A version that is published already with these very questions only gets the files sent with it.
    """
    sent = request.files.get("form")
    if sent is None or not sent.filename:
        return _page([Problem("upload_missing")])
    media = {file.filename: file.read() for file in request.files.getlist("media") if file.filename}
    session, content, name = db.session(), sent.read(), sent.filename
    try:
        converted(content, name, media)
        begin_writing(session)
        if already(session, content, name):
            same = publish_form(session, content, name, media, now=now(), by=who().id)
            session.commit()
            return _same(same)
        made = keep_draft(session, content, name, media, now=now(), by=who().id)
    except Problems as problems:
        session.rollback()
        return _page(list(problems.problems))
    except Problem as problem:
        session.rollback()
        return _page([problem])
    session.commit()
    say("draft.kept", form=f"{made.form_id} {made.version}")
    return redirect(url_for("admin.draft", form_id=made.form_id), 303)  # type: ignore[return-value]


def _same(made: Published) -> Response:
    named = f"{made.form_id} {made.version}"
    if made.warnings:
        return _page(warnings=list(made.warnings), published=named)
    say("forms.published" if made.fresh else "forms.same", form=named)
    return redirect(url_for("admin.forms"), 303)  # type: ignore[return-value]


@blueprint.get("/forms/<name:form_id>/<name:version>/source")
@entrance("manage_forms")
def form_source(form_id: str, version: str) -> Response:
    form = _find(form_id, version)
    return _download(form.source, form.source_name)


@blueprint.get("/forms/<name:form_id>/<name:version>/form.xml")
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
            closed=closed_forms.ids(db.session()),
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
