"""Uploads that come in pieces: no SHA-256 until they are whole, and who sends them, for the limits."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    with op.batch_alter_table("uploads") as uploads:
        uploads.alter_column("sha256", existing_type=sa.String(64), nullable=True)
        uploads.add_column(sa.Column("metadata_given", sa.Text()))
        uploads.add_column(sa.Column("sender", sa.String(64)))
        uploads.add_column(sa.Column("page", sa.String(64)))
        uploads.create_index("ix_uploads_sender", ["sender"])
        uploads.create_index("ix_uploads_page", ["page"])
