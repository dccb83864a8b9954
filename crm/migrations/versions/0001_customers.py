"""Customers, their addresses and notes, past contacts, drafts and the follower's place."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001_customers"
down_revision = None
branch_labels = None
depends_on = None


def _key(length: int) -> sa.types.TypeEngine[str]:
    plain = sa.String(length)
    return plain.with_variant(postgresql.VARCHAR(length, collation="C"), "postgresql")


def _number() -> sa.types.TypeEngine[int]:
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _customer_id(*, on_delete: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(
        "customer_id",
        sa.String(64),
        sa.ForeignKey("customers.id", ondelete=on_delete),
        nullable=nullable,
    )


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("name_key", _key(400), nullable=False),
        sa.Column("tier", sa.String(40), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("why_valued", sa.String(500), nullable=False),
        sa.Column("language", sa.String(35), nullable=False),
        sa.Column("account_manager", sa.String(64), nullable=False),
        sa.Column("watch_out", sa.String(500), nullable=False),
        sa.Column("external_id", sa.String(100), unique=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
    )
    op.create_index(None, "customers", ["name_key"])
    op.create_table(
        "identities",
        sa.Column("id", _number(), primary_key=True),
        _customer_id(on_delete="CASCADE"),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("value", _key(320), nullable=False),
        sa.UniqueConstraint("customer_id", "kind", "value"),
    )
    op.create_index(None, "identities", ["kind", "value"])
    op.create_table(
        "notes",
        sa.Column("id", _number(), primary_key=True),
        _customer_id(on_delete="CASCADE"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(64), nullable=False),
    )
    op.create_index(None, "notes", ["customer_id", "at"])
    op.create_table(
        "past_contacts",
        sa.Column("contact", sa.String(128), primary_key=True),
        _customer_id(on_delete="SET NULL", nullable=True),
        sa.Column("channel", sa.String(64), nullable=False),
        sa.Column("address", sa.String(320), nullable=False),
        sa.Column("queue", sa.String(64), nullable=False),
        sa.Column("agent", sa.String(64), nullable=False),
        sa.Column("arrived_at", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.String(64), nullable=False),
        sa.Column("disposition", sa.String(500), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("transcript", sa.JSON(), nullable=False),
    )
    op.create_index(None, "past_contacts", ["customer_id", "ended_at"])
    op.create_table(
        "drafts",
        sa.Column("agent", sa.String(64), primary_key=True),
        sa.Column("contact", sa.String(128), primary_key=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )
    op.create_table(
        "open_contacts",
        sa.Column("contact", sa.String(128), primary_key=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
    )
    op.create_table(
        "followers",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("position", sa.BigInteger(), nullable=False),
    )
