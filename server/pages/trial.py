"""“Thử tình huống”: an officer types a situation and sees how the law engine screens it. Nothing is kept."""

from __future__ import annotations

from flask import Blueprint, Response, make_response, render_template, request

from forms.problems import Problem
from forms.schema import FormSchema
from server.entrance import entrance
from server.flows import form_files
from server.labour.judge import judge
from server.pages import trial_form
from server.pages.area import today
from server.pages.frame import words
from server.pages.judgements import Reading, asker, read_results, today_before
from server.pages.law_words import listed
from server.store import forms
from server.store.base import db

LISTS = {
    "light_job": "light_jobs",
    "overtime_job": "overtime_jobs",
    "night_job": "night_jobs",
    "banned_jobs": "banned_jobs",
    "places": "banned_places",
}

blueprint = Blueprint("trial", __name__, url_prefix="/law/try")


@blueprint.get("")
@entrance("see_records")
def show() -> Response:
    return _page()


@blueprint.post("")
@entrance("see_records")
def try_case() -> Response:
    t = words()
    try:
        case = trial_form.read_case(request.form, lambda field: t.of("trial", field))
        results = {name: result.as_data() for name, result in judge(case).items()}
    except Problem as problem:
        return _page(problem=problem)
    return _page(read_results(results, t, asker(_schema(), t)))


def _schema() -> FormSchema | None:
    """The released form whose questions tell the most facts of the law: those that settle what is missing."""
    schemas = [form_files.schema_of(form) for form in forms.current(db.session())]
    return max(
        schemas, key=lambda schema: sum(len(field.facts) for field in schema.fields.values()), default=None
    )


def _page(reading: Reading | None = None, problem: Problem | None = None) -> Response:
    answer = make_response(
        render_template(
            "trial.html",
            place="children",
            reading=reading,
            problem=problem,
            sent=request.form,
            form=trial_form,
            lists={name: listed(source) for name, source in LISTS.items()},
            yesterday=today_before(today()),
        )
    )
    answer.status_code = problem.kind.status if problem else 200
    return answer
