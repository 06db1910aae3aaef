"""whom to call in a ward"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0080"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ward_contacts",
        sa.Column("ward_code", sa.String(length=20), nullable=False),
        sa.Column("phone", sa.String(length=20), nullable=False),
        sa.Column("changed_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("ward_code", name=op.f("pk_ward_contacts")),
    )


def downgrade() -> None:
    op.drop_table("ward_contacts")
