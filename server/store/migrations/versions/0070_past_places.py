"""where visits were placed before the gazetteer changed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import server.store.base

revision = "0070"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "past_places",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("gazetteer", sa.String(length=16), nullable=False),
        sa.Column("ward_code", sa.String(length=20), nullable=True),
        sa.Column("ward_valid_from", sa.Date(), nullable=True),
        sa.Column("village_code", sa.String(length=20), nullable=True),
        sa.Column("location", server.store.base.PlainJson(), nullable=False),
        sa.Column("replaced_at", server.store.base.UtcTime(), nullable=False),
        sa.PrimaryKeyConstraint("province_code", "submission_id", "gazetteer", name=op.f("pk_past_places")),
    )


def downgrade() -> None:
    op.drop_table("past_places")
