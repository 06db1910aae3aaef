"""An office on either database, in a folder of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from offices import ProofServer, set_up_office
from running import free_port


@contextmanager
def office(database: str, folder: Path) -> Iterator[ProofServer]:
    """A server that was set up and does not run yet."""
    if database == "sqlite":
        yield _office(folder, {})
        return
    from postgres import cluster

    with cluster(hasty=False) as running:
        name = running.create()
        try:
            yield _office(folder, {"DATABASE_URL": running.address(name)})
        finally:
            running.drop(name)


def _office(folder: Path, extra: dict[str, str]) -> ProofServer:
    key = set_up_office(folder / "data", extra)
    return ProofServer(folder / "data", free_port(), key=key, extra=extra, log=folder / "server.log")
