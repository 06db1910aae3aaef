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


def check_set_up(settings: Settings) -> None:
    """Raises ``not_set_up`` unless the database is there and stands at the newest migration."""
    from server.app import make_engine
    from server.store import schema

    if settings.embedded and not file_of(settings).exists():
        raise Problem("not_set_up", folder=settings.data)
    engine = make_engine(settings)
    try:
        if not schema.is_current(engine):
            raise Problem("not_set_up", folder=settings.data)
    finally:
        engine.dispose()


@contextmanager
def office(*, must_exist: bool = True) -> Iterator[Flask]:
    """The application with its context pushed; refuses a folder that was never set up."""
    from server.app import create_app
    from server.store.base import db

    settings = office_settings()
    if must_exist:
        check_set_up(settings)
    app = create_app(settings)
    with app.app_context():
        try:
            yield app
        finally:
            app.extensions["mangnon.writer"].close()
            db.session.remove()
            db.engine.dispose()


def file_of(settings: Settings) -> Path:
    """The embedded database's file."""
    return Path(settings.database.removeprefix("sqlite:///"))
