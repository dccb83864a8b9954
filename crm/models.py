"""The tables of customers and of what happened with them. Times are microseconds UTC."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from crm.database import Base
from crm.limits import (
    MAX_ADDRESS,
    MAX_EXTERNAL_ID,
    MAX_ID,
    MAX_KEY,
    MAX_LANGUAGE,
    MAX_NAME,
    MAX_SHORT,
    MAX_TIER,
)

# Prefix search compares code points; a language's own collation would not use the index.
_KEY: Final = String(MAX_KEY).with_variant(postgresql.VARCHAR(MAX_KEY, collation="C"), "postgresql")
# SQLite numbers rows itself only for a column declared exactly INTEGER.
_NUMBER: Final = BigInteger().with_variant(Integer, "sqlite")


class CustomerRow(Base):
    """``name_key`` is the name folded for search; ``version`` counts changes."""

    __tablename__ = "customers"

    id: Mapped[str] = mapped_column(String(MAX_ID), primary_key=True)
    name: Mapped[str] = mapped_column(String(MAX_NAME))
    name_key: Mapped[str] = mapped_column(_KEY, index=True)
    tier: Mapped[str] = mapped_column(String(MAX_TIER), default="")
    value: Mapped[int] = mapped_column(BigInteger, default=0)
    why_valued: Mapped[str] = mapped_column(String(MAX_SHORT), default="")
    language: Mapped[str] = mapped_column(String(MAX_LANGUAGE), default="")
    account_manager: Mapped[str] = mapped_column(String(MAX_ID), default="")
    watch_out: Mapped[str] = mapped_column(String(MAX_SHORT), default="")
    external_id: Mapped[str | None] = mapped_column(String(MAX_EXTERNAL_ID), unique=True)
    attributes: Mapped[dict[str, str]] = mapped_column(JSON, default=dict)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[int] = mapped_column(BigInteger)
    updated_at: Mapped[int] = mapped_column(BigInteger)


class IdentityRow(Base):
    """An address of a customer. Several customers may share one: a family, a company."""

    __tablename__ = "identities"
    __table_args__ = (
        UniqueConstraint("customer_id", "kind", "value"),
        Index(None, "kind", "value"),
    )

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(16))
    value: Mapped[str] = mapped_column(
        String(MAX_ADDRESS).with_variant(
            postgresql.VARCHAR(MAX_ADDRESS, collation="C"), "postgresql"
        )
    )


class NoteRow(Base):
    """A note a person wrote about a customer; notes are added, never changed."""

    __tablename__ = "notes"
    __table_args__ = (Index(None, "customer_id", "at"),)

    id: Mapped[int] = mapped_column(_NUMBER, primary_key=True)
    customer_id: Mapped[str] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(BigInteger)
    by: Mapped[str] = mapped_column(String(MAX_ID), default="")


class PastContactRow(Base):
    """A contact that ended. ``customer_id`` is empty when nobody found out who it was."""

    __tablename__ = "past_contacts"
    __table_args__ = (Index(None, "customer_id", "ended_at"),)

    contact: Mapped[str] = mapped_column(String(128), primary_key=True)
    customer_id: Mapped[str | None] = mapped_column(ForeignKey("customers.id", ondelete="SET NULL"))
    channel: Mapped[str] = mapped_column(String(MAX_ID))
    address: Mapped[str] = mapped_column(String(MAX_ADDRESS), default="")
    queue: Mapped[str] = mapped_column(String(MAX_ID), default="")
    agent: Mapped[str] = mapped_column(String(MAX_ID), default="")
    arrived_at: Mapped[int] = mapped_column(BigInteger)
    ended_at: Mapped[int] = mapped_column(BigInteger)
    outcome: Mapped[str] = mapped_column(String(MAX_ID), default="")
    disposition: Mapped[str] = mapped_column(String(MAX_SHORT), default="")
    summary: Mapped[str] = mapped_column(Text, default="")
    transcript: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)


class DraftRow(Base):
    """The note an agent is writing about a contact in hand."""

    __tablename__ = "drafts"

    agent: Mapped[str] = mapped_column(String(MAX_ID), primary_key=True)
    contact: Mapped[str] = mapped_column(String(128), primary_key=True)
    text: Mapped[str] = mapped_column(Text)
    at: Mapped[int] = mapped_column(BigInteger)


class OpenContactRow(Base):
    """What the history follower knows of a contact that has not ended, encoded by it."""

    __tablename__ = "open_contacts"

    contact: Mapped[str] = mapped_column(String(128), primary_key=True)
    body: Mapped[bytes] = mapped_column(LargeBinary)


class FollowerRow(Base):
    """How far a follower has read the journal."""

    __tablename__ = "followers"

    name: Mapped[str] = mapped_column(String(MAX_ID), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger)
