"""The shared commit when SQLite gives the whole transaction up half-way, as it does on a full or failing disk."""

from __future__ import annotations

import sqlite3
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Connection

from server.store.base import prepare_engine
from server.store.writer import Writer


def test_what_sqlite_rolled_back_is_not_acknowledged(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'w.db'}")
    prepare_engine(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (name TEXT PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO kept VALUES ('there already')")

    def insert(name: str, clause: str = "") -> Any:
        def work(connection: Connection) -> str:
            connection.exec_driver_sql(f"INSERT {clause} INTO kept VALUES ('{name}')")
            return name

        return work

    batch: list[tuple[Any, Future[Any]]] = [
        (insert("before"), Future()),
        (
            insert("there already", "OR ROLLBACK"),
            Future(),
        ),  # ends the transaction, as SQLITE_FULL and IOERR do
        (insert("after"), Future()),
    ]
    Writer(engine)._commit_together(batch)
    with engine.connect() as connection:
        kept = set(connection.exec_driver_sql("SELECT name FROM kept").scalars())
    for (_, future), name in zip(batch, ("before", "bad", "after"), strict=True):
        if future.exception() is None:
            assert name in kept, f"'{name}' was acknowledged and is not there"
    assert batch[0][1].exception() is not None
    engine.dispose()


def test_a_failing_piece_leaves_the_others_alone(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'w.db'}")
    prepare_engine(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (name TEXT PRIMARY KEY)")

    def good(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO kept VALUES ('good')")

    def bad(connection: Connection) -> None:
        connection.exec_driver_sql("INSERT INTO kept VALUES ('half')")
        raise ValueError("bad")

    futures: list[Future[Any]] = [Future(), Future()]
    Writer(engine)._commit_together([(bad, futures[0]), (good, futures[1])])
    with pytest.raises(ValueError, match="bad"):
        futures[0].result()
    futures[1].result()
    with engine.connect() as connection:
        assert list(connection.exec_driver_sql("SELECT name FROM kept").scalars()) == ["good"]
    engine.dispose()


def test_a_connection_opened_while_the_disk_was_read_only_turns_nobody_away(tmp_path: Path) -> None:
    """SQLite opens for reading only when it must, and says nothing; the disk is well when the connection is used."""
    path = tmp_path / "w.db"
    modes = ["rwc", "ro"]

    def connect() -> sqlite3.Connection:
        mode = modes.pop(0) if modes else "rw"
        return sqlite3.connect(f"file:{path}?mode={mode}", uri=True, check_same_thread=False)

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.pool.QueuePool)
    prepare_engine(engine)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE kept (name TEXT PRIMARY KEY)")
    engine.dispose()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT count(*) FROM kept").scalar() == 0
    assert not modes
    writer = Writer(engine)
    writer.write(lambda connection: connection.exec_driver_sql("INSERT INTO kept VALUES ('first')"))
    writer.close()
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SELECT name FROM kept").scalars().all() == ["first"]
    engine.dispose()
