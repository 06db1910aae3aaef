"""The application as the web server's worker loads it; the worker ends when the process that started it is gone."""

from __future__ import annotations

import os
import signal

from flask import Flask

from server import logs
from server.app import create_app
from server.processes import end_with_parent, settle
from server.settings import read_settings


def make() -> Flask:
    end_with_parent(signal.SIGTERM)
    settings = read_settings(os.environ)
    logs.start(settings)
    app = create_app(settings)
    settle()
    return app
