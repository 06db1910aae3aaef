"""Copying a whole database into another one, of either kind, and proving that both hold the same.

The proof of a table is its number of rows and a hash that does not depend on their order (databases sort text
differently): the sum of the rows' own hashes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

from server.store.base import Base, prepare_engine

BATCH = 50
Proof = dict[str, "TableProof"]


@dataclass(frozen=True)
class TableProof:
    rows: int
    hash: str


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """A connection that sees one moment of the database, whatever is written meanwhile."""
    options: dict[str, Any] = {"stream_results": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with engine.connect() as connection:
        yield connection.execution_options(**options)


def embedded_engine(path: Path) -> Engine:
    """An engine over an SQLite file of its own."""
    engine = sa.create_engine(f"sqlite:///{path}", poolclass=sa.pool.NullPool)
    prepare_engine(engine)
    return engine


def snapshot(engine: Engine, path: Path) -> None:
    """An embedded copy of one moment of this database, made beside whoever is writing to it."""
    if engine.dialect.name == "sqlite":
        _copy_file(engine, path)
        return
    from server.store import schema

    target = embedded_engine(path)
    schema.upgrade(target)
    with reading(engine) as source, target.begin() as connection:
        copy_rows(source, connection)
    settle(path)


def settle(path: Path) -> None:
    """Make an SQLite database one file again, complete in itself."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode = DELETE")


def copy_rows(source: Connection, target: Connection) -> None:
    """Every row of every table, in an order that foreign keys allow. The target's tables are emptied first."""
    tables = Base.metadata.sorted_tables
    for table in reversed(tables):
        target.execute(sa.delete(table))
    for table in tables:
        for batch in source.execute(sa.select(table)).mappings().partitions(BATCH):
            target.execute(sa.insert(table), [dict(row) for row in batch])
    _go_on_counting(target)


def proof(connection: Connection) -> Proof:
    """What this database holds, table by table."""
    return {table.name: _proof_of(connection, table) for table in Base.metadata.sorted_tables}


def differing(one: Proof, other: Proof) -> list[str]:
    """The tables in which the two differ."""
    return sorted(name for name in one.keys() | other.keys() if one.get(name) != other.get(name))


def integrity(connection: Connection) -> list[str]:
    """What SQLite itself finds wrong; PostgreSQL checks its pages as it reads them."""
    if connection.dialect.name != "sqlite":
        return []
    found = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
    strangers = [f"foreign key: {row[0]}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]
    return [line for line in found if line != "ok"] + strangers


def database_size(connection: Connection) -> int:
    """How many bytes this database takes."""
    if connection.dialect.name == "postgresql":
        return int(connection.exec_driver_sql("SELECT pg_database_size(current_database())").scalar_one())
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
    return int(pages) * int(connection.exec_driver_sql("PRAGMA page_size").scalar_one())


def _copy_file(engine: Engine, path: Path) -> None:
    raw = engine.raw_connection()
    try:
        with closing(sqlite3.connect(path)) as target:
            raw.driver_connection.backup(target)  # type: ignore[union-attr]
    finally:
        raw.close()
    settle(path)


def _proof_of(connection: Connection, table: sa.Table) -> TableProof:
    count, total = 0, 0
    for batch in connection.execute(sa.select(table)).partitions(BATCH):
        for row in batch:
            count += 1
            total += int.from_bytes(sha256(repr(tuple(map(_plain, row))).encode()).digest())
    return TableProof(count, f"{total % 2**256:064x}")


def _plain(value: Any) -> Any:
    return sha256(value).hexdigest() if isinstance(value, bytes | memoryview) else value


def _go_on_counting(target: Connection) -> None:
    """PostgreSQL's counters do not see rows that brought their own number."""
    if target.dialect.name != "postgresql":
        return
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None:
            continue
        counter = target.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
        highest = target.scalar(sa.select(sa.func.max(column)))
        if counter and highest is not None:
            target.execute(sa.select(sa.func.setval(counter, highest)))
