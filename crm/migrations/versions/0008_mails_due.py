"""Mails that wait are found by when they are due."""

from alembic import op

revision = "0008_mails_due"
down_revision = "0007_hooks"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_incoming_mails_became_due", "incoming_mails", ["became", "due"])
