"""Which databases the tests meet: ``--database sqlite``, ``postgresql`` or, unasked, ``both``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from postgres import Cluster, cluster

KINDS = ("sqlite", "postgresql")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--database", choices=(*KINDS, "both"), default="both", help="the database under test")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Whatever asks for ``database_kind`` runs once on each database."""
    if "database_kind" in metafunc.fixturenames:
        wanted = metafunc.config.getoption("--database")
        kinds = KINDS if wanted == "both" else (wanted,)
        metafunc.parametrize("database_kind", kinds, scope="session")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Cluster]:
    """A real PostgreSQL, started when the first test asks for it."""
    with cluster() as running:
        yield running


@pytest.fixture
def empty_postgres(postgres: Cluster) -> Iterator[str]:
    """The address of a fresh, empty database."""
    name = postgres.create()
    yield postgres.address(name)
    postgres.drop(name)
