"""Opening the office's data for a command: settings from the environment, the application, and its database."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flask import Flask

from forms.problems import Problem
from server.settings import Settings, read_settings


def office_settings() -> Settings:
    """The settings of this environment; the data folder must be writable."""
    settings = read_settings(os.environ)
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise Problem("folder_unwritable", folder=settings.data) from None
    if not os.access(settings.data, os.W_OK):
        raise Problem("folder_unwritable", folder=settings.data)
    return settings


@contextmanager
def office(*, must_exist: bool = True) -> Iterator[Flask]:
    """The application with its context pushed; refuses a folder that was never set up."""
    from server.app import create_app
    from server.store import schema
    from server.store.base import db

    settings = office_settings()
    if must_exist and settings.embedded and not file_of(settings).exists():
        raise Problem("not_set_up", folder=settings.data)
    app = create_app(settings)
    with app.app_context():
        try:
            if must_exist and not schema.is_current(db.engine):
                raise Problem("not_set_up", folder=settings.data)
            yield app
        finally:
            app.extensions["mangnon.writer"].close()
            db.session.remove()
            db.engine.dispose()


def file_of(settings: Settings) -> Path:
    """The embedded database's file."""
    return Path(settings.database.removeprefix("sqlite:///"))
