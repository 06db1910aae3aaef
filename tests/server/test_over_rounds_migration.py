"""A database from before the rounds is brought along: children keep their ids, and everything is read again."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command

from server.store import schema
from server.store.base import prepare_engine


def test_an_older_database_is_brought_along(tmp_path: Path) -> None:
    engine = sa.create_engine(f"sqlite:///{tmp_path / 'old.db'}")
    prepare_engine(engine)
    config = schema.alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        with connection.begin():
            command.upgrade(config, "0001")
        with connection.begin():
            connection.exec_driver_sql("INSERT INTO households (province_code, id) VALUES ('20', 'h1')")
            connection.exec_driver_sql(
                "INSERT INTO children (province_code, id, household_id) VALUES ('20', 'c1', 'h1')"
            )
    schema.upgrade(engine)
    with engine.connect() as connection:
        row = connection.exec_driver_sql("SELECT same_as, version, conflicts FROM children").one()
    assert tuple(row) == ("c1", 1, None)
    engine.dispose()
