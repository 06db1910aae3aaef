"""``db``, how it connects, and the column types every table shares. Imports nothing of ours.

SQLite is opened in WAL mode with ``synchronous=FULL``, set and read back on every connection: an acknowledged
interview survives a power cut. Transactions are begun by us (the driver's own habit of beginning late is
switched off); a writer begins with ``BEGIN IMMEDIATE`` so that it never fails half-way for a lock.

PostgreSQL is never asked to answer before its log is on the disk. What people and commands write goes one after the
other there too, behind one advisory lock, so that both databases give the same answer to two people at once; only
the reception of interviews runs side by side.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Dialect, Engine, ExceptionContext
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolExhausted
from sqlalchemy.ext.compiler import compiles
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


@compiles(sa.String, "postgresql")
def _text_of_any_length(_type: sa.String, _compiler: Any, **_options: Any) -> str:
    """Lengths are what we mean, not what a database cuts at: SQLite keeps longer text, so PostgreSQL does too."""
    return "VARCHAR"


BUSY_MS = 30_000
BROKEN = (
    "SQLITE_READONLY",
    "SQLITE_IOERR",
    "SQLITE_CANTOPEN",
    "SQLITE_FULL",
    "SQLITE_CORRUPT",
    "SQLITE_NOTADB",
)
WRITERS_LOCK = 770_020
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
    """Attach the connection rules above to an engine."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin)
        event.listen(engine, "handle_error", _let_go_of_broken)
    elif engine.dialect.name == "postgresql":
        event.listen(engine, "connect", _prepare_postgresql)
        event.listen(engine, "begin", _begin_one_by_one)


def _prepare_postgresql(connection: Any, _record: object) -> None:
    """An answer waits for the log on the disk, a lock no longer than SQLite waits; stronger settings stay."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('synchronous_commit', 'on', false)"
            " WHERE current_setting('synchronous_commit') = 'off'"
        )
        cursor.execute(f"SET lock_timeout = {BUSY_MS}")
    connection.commit()


def _begin_one_by_one(connection: Connection) -> None:
    if connection.get_execution_options().get("immediate", False):
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({WRITERS_LOCK})")


def _prepare_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, wanted in PRAGMAS:
        cursor.execute(f"PRAGMA {name} = {wanted}")
        found = cursor.execute(f"PRAGMA {name}").fetchone()[0]
        if found != wanted:
            raise RuntimeError(f"SQLite refused {name}={wanted}: it says {found}")
    cursor.close()


def _let_go_of_broken(context: ExceptionContext) -> None:
    """A connection opened while the disk was read-only or failing stays so when the disk is well: open new ones."""
    name = getattr(context.original_exception, "sqlite_errorname", "")
    if name.startswith(BROKEN):
        context.is_disconnect = True


def _begin(connection: Connection) -> None:
    immediate = connection.get_execution_options().get("immediate", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def begin_writing(session: Session) -> None:
    """Begin anew, with the write lock from the start: what was read before may be old by now."""
    session.rollback()
    session.connection(execution_options={"immediate": True})


def one_at_a_time(connection: Connection, what: str) -> None:
    """Until the end of the transaction no other one passes here for the same thing (SQLite has one writer anyway)."""
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(what, 0))))


def refuses_the_data(error: DBAPIError) -> bool:
    """Whether the database cannot hold these values, however often one tries (a text too long for its index, say)."""
    limit = str(getattr(error.orig, "sqlstate", None) or "").startswith("54")
    return limit or isinstance(error, DataError | IntegrityError)


def is_away(error: BaseException) -> bool:
    """Whether the database did not serve us (lost, locked, full, no connection left); another try may well succeed."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError | PoolExhausted)
