"""Bringing a database to the newest migration, and asking whether it is there. Alembic does the work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy.engine import Connection, Engine

# Importing a noun registers its table; alembic and ``create_app`` need all of them.
from server.store import (  # noqa: F401
    audit,
    children,
    contacts,
    decisions,
    departures,
    drills,
    entities,
    entity_log,
    forms,
    households,
    identity_events,
    past_judgements,
    past_places,
    people,
    rounds,
    submissions,
    trials,
    units,
)

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def upgrade(engine: Engine) -> None:
    """Run every migration that is missing, in one transaction."""
    from alembic import command

    with engine.connect() as connection:
        connection = connection.execution_options(immediate=True)
        config = alembic_config()
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, "head")


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""

    with engine.connect() as connection:
        return revision(connection) == head()


def revision(connection: Connection) -> str:
    """The migration at which this database stands; empty when there is none."""
    from alembic.migration import MigrationContext

    return MigrationContext.configure(connection).get_current_revision() or ""


def head() -> str:
    """The newest migration that this program knows."""
    from alembic.script import ScriptDirectory

    return ScriptDirectory.from_config(alembic_config()).get_current_head() or ""


def alembic_config() -> Config:
    # Alembic takes a fifth of a second to load; a web worker that never migrates goes without.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
