"""An office made again from its backup, or moved to PostgreSQL: nothing is overwritten, equality is proved."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError

from forms.problems import Problem
from server.flows import backup
from server.store import copying, schema
from server.store.blobs import Blobs
from server.store.copying import Proof


@dataclass(frozen=True)
class Restored:
    made_at: str
    attachments: int
    tables: dict[str, int]


@dataclass(frozen=True)
class Moved:
    """The proof of both sides, which are equal."""

    tables: Proof


def restore(file: Path, engine: Engine, blobs: Blobs, data: Path, database: Path | None) -> Restored:
    """``database`` is the embedded file to make; None when ``engine`` is a PostgreSQL. The database comes last:
    what was interrupted can simply be run again."""
    if (database is not None and database.exists()) or (database is None and _tables(engine)):
        raise Problem("office_there")
    with backup.opened(file) as pack, TemporaryDirectory(dir=data, prefix=".restore-") as folder:
        manifest = backup.read_manifest(pack)
        copy = Path(folder) / backup.DATABASE
        backup.unpack_database(pack, manifest, copy)
        count = backup.restore_attachments(pack, manifest, blobs)
        backup.restore_key(pack, data / backup.KEY)
        if database is None:
            source = copying.embedded_engine(copy)
            try:
                copy_over(source, engine)
            finally:
                source.dispose()
        else:
            _place(copy, database)
    rows = {name: entry.rows for name, entry in backup.proof_in(manifest).items()}
    return Restored(manifest["made_at"], count, rows)


def move(source: Engine, address: str) -> Moved:
    """Copy this database to an empty one; nobody writes to it meanwhile."""
    target = sa.create_engine(address, poolclass=sa.pool.NullPool)
    try:
        try:
            taken = _tables(target)
        except DBAPIError:
            raise Problem("database_unreachable") from None
        if taken:
            raise Problem("target_not_empty")
        return Moved(copy_over(source, target))
    finally:
        target.dispose()


def copy_over(source: Engine, target: Engine) -> Proof:
    """All rows in one transaction, kept only when both sides hold the same."""
    schema.upgrade(target)
    with source.connect() as plain:
        reader = plain.execution_options(immediate=True, stream_results=True)
        with reader.begin(), target.begin() as writer:
            copying.copy_rows(reader, writer)
            here, there = copying.proof(reader), copying.proof(writer)
            tables = copying.differing(here, there)
            if tables:
                raise Problem("copy_differs", tables=", ".join(tables))
    return there


def _tables(engine: Engine) -> list[str]:
    return sa.inspect(engine).get_table_names()


def _place(copy: Path, database: Path) -> None:
    with copy.open("rb") as written:
        os.fsync(written.fileno())
    os.replace(copy, database)
    handle = os.open(database.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
