"""The process beside the web worker: it reads what was received, looks for doubles and does the nightly drill.

It is killed with its supervisor: what it had not committed stays waiting, and the next one takes it up.
"""

from __future__ import annotations

import os
import signal
import threading

from server import logs
from server.app import create_app
from server.jobs import Deriver, Matcher, Nightly
from server.processes import end_with_parent, settle
from server.settings import read_settings
from server.store.base import db


def run() -> None:
    """Work until told to end by SIGTERM; Ctrl+C is the supervisor's business."""
    end_with_parent(signal.SIGKILL)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = read_settings(os.environ)
    logs.start(settings)
    app = create_app(settings)
    workers = (Deriver(app), Matcher(app), Nightly(app))
    settle()
    for worker in workers:
        worker.start()
    told.wait()
    for worker in workers:
        worker.stop()
    with app.app_context():
        db.engine.dispose()  # the last one out leaves a whole database file, without a log beside it
