"""What the builder keeps beside a draft: how often it was changed, so that two windows do not lose
each other's work."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    with op.batch_alter_table("forms") as forms:
        forms.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
