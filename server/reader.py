"""The process that reads what was received (derivation) and does the nightly drill, beside the web worker.

It is killed with its supervisor: what it had not committed stays waiting, and the next one takes it up.
"""

from __future__ import annotations

import os
import signal
import threading

from server import logs
from server.app import create_app
from server.jobs import Deriver, Nightly
from server.processes import end_with_parent, settle
from server.settings import read_settings


def run() -> None:
    """Work until told to end by SIGTERM; Ctrl+C is the supervisor's business."""
    end_with_parent(signal.SIGKILL)
    told = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: told.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    settings = read_settings(os.environ)
    logs.start(settings)
    app = create_app(settings)
    deriver, nightly = Deriver(app), Nightly(app)
    settle()
    deriver.start()
    nightly.start()
    told.wait()
    deriver.stop()
    nightly.stop()
