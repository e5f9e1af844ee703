"""Corrections: what a submission held before, which files belonged to it, and who may correct it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from webapp.database import UTCDateTime

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    with op.batch_alter_table("forms") as forms:
        forms.add_column(
            sa.Column("corrections", sa.String(20), nullable=False, server_default="no")
        )
    with op.batch_alter_table("submissions") as submissions:
        submissions.add_column(
            sa.Column("revision", sa.Integer(), nullable=False, server_default="1")
        )
        submissions.add_column(sa.Column("corrected_at", UTCDateTime()))
        submissions.add_column(sa.Column("correction_nonce", sa.String(32)))
        submissions.add_column(sa.Column("correction_hash", sa.String(64)))
        submissions.add_column(sa.Column("asked_at", UTCDateTime()))
        submissions.add_column(
            sa.Column("asked_text", sa.Text(), nullable=False, server_default=sa.text("''"))
        )
        submissions.add_column(sa.Column("asked_until", UTCDateTime()))
        submissions.create_index(
            "ix_submissions_correction_nonce", ["correction_nonce"], unique=True
        )
    corrected = sa.text("corrected_at IS NOT NULL")
    op.create_index(
        "ix_submissions_corrected",
        "submissions",
        ["form_id"],
        sqlite_where=corrected,
        postgresql_where=corrected,
    )
    with op.batch_alter_table("stored_files") as files:
        files.add_column(sa.Column("since", sa.Integer(), nullable=False, server_default="1"))
        files.add_column(sa.Column("until", sa.Integer()))
    with op.batch_alter_table(
        "deliveries", table_kwargs={"sqlite_autoincrement": True}
    ) as deliveries:
        deliveries.add_column(
            sa.Column("revision", sa.Integer(), nullable=False, server_default="1")
        )
        deliveries.drop_constraint("uq_deliveries_submission_id", type_="unique")
        deliveries.create_unique_constraint(
            "uq_deliveries_submission_id", ["submission_id", "notice_id", "revision"]
        )
    op.create_table(
        "submission_revisions",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("form_version_id", sa.Integer(), nullable=False),
        sa.Column("nonce", sa.String(32), nullable=False),
        sa.Column("content_hash", sa.String(64), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("received_at", UTCDateTime(), nullable=False),
        sa.Column("language", sa.String(8), nullable=False, server_default=sa.text("''")),
        sa.ForeignKeyConstraint(
            ["submission_id"], ["submissions.id"],
            name="fk_submission_revisions_submission_id_submissions",
        ),
        sa.ForeignKeyConstraint(
            ["form_version_id"], ["form_versions.id"],
            name="fk_submission_revisions_form_version_id_form_versions",
        ),
        sa.UniqueConstraint("submission_id", "number", name="uq_submission_revisions_submission_id"),
        sa.UniqueConstraint("nonce", name="uq_submission_revisions_nonce"),
    )  # fmt: skip
