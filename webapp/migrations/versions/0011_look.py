"""The look of forms: logos."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    with op.batch_alter_table("forms") as forms:
        forms.add_column(
            sa.Column("logo", sa.String(16), server_default=sa.text("''"), nullable=False)
        )
        forms.add_column(
            sa.Column("logo_words", sa.String(200), server_default=sa.text("''"), nullable=False)
        )
    op.create_table(
        "logos",
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.String(length=20), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms.id"], name=op.f("fk_logos_form_id_forms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("form_id", name=op.f("pk_logos")),
    )
