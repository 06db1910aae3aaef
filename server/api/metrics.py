"""``/metrics`` in the text format of Prometheus, and the log line of a request: counts and times, never who or what.

Counters begin with the process; what the database knows (backlog, attachments) is asked when someone looks.
"""

from __future__ import annotations

import hmac
import logging
import time
from collections import Counter
from threading import Lock

from flask import Blueprint, Flask, Response, current_app, g, request

from forms.problems import Problem
from server.entrance import open_to_all, settings
from server.store import submissions
from server.store.base import db

blueprint = Blueprint("metrics", __name__)
log = logging.getLogger("mangnon.requests")
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """What this process has counted."""

    def __init__(self) -> None:
        self._lock = Lock()
        self.outcomes: Counter[str] = Counter()
        self.answers: Counter[tuple[str, int]] = Counter()
        self.buckets: Counter[tuple[str, float]] = Counter()
        self.seconds: Counter[str] = Counter()

    def note(self, route: str, status: int, seconds: float, outcome: str | None) -> None:
        with self._lock:
            self.answers[route, status] += 1
            self.seconds[route] += seconds  # type: ignore[assignment]  # a Counter adds fractions too
            for bound in BOUNDS:
                if seconds <= bound:
                    self.buckets[route, bound] += 1
            if outcome is not None:
                self.outcomes[outcome] += 1

    def lines(self) -> list[str]:
        with self._lock:
            told = _head("mangnon_submissions_total", "counter", "Deliveries by outcome.")
            told += [
                _line("mangnon_submissions_total", n, outcome=o) for o, n in sorted(self.outcomes.items())
            ]
            told += _head("mangnon_answers_total", "counter", "Answers by route and status.")
            told += [
                _line("mangnon_answers_total", n, route=route, status=str(status))
                for (route, status), n in sorted(self.answers.items())
            ]
            told += _head("mangnon_request_seconds", "histogram", "Time to an answer by route.")
            for route in sorted(self.seconds):
                told += self._histogram(route)
        return told

    def _histogram(self, route: str) -> list[str]:
        name = "mangnon_request_seconds"
        total = sum(n for (known, _status), n in self.answers.items() if known == route)
        told = [_line(f"{name}_bucket", self.buckets[route, b], route=route, le=str(b)) for b in BOUNDS]
        told.append(_line(f"{name}_bucket", total, route=route, le="+Inf"))
        told.append(_line(f"{name}_sum", round(self.seconds[route], 6), route=route))
        told.append(_line(f"{name}_count", total, route=route))
        return told


def register(app: Flask) -> None:
    """Count every answer of this application."""
    metrics = app.extensions["mangnon.metrics"] = Metrics()

    def begin() -> None:
        g.began = time.perf_counter()

    def end(answer: Response) -> Response:
        seconds = time.perf_counter() - g.get("began", time.perf_counter())
        route = request.endpoint or "unknown"
        metrics.note(route, answer.status_code, seconds, _outcome(route))
        log.info(
            "answered",
            extra={
                "told": {
                    "method": request.method,
                    "route": route,
                    "status": answer.status_code,
                    "ms": round(seconds * 1000, 1),
                    "problem": g.get("problem"),
                }
            },
        )
        return answer

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request(end)


@blueprint.get("/metrics")
@open_to_all("a collector has no account; counts only, and a token of its own when one is set")
def metrics() -> Response:
    wanted = settings().metrics_token
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if wanted and not hmac.compare_digest(given.encode(), wanted.encode()):
        raise Problem("metrics_closed")
    counted: Metrics = current_app.extensions["mangnon.metrics"]
    lines = [*_of_database(), *counted.lines()]
    return Response("\n".join(lines) + "\n", content_type=CONTENT_TYPE)


def _of_database() -> list[str]:
    session = db.session()
    counts = submissions.backlog(session)
    told = _head("mangnon_derivations", "gauge", "Kept submissions by state of derivation.")
    told += [
        _line("mangnon_derivations", counts.get(state, 0), state=state)
        for state in ("waiting", "held", "failed", "done")
    ]
    number, size = submissions.attachment_totals(session)
    told += _head("mangnon_attachments", "gauge", "Attachments named by a submission.")
    told.append(_line("mangnon_attachments", number))
    told += _head("mangnon_attachment_bytes", "gauge", "Their size in bytes.")
    told.append(_line("mangnon_attachment_bytes", size))
    return told


def _outcome(route: str) -> str | None:
    """What became of a delivery: the receipt's word, else that it was refused or could not be taken now."""
    if route != "openrosa.submit" or request.method != "POST":
        return None
    if "outcome" in g:
        return str(g.outcome)
    return "unavailable" if g.get("problem") in ("server_busy", "server_broken") else "refused"


def _head(name: str, kind: str, words: str) -> list[str]:
    return [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]


def _line(name: str, value: float, **labels: str) -> str:
    inside = ",".join(f'{key}="{label}"' for key, label in labels.items())
    return f"{name}{{{inside}}} {value}" if inside else f"{name} {value}"
