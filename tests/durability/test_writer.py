"""The shared commit when SQLite gives the whole transaction up half-way, as it does on a full or failing disk."""

from __future__ import annotations

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
