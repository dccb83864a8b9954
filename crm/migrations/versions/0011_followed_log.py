"""The database knows which log it goes with."""

import sqlalchemy as sa
from alembic import op

revision = "0011_followed_log"
down_revision = "0010_hook_backlog"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "followed_log",
        sa.Column("only", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("name", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("only", name="pk_followed_log"),
    )
