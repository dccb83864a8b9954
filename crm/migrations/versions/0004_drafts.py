"""Drafts of anything that is published in versions, not only of flows."""

import sqlalchemy as sa
from alembic import op

revision = "0004_drafts"
down_revision = "0003_flows"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "studio_drafts",
        sa.Column("kind", sa.String(16), primary_key=True),
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
    )
    op.execute(
        'INSERT INTO studio_drafts (kind, name, revision, at, "by", content) '
        "SELECT 'flow', flow, revision, at, \"by\", document FROM flow_drafts"
    )
    op.drop_table("flow_drafts")
