"""The application as the web server's worker loads it; the worker ends when the process that started it is gone."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

from flask import Flask

from server import logs
from server.app import create_app
from server.settings import read_settings

PR_SET_PDEATHSIG = 1


def make() -> Flask:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    settings = read_settings(os.environ)
    logs.start(settings)
    return create_app(settings)
