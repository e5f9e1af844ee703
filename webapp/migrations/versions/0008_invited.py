"""Who may fill in: a passcode, or people with personal links; and what was handed in late."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def _text(name: str, length: int, default: str = "") -> sa.Column[str]:
    return sa.Column(
        name, sa.String(length), nullable=False, server_default=sa.text(f"'{default}'")
    )


def upgrade() -> None:
    with op.batch_alter_table("forms") as forms:
        forms.add_column(_text("access", 10, "link"))
        forms.add_column(_text("passcode", 64))
        forms.add_column(_text("entry_key", 22))
        forms.add_column(
            sa.Column("late_days", sa.Integer(), nullable=False, server_default=sa.text("0"))
        )
        forms.create_check_constraint(
            op.f("ck_forms_access"), "access IN ('link', 'passcode', 'personal')"
        )
    op.create_table(
        "invited_people",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("form_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        _text("email", 254),
        _text("team", 100),
        sa.Column("token", sa.String(22), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closes_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("is_closed", sa.Boolean(), server_default=sa.false(), nullable=False),
        _text("mail_state", 10),
        sa.Column("mail_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("mail_error", sa.Text(), server_default=sa.text("''"), nullable=False),
        sa.ForeignKeyConstraint(
            ["form_id"],
            ["forms.id"],
            name=op.f("fk_invited_people_form_id_forms"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invited_people")),
        sa.UniqueConstraint("token", name=op.f("uq_invited_people_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_invited_people_form_id"), "invited_people", ["form_id"])
    with op.batch_alter_table("submissions") as submissions:
        submissions.add_column(sa.Column("invited_id", sa.Integer(), nullable=True))
        submissions.add_column(
            sa.Column("late", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        submissions.create_foreign_key(
            op.f("fk_submissions_invited_id_invited_people"),
            "invited_people",
            ["invited_id"],
            ["id"],
        )
    op.create_index(
        "ix_submissions_invited_id",
        "submissions",
        ["invited_id"],
        unique=True,
        sqlite_where=sa.text("invited_id IS NOT NULL"),
        postgresql_where=sa.text("invited_id IS NOT NULL"),
    )
    op.create_index(
        "ix_submissions_late",
        "submissions",
        ["form_id", "id"],
        sqlite_where=sa.text("late"),
        postgresql_where=sa.text("late"),
    )
