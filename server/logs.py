"""Logs as one JSON object a line, for whoever collects them. No personal data: routes, problems, durations, counts.

A trace names files, lines and the kind of error; an error's own words may quote what someone typed, so they stay out.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import TextIO

from server.settings import Settings


class JsonLines(logging.Formatter):
    """A record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        told: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
        }
        told |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[0]:
            told["error"] = record.exc_info[0].__name__
            told["trace"] = [
                f"{frame.filename}:{frame.lineno} {frame.name}"
                for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return json.dumps(told, ensure_ascii=False)


def start(settings: Settings, stream: TextIO | None = None) -> None:
    """Send our own logs there as JSON, when the settings ask for it; else leave everything as it is."""
    if not settings.log_json:
        return
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(JsonLines())
    own = logging.getLogger("mangnon")
    own.handlers[:] = [handler]
    own.setLevel(logging.INFO)
    own.propagate = False
