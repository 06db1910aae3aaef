"""What stands around every page: language, places to go, static files, messages, and the page that tells a problem."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from urllib.parse import quote, urlsplit

from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    send_from_directory,
    url_for,
)
from jinja2 import StrictUndefined
from werkzeug.exceptions import NotFound

from forms.problems import Problem
from server.access.rules import Who, may
from server.entrance import WEB, now, open_to_all, settings
from server.pages.words import LANGUAGES, Language, Words
from server.store import audit
from server.store.base import db

STATIC = Path(__file__).parent / "static"
LANGUAGE_COOKIE = "mangnon_lang"
YEAR = 365 * 24 * 3600

blueprint = Blueprint("frame", __name__)


@dataclass(frozen=True)
class Place:
    """One of the places of the rail: its page, icon and the right it needs."""

    name: str
    endpoint: str
    icon: str
    right: str


PLACES = (
    Place("overview", "overview.show", "overview", "see_records"),
    Place("submissions", "submissions.index", "submissions", "see_records"),
    Place("children", "children.index", "children", "see_records"),
    Place("coverage_map", "coverage_map.show", "map", "see_records"),
    Place("rounds", "rounds.index", "rounds", "see_records"),
    Place("people", "people.index", "people", "see_records"),
    Place("export", "export.show", "export", "export"),
    Place("admin", "admin.show", "admin", "manage_forms"),
)
# On a narrow screen so many places stand in the bar; the others wait under "More".
BAR_ROOM = 5


def prepare(app: Flask) -> None:
    """Templates that fail on a missing name, and the words and helpers that all of them use."""
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals["ui"] = app.jinja_env.get_template("parts.html").module
    app.context_processor(_shared)


def language() -> Language:
    """The language of the cookie; Vietnamese first."""
    asked = request.cookies.get(LANGUAGE_COOKIE)
    return next((known for known in LANGUAGES if known == asked), "vi")


def words() -> Words:
    """The words of this request's language."""
    found: Words | None = g.get("words")
    if found is None:
        found = g.words = Words(language())
    return found


def viewer() -> Who | None:
    """Who looks at the page, also where an error came before the entrance was passed."""
    person: Who | None = g.get("who")
    if person is None and not g.get("sought"):
        g.sought = True
        known = current_app.extensions["mangnon.identify"][WEB]()
        if known is not None and not known[1]:
            person = g.who = known[0]
    return person


def problem_page(problem: Problem) -> Response:
    """The problem as a page in the reader's language; a stranger who wanted a page is shown the way in."""
    if problem.kind.name == "key_wrong" and request.method == "GET":
        return redirect(url_for("welcome.sign_in", next=_wanted()))  # type: ignore[return-value]
    try:
        return make_response(render_template("problem.html", problem=problem, place=None))
    except Exception:
        return Response(_bare(problem), content_type="text/html; charset=utf-8")


def audited(person: Who, action: str, subject: str, **details: object) -> None:
    """Tell the audit log that someone looked (who, when, which filter, how many), beside the reading itself."""
    moment = now()
    current_app.extensions["mangnon.writer"].write(
        lambda connection: audit.tell(
            connection, now=moment, person_id=person.id, action=action, subject=subject, **details
        )
    )


def say(key: str, **details: str) -> None:
    """A message for the next page, kept as its key so that it is said in whatever language that page has."""
    flash({"key": key, "details": details})  # type: ignore[arg-type]  # Flask keeps any JSON


def safe_next(target: str | None) -> str:
    """An address of this very server to go on to, else the first page."""
    if not target or not target.startswith("/") or target[1:2] in ("/", "\\") or not target.isprintable():
        return "/"
    parts = urlsplit(target)
    return "/" if parts.scheme or parts.netloc else target


@blueprint.get("/static/<path:path>")
@open_to_all("style, letters and pictures hold no data; the sign-in page needs them")
def static(path: str) -> Response:
    try:
        answer = send_from_directory(STATIC, path)
    except NotFound:
        raise Problem("file_missing", name=path.rsplit("/", 1)[-1]) from None
    known = request.args.get("v") == _mark(path)
    age = f"public, max-age={YEAR}, immutable" if known else "public, max-age=86400"
    answer.headers["Cache-Control"] = age
    return answer


@blueprint.post("/language")
@open_to_all("the language of the page is chosen before signing in, too")
def choose_language() -> Response:
    chosen = request.form.get("language")
    if chosen not in LANGUAGES:
        raise Problem("request_malformed", fault="language")
    answer: Response = redirect(safe_next(request.form.get("next")), 303)  # type: ignore[assignment]
    answer.set_cookie(
        LANGUAGE_COOKIE, chosen, max_age=YEAR, samesite="Lax", httponly=True, secure=settings().secure
    )
    return answer


@cache
def _mark(path: str) -> str:
    """A short digest of a static file, so that a new release is fetched and an old one kept."""
    return hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]


def _asset(path: str) -> str:
    return url_for("frame.static", path=path, v=_mark(path))


def _shared() -> dict[str, object]:
    person = viewer()
    chosen = words()
    return {
        "t": chosen,
        "lang": chosen.language,
        "other_lang": "en" if chosen.language == "vi" else "vi",
        "viewer": person,
        "places": [place for place in PLACES if person is not None and may(person, place.right)],
        "bar_room": BAR_ROOM,
        "may": may,
        "asset": _asset,
        "here": _wanted(),
        "now": now(),
    }


def _wanted() -> str:
    """The address being looked at, as a path of this server."""
    query = request.query_string.decode("ascii", "replace")
    path = quote(request.path)
    return f"{path}?{query}" if query and request.method == "GET" else path


def _bare(problem: Problem) -> str:
    """A page without frame, for when even the frame cannot be made."""
    lines = (problem.message("vi"), problem.advice("vi"), problem.message("en"), problem.advice("en"))
    body = "".join(f"<p>{escape(line)}</p>" for line in lines)
    return f'<!doctype html><html lang="vi"><meta charset="utf-8"><title>Măng Non</title><body>{body}</body></html>'


__all__ = ["audited", "db", "language", "prepare", "problem_page", "safe_next", "say", "viewer", "words"]
