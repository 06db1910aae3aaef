"""``create_app(settings)``: joins the parts. The only file that knows them all."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from flask_wtf import CSRFProtect
from sqlalchemy.engine import Engine

from server import entrance, errors
from server.address import NameConverter
from server.api import changes, health, metrics, openrosa, phone
from server.pages import register_pages
from server.settings import Settings
from server.store import schema
from server.store.base import db, prepare_engine
from server.store.blobs import BlobFolder, Blobs, keep_once
from server.store.mark import Mark, Remembered
from server.store.writer import Writer

csrf = CSRFProtect()


def create_app(settings: Settings, clock: Callable[[], datetime] = entrance.system_clock) -> Flask:
    """The whole server as one Flask application over the database that the settings name."""
    app = Flask("server", static_folder=None, template_folder="pages/templates")
    app.config.update(
        SETTINGS=settings,
        CLOCK=clock,
        SECRET_KEY=_secret_key(settings.data),
        SQLALCHEMY_DATABASE_URI=settings.database,
        SQLALCHEMY_ENGINE_OPTIONS=_pool(settings),
        MAX_CONTENT_LENGTH=settings.max_request,
        MAX_FORM_MEMORY_SIZE=settings.max_xml,
        SESSION_COOKIE_NAME="__Host-mangnon" if settings.secure else "mangnon",
        SESSION_COOKIE_SECURE=settings.secure,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.web_hours),
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.url_map.converters["name"] = NameConverter
    _join_store(app, settings)
    csrf.init_app(app)
    errors.register(app)
    metrics.register(app)
    app.before_request(entrance.check_entrance)
    for blueprint in (
        health.blueprint,
        metrics.blueprint,
        openrosa.blueprint,
        phone.blueprint,
        changes.blueprint,
        phone.static_blueprint,
    ):
        csrf.exempt(blueprint)
        app.register_blueprint(blueprint)
    register_pages(app)
    return app


def _join_store(app: Flask, settings: Settings) -> None:
    db.init_app(app)
    blobs = make_blobs(settings)
    blobs.prepare()
    with app.app_context():
        prepare_engine(db.engine)
        app.extensions["mangnon.writer"] = Writer(db.engine)
        app.extensions["mangnon.mark"] = Mark(db.engine)
    app.extensions["mangnon.lists"] = Remembered[bytes](most=500)
    app.extensions["mangnon.people"] = Remembered[object](most=2_000)
    app.extensions["mangnon.blobs"] = blobs
    app.extensions["mangnon.identify"] = {
        entrance.OPENROSA: openrosa.identify,
        entrance.PHONE: phone.identify,
    }
    _ = schema  # registers every table


def make_blobs(settings: Settings) -> Blobs:
    """Where attachments are kept; the bucket's library is loaded by those who use one."""
    if settings.bucket is None:
        return BlobFolder(settings.data / "attachments")
    from server.store.bucket import BlobBucket

    return BlobBucket(settings.bucket)


def make_engine(settings: Settings) -> Engine:
    """The database on its own, for a command that has no office yet."""
    engine = sa.create_engine(settings.database, **_pool(settings))
    prepare_engine(engine)
    return engine


def _pool(settings: Settings) -> dict[str, Any]:
    """Connections for PostgreSQL: each thread may need one, the background work too."""
    if settings.embedded:
        return {}
    return {"pool_size": settings.threads + 4, "max_overflow": settings.threads, "pool_pre_ping": True}


def _secret_key(folder: Path) -> bytes:
    """The key that signs cookies: made once, readable by the server's own user only."""
    path = folder / "secret.key"
    folder.mkdir(parents=True, exist_ok=True)
    if not (path.exists() and path.stat().st_size):
        keep_once(path, secrets.token_bytes(32))
    return path.read_bytes()
