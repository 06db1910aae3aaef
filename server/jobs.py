"""Work behind the doors: reading what was received. The queue is a table written in the submission's own transaction.

One thread of the supervising process takes waiting submissions, oldest first; a crash loses nothing, since a row
stays waiting until its derivation has committed.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time

from flask import Flask

from server.entrance import now
from server.flows.derive import derive_waiting
from server.flows.doubles import refresh
from server.flows.drill import claim, run_drill
from server.store import submissions
from server.store.base import db

log = logging.getLogger("mangnon")
PAUSE = 0.5
BATCH = 20
MATCHER_PAUSE = 2.0
NIGHTLY_PAUSE = 300


class Deriver:
    """Derives in the background until told to stop."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="deriver", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def _run(self) -> None:
        if sys.platform == "linux":
            # A thread has a priority of its own there: phones that wait for an answer come before the reading.
            os.nice(10)
        while not self._stop.is_set():
            if not self._once():
                self._stop.wait(PAUSE)

    def _once(self) -> int:
        try:
            with self._app.app_context():
                return derive_waiting(limit=BATCH, now=now())
        except Exception as error:
            log.error("derivation paused: %s", type(error).__name__)
            self._stop.wait(5)
            return 0


class Matcher:
    """Looks for children that stand twice around what has just been derived; never while interviews wait to be read.

    It works a quarter of the time at most, so that a large intake leaves the processor to phones and readers.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="matcher", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=10)

    def once(self) -> int:
        """One look, unless interviews wait; says how many changes it covered."""
        with self._app.app_context():
            session = db.session()
            if submissions.waiting(session.connection(), 1):
                session.rollback()
                return 0
            return refresh(session, province=self._app.config["SETTINGS"].province)

    def _run(self) -> None:
        if sys.platform == "linux":
            os.nice(15)
        pause = MATCHER_PAUSE
        while not self._stop.wait(pause):
            began = time.monotonic()
            try:
                self.once()
            except Exception as error:
                log.error("the search for doubles paused: %s", type(error).__name__)
            pause = max(MATCHER_PAUSE, 3 * (time.monotonic() - began))


class Nightly:
    """Looks every few minutes whether the nightly restore drill is due, and does it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="nightly", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(timeout=3)

    def _run(self) -> None:
        while not self._stop.wait(NIGHTLY_PAUSE):
            try:
                with self._app.app_context():
                    self.once()
            except Exception as error:
                log.error("the restore drill could not be done: %s", type(error).__name__)

    def once(self) -> bool:
        """Do the drill if it is due; says whether it was."""
        settings = self._app.config["SETTINGS"]
        if settings.drill_hour is None:
            return False
        drill = claim(db.session(), now=now(), hour=settings.drill_hour)
        if drill is None:
            return False
        blobs = self._app.extensions["mangnon.blobs"]
        run_drill(drill, db.session(), db.engine, blobs, settings.data, now=now)
        return True
