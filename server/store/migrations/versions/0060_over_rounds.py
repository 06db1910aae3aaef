"""households and children over rounds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entity_log",
        sa.Column("number", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("ward_code", sa.String(length=20), nullable=True),
        sa.Column("village_code", sa.String(length=20), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_entity_log")),
    )
    op.create_index(
        "ix_entity_log_entity", "entity_log", ["province_code", "kind", "entity_id"], unique=False
    )
    op.create_table(
        "link_candidates",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("a", sa.String(length=64), nullable=False),
        sa.Column("b", sa.String(length=64), nullable=False),
        sa.Column("score", sa.Double(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("province_code", "a", "b", name=op.f("pk_link_candidates")),
    )
    op.create_table(
        "assignments",
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_assignments_person_id")),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_assignments_round_id")),
        sa.PrimaryKeyConstraint("round_id", "person_id", "kind", "target", name=op.f("pk_assignments")),
    )
    op.create_table(
        "conflict_choices",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("entity_id", sa.String(length=64), nullable=False),
        sa.Column("field", sa.String(length=40), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("seen", sa.Text(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("kind in ('household','child')", name=op.f("ck_conflict_choices_kind")),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_conflict_choices_person_id")),
        sa.PrimaryKeyConstraint("province_code", "id", name=op.f("pk_conflict_choices")),
    )
    op.create_index(
        "ix_conflict_choices_entity", "conflict_choices", ["province_code", "kind", "entity_id"], unique=False
    )
    op.create_table(
        "link_decisions",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("a", sa.String(length=64), nullable=False),
        sa.Column("b", sa.String(length=64), nullable=False),
        sa.Column("verdict", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.CheckConstraint(
            "verdict in ('same','different','undone')", name=op.f("ck_link_decisions_verdict")
        ),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_link_decisions_person_id")),
        sa.PrimaryKeyConstraint("province_code", "id", name=op.f("pk_link_decisions")),
    )
    op.create_index("ix_link_decisions_pair", "link_decisions", ["province_code", "a", "b"], unique=False)
    op.create_table(
        "round_villages",
        sa.Column("round_id", sa.String(length=40), nullable=False),
        sa.Column("village_code", sa.String(length=20), nullable=False),
        sa.Column("ward_code", sa.String(length=20), nullable=False),
        sa.Column("ward_valid_from", sa.Date(), nullable=True),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("households", sa.Integer(), nullable=True),
        sa.Column("verified", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(["round_id"], ["rounds.id"], name=op.f("fk_round_villages_round_id")),
        sa.PrimaryKeyConstraint("round_id", "village_code", name=op.f("pk_round_villages")),
    )
    op.add_column("children", sa.Column("same_as", sa.String(length=64), server_default="", nullable=False))
    op.add_column("children", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("children", sa.Column("conflicts", sa.Text(), nullable=True))
    op.create_index("ix_children_same_as", "children", ["province_code", "same_as"], unique=False)
    op.add_column("households", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.add_column("households", sa.Column("conflicts", sa.Text(), nullable=True))
    op.add_column("observations", sa.Column("entity", sa.Text(), nullable=True))
    op.add_column("rounds", sa.Column("deadline", sa.Date(), nullable=True))
    op.add_column(
        "rounds",
        sa.Column("reference_rule", sa.String(length=40), server_default="seven_days_before", nullable=False),
    )
    op.add_column("rounds", sa.Column("form_id", sa.String(length=200), nullable=True))
    op.add_column("rounds", sa.Column("form_version", sa.String(length=100), nullable=True))
    op.add_column("rounds", sa.Column("gazetteer_version", sa.String(length=64), nullable=True))
    op.add_column("visits", sa.Column("entity", sa.Text(), nullable=True))
    # Older rows do not know what they wrote of the household or child: they are read again.
    op.execute("UPDATE children SET same_as = id")
    op.execute("UPDATE derivations SET state = 'waiting' WHERE state = 'done'")
