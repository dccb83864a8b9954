"""Mails that came, mails of ours, their threads, and how far mailboxes were read."""

import sqlalchemy as sa
from alembic import op

revision = "0006_mails"
down_revision = "0005_recordings"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_cursors",
        sa.Column("mailbox", sa.String(64), primary_key=True),
        sa.Column("folder", sa.String(200), primary_key=True),
        sa.Column("validity", sa.BigInteger(), nullable=False),
        sa.Column("uid", sa.BigInteger(), nullable=False),
    )
    for table, id_length, state in (
        ("incoming_mails", 64, "became"),
        ("outgoing_mails", 128, "state"),
    ):
        op.create_table(
            table,
            sa.Column("number", NUMBER, primary_key=True),
            sa.Column("id", sa.String(id_length), nullable=False),
            sa.Column("message_key", sa.String(32), nullable=False),
            sa.Column(state, sa.String(16), nullable=False),
            sa.Column("due", sa.BigInteger(), nullable=False),
            sa.Column("thread", sa.String(64), nullable=False),
            sa.Column("body", sa.LargeBinary(), nullable=False),
            sa.UniqueConstraint("id"),
        )
        op.create_index(None, table, ["message_key"])
        op.create_index(None, table, ["thread"])
    op.create_index("ix_incoming_mails_became_number", "incoming_mails", ["became", "number"])
    op.create_index("ix_outgoing_mails_state_due", "outgoing_mails", ["state", "due"])
    op.create_table(
        "mail_threads",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("subject_key", sa.String(32), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_index(None, "mail_threads", ["subject_key"])
