"""Bringing a database to the newest migration, and asking whether it is there. Alembic does the work."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine

# Importing a noun registers its table; alembic and ``create_app`` need all of them.
from server.store import (  # noqa: F401
    assignments,
    audit,
    authorities,
    children,
    closed_forms,
    contacts,
    decisions,
    departures,
    doubles,
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
_TOLD = re.compile(r'^((?:down_)?revision)\b[^=\n]*= (?:"(\w+)"|None)$', re.MULTILINE)


class RevisionUnknown(Exception):
    """The database stands at a migration that this program does not know: a newer program made it."""


def upgrade(engine: Engine) -> None:
    """Run every migration that is missing, in one transaction. Raises ``RevisionUnknown``."""
    from alembic import command
    from alembic.util import CommandError

    with engine.connect() as connection:
        connection = connection.execution_options(immediate=True)
        config = alembic_config()
        config.attributes["connection"] = connection
        try:
            with connection.begin():
                command.upgrade(config, "head")
        except CommandError:
            raise RevisionUnknown from None


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest migration."""

    with engine.connect() as connection:
        return revision(connection) == head()


def revision(connection: Connection) -> str:
    """The migration at which this database stands; empty when there is none."""
    if not sa.inspect(connection).has_table("alembic_version"):
        return ""
    return str(connection.scalar(sa.text("SELECT version_num FROM alembic_version")) or "")


def head() -> str:
    """The newest migration that this program knows; read from the files, since every start asks for it."""
    told = [dict(_TOLD.findall(path.read_text("utf-8"))) for path in (MIGRATIONS / "versions").glob("*.py")]
    before = {one["down_revision"] for one in told}
    newest: str
    (newest,) = [one["revision"] for one in told if one["revision"] not in before]
    return newest


def alembic_config() -> Config:
    # Alembic takes a fifth of a second to load; a server that never migrates goes without.
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config
