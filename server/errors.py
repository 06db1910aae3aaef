"""Every error leaves here, in the shape its door speaks: OpenRosa XML, the phone's JSON, or a page.

A Problem keeps its status and text; anything unforeseen becomes ``server_broken`` with a number that also stands in
the log. Logs name the route and the problem, never what was sent.
"""

from __future__ import annotations

import logging
from uuid import uuid4

import sqlalchemy.exc
from flask import Flask, Response, g, jsonify, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    MethodNotAllowed,
    NotFound,
    RequestEntityTooLarge,
)

from forms.problems import Problem
from server.entrance import now, settings
from server.pages.frame import problem_page
from server.store.base import db, is_away
from sync import openrosa

log = logging.getLogger("mangnon")

CSP = (
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; manifest-src 'self'; font-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def register(app: Flask) -> None:
    """Attach the error handlers and the headers every answer carries."""
    app.register_error_handler(Problem, tell)
    app.register_error_handler(CSRFError, lambda _error: tell(Problem("form_expired")))
    app.register_error_handler(HTTPException, _tell_http)
    app.register_error_handler(Exception, _tell_unforeseen)
    app.after_request(_headers)
    app.teardown_request(_let_go)


def tell(problem: Problem) -> Response:
    """The problem as an answer of the door that was used."""
    _give_up()
    g.problem = problem.kind.name
    if speaks_openrosa():
        answer = _openrosa_answer(problem)
    elif request.path.startswith(("/phone/api/", "/phone/changes")) or request.path in (
        "/healthz",
        "/metrics",
    ):
        answer = jsonify({"protocol": 1, "problem": problem.as_data()})
    else:
        answer = problem_page(problem)
    if answer.status_code == 200:  # a page may send a stranger to the sign-in instead
        answer.status_code = problem.kind.status
    if problem.kind.name == "sign_in_slow":
        answer.headers["Retry-After"] = str(problem.details["seconds"])
    return answer


def speaks_openrosa() -> bool:
    return request.path.startswith(("/openrosa/", "/key/"))


def _openrosa_answer(problem: Problem) -> Response:
    told = " / ".join(f"{problem.message(language)} {problem.advice(language)}" for language in ("vi", "en"))
    text = f"[{problem.kind.code}] {told}"
    if g.get("put_aside"):
        text += " Nội dung đã được giữ riêng để cán bộ xem. / What came is put aside for an officer."
    answer = Response(openrosa.response(text, "error"), content_type=openrosa.CONTENT_TYPE)
    if problem.kind.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="Mang Non", charset="UTF-8"'
    return answer


def _tell_http(error: HTTPException) -> Response:
    if isinstance(error, NotFound):
        return tell(Problem("page_unknown"))
    if isinstance(error, MethodNotAllowed):
        answer = tell(Problem("method_wrong"))
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods or ()))
        return answer
    if isinstance(error, RequestEntityTooLarge):
        return tell(Problem("too_large", limit_mb=settings().max_request // (1024 * 1024)))
    if isinstance(error, InternalServerError):
        return _tell_unforeseen(error.original_exception or error)
    if error.code and 300 <= error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    return tell(Problem("request_malformed", fault=error.name))


def _tell_unforeseen(error: BaseException) -> Response:
    if isinstance(error, sqlalchemy.exc.DataError):
        # A NUL, or a text longer than its column: PostgreSQL refuses what SQLite would take.
        return tell(Problem("request_malformed", fault="text"))
    number = uuid4().hex[:8]
    busy = is_away(error) or isinstance(error, OSError)
    log.error(
        "request %s failed at %s: %s", number, request.endpoint, type(error).__name__, exc_info=_trace(error)
    )
    return tell(Problem("server_busy") if busy else Problem("server_broken", id=number))


def _trace(error: BaseException) -> bool:
    """SQL errors quote the values they were given; those stay out of the log."""
    return not isinstance(error, sqlalchemy.exc.SQLAlchemyError)


def _headers(answer: Response) -> Response:
    answer.headers.setdefault("Content-Security-Policy", CSP)
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    # Over HTTPS the CSRF check wants to see that a form came from our own page.
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    answer.headers.setdefault("Permissions-Policy", "geolocation=(self), camera=(self), microphone=(self)")
    answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if settings().secure:
        answer.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
    if speaks_openrosa():
        answer.headers["X-OpenRosa-Version"] = openrosa.VERSION
        answer.headers["Date"] = now().strftime("%a, %d %b %Y %H:%M:%S GMT")
    if "Cache-Control" not in answer.headers:
        answer.headers["Cache-Control"] = "no-store"
    return answer


def _let_go(_error: BaseException | None) -> None:
    _give_up()
    db.session.remove()


def _give_up() -> None:
    """End the transaction; where its connection was lost, the connection is let go as well."""
    try:
        db.session.rollback()
    except sqlalchemy.exc.SQLAlchemyError:
        db.session().invalidate()
