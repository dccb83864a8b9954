"""What services outside sent, their conversations, and what is to be delivered to them."""

import sqlalchemy as sa
from alembic import op

revision = "0007_hooks"
down_revision = "0006_mails"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "hook_events",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index("ix_hook_events_done_conversation", "hook_events", ["done", "conversation"])
    op.create_table(
        "hook_conversations",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "hook_messages",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("hook", sa.String(64), nullable=False),
        sa.Column("conversation", sa.String(64), nullable=False),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("remote_key", sa.String(32), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("id"),
    )
    columns = ["state", "hook", "conversation"]
    op.create_index("ix_hook_messages_state_hook_conversation", "hook_messages", columns)
    op.create_index(None, "hook_messages", ["remote_key"])
    op.create_table(
        "hook_positions",
        sa.Column("name", sa.String(16), primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
