"""``db``, how it connects, and the column types every table shares. Imports nothing of ours.

SQLite is opened in WAL mode with ``synchronous=FULL``, set and read back on every connection: an acknowledged
interview survives a power cut. Transactions are begun by us (the driver's own habit of beginning late is
switched off); a writer begins with ``BEGIN IMMEDIATE`` so that it never fails half-way for a lock.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMES)


db = SQLAlchemy(model_class=Base)

BUSY_MS = 30_000
PRAGMAS = (("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1), ("busy_timeout", BUSY_MS))


class UtcTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, kept in UTC; a moment without zone is refused."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Dumped(str):
    """JSON that is text already, made where there was time for it."""

    __slots__ = ()


def dump(value: Any) -> Dumped:
    return Dumped(json.dumps(value, ensure_ascii=False, sort_keys=True))


class PlainJson(sa.types.TypeDecorator[Any]):
    """JSON as text with sorted keys, so that the same value is the same bytes in both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else value if isinstance(value, Dumped) else dump(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else json.loads(value)


def prepare_engine(engine: Engine) -> None:
    """Attach the connection rules above to an SQLite engine; other databases keep their own."""
    if engine.dialect.name != "sqlite":
        return
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, wanted in PRAGMAS:
        cursor.execute(f"PRAGMA {name} = {wanted}")
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise RuntimeError(f"SQLite refused {name}={wanted}: it says {found}")
    cursor.close()


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def begin_writing(session: Session) -> None:
    """Begin anew, with the write lock from the start (SQLite): what was read before may be old by now."""
    session.rollback()
    session.connection(execution_options={"immediate": True})
