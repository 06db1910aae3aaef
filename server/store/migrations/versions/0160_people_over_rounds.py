"""who goes where, change by change; how far the search for children that stand twice has come; birthdays to find by"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0160"
down_revision = "0120"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assignment_changes",
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("given", sa.Boolean(), nullable=False),
        sa.Column("undoes", sa.Integer(), nullable=True),
        sa.Column("by_id", sa.String(length=36), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_assignment_changes_round_id")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_assignment_changes_person_id")),
        sa.ForeignKeyConstraint(["by_id"], ["people.id"], name=op.f("fk_assignment_changes_by_id")),
        sa.PrimaryKeyConstraint("round_id", "number", "position", name=op.f("pk_assignment_changes")),
    )
    op.create_table(
        "link_progress",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("province_code", name=op.f("pk_link_progress")),
    )
    op.create_index("ix_children_birth", "children", ["province_code", "birth"])
    # Late interviews now stand in the round of their own day: with several rounds, everything is read again.
    op.execute(
        "UPDATE derivations SET state = 'waiting' WHERE state = 'done' AND (SELECT count(*) FROM rounds) > 1"
    )


def downgrade() -> None:
    op.drop_index("ix_children_birth", table_name="children")
    op.drop_table("link_progress")
    op.drop_table("assignment_changes")
