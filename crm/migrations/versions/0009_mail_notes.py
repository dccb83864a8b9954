"""What agents note on threads of mails, for colleagues alone."""

import sqlalchemy as sa
from alembic import op

revision = "0009_mail_notes"
down_revision = "0008_mails_due"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mail_notes",
        sa.Column("number", NUMBER, primary_key=True),
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("thread", sa.String(64), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.UniqueConstraint("id"),
    )
    op.create_index(None, "mail_notes", ["thread"])
