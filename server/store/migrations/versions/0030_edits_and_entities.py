"""Edits are found by what they replace (an edit may arrive before its original); entities of every submission."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0020"
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
    op.create_table(
        "entities",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("dataset", sa.String(length=200), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("properties", sa.Text(), nullable=False),
        sa.Column("ward_code", sa.String(length=20), nullable=True),
        sa.Column("village_code", sa.String(length=20), nullable=True),
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"],
            ["submissions.province_code", "submissions.id"],
            name=op.f("fk_entities_province_code"),
        ),
        sa.PrimaryKeyConstraint("province_code", "submission_id", "position", name=op.f("pk_entities")),
    )
    op.create_index(
        "ix_entities_dataset", "entities", ["province_code", "dataset", "ward_code", "village_code"]
    )


def downgrade() -> None:
    op.drop_index("ix_entities_dataset", "entities")
    op.drop_table("entities")
    op.drop_index("ix_submissions_replaces", "submissions")
