"""Customers as the rest of the program sees them; ``crm/`` is where they live.

Times are microseconds UTC.
"""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from router.core.model import CustomerRef

VERIFIED: Final = "verified"  # the channel of what somebody vouches for, as asked of a directory


class Identification(msgspec.Struct, frozen=True, kw_only=True):
    """Who an address may belong to, best match first; ``matched_by`` says why each matched."""

    customers: tuple[CustomerRef, ...] = ()
    matched_by: tuple[str, ...] = ()
    preferred_agents: tuple[str, ...] = ()  # account manager, last agent

    @property
    def certain(self) -> CustomerRef | None:
        """The customer when exactly one matched."""
        return self.customers[0] if len(self.customers) == 1 else None


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    kind: str  # phone | email | chat
    value: str


class Note(msgspec.Struct, frozen=True, kw_only=True):
    text: str
    at: int
    by: str = ""


class PastContact(msgspec.Struct, frozen=True, kw_only=True):
    contact: str
    channel: str
    at: int
    queue: str = ""
    agent: str = ""
    outcome: str = ""  # handled | abandoned | …
    disposition: str = ""
    summary: str = ""


class CustomerRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What the first screen must answer: who, worth and why, what is open, what happened last."""

    id: str
    name: str
    tier: str = ""
    value: int = 0
    why_valued: str = ""
    language: str = ""
    account_manager: str = ""
    watch_out: str = ""  # what to be careful about
    external_id: str = ""  # the customer's id in another system
    attributes: dict[str, str] = {}
    version: int = 0
    identities: tuple[Identity, ...] = ()
    notes: tuple[Note, ...] = ()
    history: tuple[PastContact, ...] = ()


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    customer: CustomerRef
    matched_by: str


class ScreenPop(msgspec.Struct, frozen=True, kw_only=True):
    """The three cases: ``none`` (search or create), ``one`` (shown), ``several`` (choose)."""

    case: Literal["none", "one", "several"] = "none"
    customer: CustomerRecord | None = None
    candidates: tuple[Candidate, ...] = ()
