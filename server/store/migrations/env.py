"""How alembic reaches the database: over the connection it is handed, never over an address of its own."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

from server.store.base import Base, PlainJson, UtcTime


def plain_type(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Migrations name the database's own types, so that they stay true when ours change."""
    if kind != "type" or not isinstance(item, UtcTime | PlainJson):
        return False
    return "sa.DateTime()" if isinstance(item, UtcTime) else "sa.Text()"


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_item=plain_type,
    compare_type=True,
)
context.run_migrations()
