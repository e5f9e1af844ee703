"""What the inbox lists, finds and marks as seen, and what is to be erased."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    label_key = sa.String(100).with_variant(sa.String(100, collation="C"), "postgresql")
    for column in (
        sa.Column("language", sa.String(8), nullable=False, server_default=sa.text("''")),
        sa.Column("label", sa.Text(), nullable=True),
        sa.Column("label_key", label_key, nullable=True),
        sa.Column("file_count", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("submissions", column)
    op.create_index(
        "ix_submissions_form_id_label_key_id", "submissions", ["form_id", "label_key", "id"]
    )
    op.create_index(
        "ix_submissions_unindexed",
        "submissions",
        ["id"],
        sqlite_where=sa.text("label IS NULL"),
        postgresql_where=sa.text("label IS NULL"),
    )
    # Before anything can be deleted: what says how many files go must be right.
    op.execute(
        "UPDATE submissions SET file_count = ("
        "SELECT COUNT(*) FROM stored_files WHERE stored_files.submission_id = submissions.id"
        ") WHERE id IN (SELECT submission_id FROM stored_files)"
    )
    op.add_column("forms", sa.Column("erased_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "seen",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"], ["forms.id"], name="fk_seen_form_id_forms", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name="fk_seen_user_id_users", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "form_id", name="pk_seen"),
    )
    op.create_index("ix_seen_form_id", "seen", ["form_id"])
    op.create_table(
        "erasures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("upload_id", sa.String(32), nullable=False),
        sa.Column("storage_key", sa.String(800), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_erasures"),
        sa.UniqueConstraint("storage_key", name="uq_erasures_storage_key"),
        sa.UniqueConstraint("upload_id", name="uq_erasures_upload_id"),
    )
    _make_search()


def _make_search() -> None:
    """See submissions/searching.py, which alone knows this table: Alembic and the metadata do not."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute(
            "CREATE VIRTUAL TABLE submission_search USING fts5("
            "words, detail = none, columnsize = 0, prefix = '1 2 3 4 5 6 7 8', tokenize = 'ascii')"
        )
        return
    op.execute(
        "CREATE TABLE submission_search (id INTEGER PRIMARY KEY "
        "REFERENCES submissions (id) ON DELETE CASCADE, words TSVECTOR NOT NULL)"
    )
    op.execute("CREATE INDEX ix_submission_search_words ON submission_search USING gin (words)")
