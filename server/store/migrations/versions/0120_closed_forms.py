"""forms that take no new interviews"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0120"
down_revision = "0070"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "closed_forms",
        sa.Column("form_id", sa.String(length=200), nullable=False),
        sa.Column("closed_at", sa.DateTime(), nullable=False),
        sa.Column("closed_by", sa.String(length=36), nullable=True),
        sa.ForeignKeyConstraint(["closed_by"], ["people.id"], name=op.f("fk_closed_forms_closed_by_people")),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_closed_forms")),
    )


def downgrade() -> None:
    op.drop_table("closed_forms")
