"""How the server's processes begin and end: one supervisor, a web worker, and the reader of what was received.

On Linux both are forked from a supervisor that has loaded the program and nothing else (no application, no
connection, no thread of its own that holds a lock), so the program is loaded once and stands in memory once.
Elsewhere they are spawned and load it themselves.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import logging
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable

log = logging.getLogger("mangnon")
METHOD = "fork" if sys.platform == "linux" else "spawn"
PROGRAM = ("server.wsgi", "server.reader", "granian.server.mp")
PR_SET_PDEATHSIG = 1
# Seconds: the first wait before what ends at once is started again, the longest, and what counts as settled.
FIRST_PAUSE, LONGEST_PAUSE, SETTLED = 0.25, 5.0, 8.0
PATIENCE = 10


def prepare() -> None:
    """Load the program in the supervisor, so that its children share it."""
    multiprocessing.set_start_method(METHOD, force=True)
    if METHOD == "fork":
        for name in PROGRAM:
            importlib.import_module(name)
        settle()


def settle() -> None:
    """What stands now will stand: the collector need not walk it again, nor write on pages that are shared."""
    gc.collect()
    gc.freeze()


def end_with_parent(how: signal.Signals) -> None:
    """In a child: forget the supervisor's ways with signals, and get this one when the supervisor is gone."""
    for told in (signal.SIGINT, signal.SIGTERM):
        signal.signal(told, signal.SIG_DFL)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, how)
        if os.getppid() == 1:
            os.kill(os.getpid(), how)  # it was gone before we could ask


def longer(pause: float, began: float) -> float:
    """How long to wait before starting again what began then and has ended now (``time.monotonic``)."""
    return FIRST_PAUSE if time.monotonic() - began > SETTLED else min(pause * 2, LONGEST_PAUSE)


class Companion:
    """A process beside the web worker, started again whenever it ends by itself."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._ended = threading.Event()
        self._process: multiprocessing.Process | None = None
        # A child's "parent" is the thread that started it: this one waits until the child is gone.
        self._thread = threading.Thread(target=self._keep, name="companion", daemon=True)

    def start(self) -> None:
        """The first one is started here, while no other thread runs that could be in the middle of something."""
        self._begin()
        self._thread.start()

    def stop(self) -> None:
        """Tell it to end and wait; what it has not committed stays waiting in the database."""
        self._ended.set()
        if self._process is not None and self._process.is_alive():
            self._process.terminate()
        self._thread.join(PATIENCE)
        if self._process is not None and self._process.is_alive():
            self._process.kill()

    def _keep(self) -> None:
        pause, began = FIRST_PAUSE, time.monotonic()
        while self._process is not None:
            self._process.join()
            if self._ended.is_set():
                return
            pause = longer(pause, began)
            log.error("the reading process ended; it is started again in %s s", pause)
            if self._ended.wait(pause):
                return
            began = time.monotonic()
            self._begin()

    def _begin(self) -> None:
        self._process = multiprocessing.Process(target=self._work, name="mangnon-reader")
        self._process.start()
