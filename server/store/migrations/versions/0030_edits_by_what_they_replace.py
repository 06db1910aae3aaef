"""Edits are found by what they replace: an edit may arrive before its original."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_submissions_replaces",
        "submissions",
        ["province_code", "deprecated_id"],
        sqlite_where=sa.text("deprecated_id IS NOT NULL"),
        postgresql_where=sa.text("deprecated_id IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("ix_submissions_replaces", "submissions")
