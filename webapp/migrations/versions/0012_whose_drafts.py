"""Whose a draft is; forms of one page that are saved for later; lists of what was or is to be corrected."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    with op.batch_alter_table("forms") as forms:
        forms.add_column(
            sa.Column("save_later", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("drafts") as drafts:
        drafts.add_column(sa.Column("invited_id", sa.Integer(), nullable=True))
        drafts.add_column(
            sa.Column("entry_key", sa.String(22), server_default=sa.text("''"), nullable=False)
        )
        drafts.add_column(sa.Column("revisions", sa.JSON(), nullable=True))
        drafts.create_foreign_key(
            op.f("fk_drafts_invited_id_invited_people"),
            "invited_people",
            ["invited_id"],
            ["id"],
            ondelete="CASCADE",
        )
    op.create_index(op.f("ix_drafts_invited_id"), "drafts", ["invited_id"], unique=True)
    op.drop_index("ix_submissions_corrected", "submissions")
    _index_those("corrected", "corrected_at IS NOT NULL")
    _index_those("asked", "asked_at IS NOT NULL")


def _index_those(name: str, which: str) -> None:
    where = sa.text(which)
    op.create_index(
        f"ix_submissions_{name}",
        "submissions",
        ["form_id", "id"],
        sqlite_where=where,
        postgresql_where=where,
    )
