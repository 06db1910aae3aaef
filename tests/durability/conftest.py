"""An office set up once for all the short runs; each run works on a copy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from offices import ProofServer, copy_of, set_up_office

MakeOffice = Callable[..., ProofServer]


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    folder = tmp_path_factory.mktemp("durability") / "data"
    return folder, set_up_office(folder)


@pytest.fixture
def make_office(prepared: tuple[Path, str], tmp_path: Path) -> Iterator[MakeOffice]:
    """Makes a server that does not run yet, over a fresh copy; ends it whatever happens."""
    made: list[ProofServer] = []

    def make(extra: dict[str, str] | None = None, name: str = "data") -> ProofServer:
        office = copy_of(*prepared, tmp_path / name, extra)
        office.log = tmp_path / f"{name}.log"
        made.append(office)
        return office

    yield make
    for office in made:
        office.end()
