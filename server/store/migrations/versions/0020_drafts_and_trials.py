"""drafts that can be tried, and the interviews filled with them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("form_versions", sa.Column("trial_of", sa.String(length=100), nullable=True))
    op.create_table(
        "trials",
        sa.Column("province_code", sa.String(length=2), nullable=False),
        sa.Column("id", sa.String(length=36), nullable=False),
        sa.Column("instance_id", sa.String(length=300), nullable=False),
        sa.Column("form_id", sa.String(length=200), nullable=False),
        sa.Column("form_version", sa.String(length=100), nullable=False),
        sa.Column("xml", sa.LargeBinary(), nullable=False),
        sa.Column("xml_hash", sa.String(length=64), nullable=False),
        sa.Column("files", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=36), nullable=False),
        sa.Column("device_id", sa.String(length=200), nullable=True),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name=op.f("fk_trials_person_id")),
        sa.PrimaryKeyConstraint("province_code", "id", name=op.f("pk_trials")),
        sa.UniqueConstraint(
            "province_code",
            "instance_id",
            "xml_hash",
            name=op.f("uq_trials_province_code_instance_id_xml_hash"),
        ),
    )
    op.create_index(op.f("ix_trials_form_id_trials_received_at"), "trials", ["form_id", "received_at"])
