"""children that a visit no longer found, and what a phone is told of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0140"
down_revision = "0180"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "departures",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("submission_id", sa.String(length=36), nullable=False),
        sa.Column("child_id", sa.String(length=64), nullable=False),
        sa.Column("round_id", sa.String(length=40), nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("entity", sa.Text(), nullable=True),
        sa.CheckConstraint("kind in ('moved','died','wrong','grown')", name=op.f("ck_departures_kind")),
        sa.ForeignKeyConstraint(
            ["province_code", "child_id"],
            ["children.province_code", "children.id"],
            name=op.f("fk_departures_province_code_child_id"),
        ),
        sa.ForeignKeyConstraint(
            ["province_code", "submission_id"],
            ["visits.province_code", "visits.submission_id"],
            name=op.f("fk_departures_province_code_submission_id"),
        ),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_departures_round_id")),
        sa.PrimaryKeyConstraint("province_code", "id", name=op.f("pk_departures")),
    )
    op.create_index("ix_departures_child", "departures", ["province_code", "child_id"], unique=False)
    op.create_index("ix_departures_submission_id", "departures", ["submission_id"], unique=False)
    op.create_index("ix_entities_entity", "entities", ["province_code", "dataset", "entity_id"], unique=False)
    op.add_column("children", sa.Column("presence", sa.String(length=10), nullable=True))


def downgrade() -> None:
    op.drop_column("children", "presence")
    op.drop_index("ix_entities_entity", "entities")
    op.drop_table("departures")
