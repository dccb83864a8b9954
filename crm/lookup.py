"""Who an address may belong to: the query of every arriving contact, and the choice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, Final

import msgspec
from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    ScalarSelect,
    Select,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute

from crm.models import CustomerRow, IdentityRow, PastContactRow
from router.core.durations import DAY
from router.core.model import CustomerRef
from router.customers import Identification, Identity

MAX_MATCHES: Final = 20  # a switchboard's number may belong to a thousand people
LAST_AGENT_FOR: Final = 30 * DAY


class Match(msgspec.Struct, frozen=True, kw_only=True):
    customer: CustomerRef
    matched_by: tuple[Identity, ...]
    account_manager: str
    last_agent: str


def matches(
    connection: Connection, readings: Sequence[Identity], tiers: tuple[str, ...], now: int
) -> list[Match]:
    """Customers with one of these addresses; best tier, then value, then latest contact first."""
    values: dict[str, object] = {"since": now - LAST_AGENT_FOR}
    for number, reading in enumerate(readings):
        values |= {f"kind_{number}": reading.kind, f"value_{number}": reading.value}
    rows = connection.execute(_question(len(readings), tiers), values)
    by_rank = sorted(
        rows.mappings(), key=lambda r: (r["rank"], -r["value"], -(r["last_contact"] or 0))
    )
    return _merged(by_rank)


def by_external_id(connection: Connection, external_id: str, now: int) -> list[Match]:
    """The customer known under this id in another system, if there is one."""
    question = (
        select(
            CustomerRow.id,
            CustomerRow.name,
            CustomerRow.tier,
            CustomerRow.value,
            CustomerRow.account_manager,
            _last_agent(CustomerRow.id).label("last_agent"),
        )
        .where(CustomerRow.external_id == bindparam("external_id"))
        .limit(1)
    )
    rows = connection.execute(
        question, {"external_id": external_id, "since": now - LAST_AGENT_FOR}
    ).mappings()
    identity = Identity(kind="external_id", value=external_id)
    return [_match(row, (identity,)) for row in rows]


@cache
def _question(readings: int, tiers: tuple[str, ...]) -> Select[Any]:
    """The query for so many readings; building one costs more than asking it."""
    address = [
        (IdentityRow.kind == bindparam(f"kind_{number}"))
        & (IdentityRow.value == bindparam(f"value_{number}"))
        for number in range(readings)
    ]
    rank = case(
        {tier: rank for rank, tier in enumerate((*tiers, ""))},
        value=CustomerRow.tier,
        else_=len(tiers),
    )
    best = (
        select(
            CustomerRow.id,
            CustomerRow.name,
            CustomerRow.tier,
            CustomerRow.value,
            CustomerRow.account_manager,
            IdentityRow.kind,
            IdentityRow.value.label("address"),
            rank.label("rank"),
        )
        .join(IdentityRow, IdentityRow.customer_id == CustomerRow.id)
        .where(or_(*address))
        .order_by(rank, CustomerRow.value.desc(), CustomerRow.id)
        .limit(MAX_MATCHES)
        .cte("best")
    )
    theirs = PastContactRow.customer_id == best.c.id
    last_contact = select(func.max(PastContactRow.ended_at)).where(theirs).scalar_subquery()
    last_agent = _last_agent(best.c.id)
    return select(best, last_contact.label("last_contact"), last_agent.label("last_agent"))


def _last_agent(customer: ColumnElement[str] | InstrumentedAttribute[str]) -> ScalarSelect[str]:
    """Who had the customer's last contact after ``since``."""
    return (
        select(PastContactRow.agent)
        .where(
            PastContactRow.customer_id == customer,
            PastContactRow.agent != "",
            PastContactRow.ended_at >= bindparam("since"),
        )
        .order_by(PastContactRow.ended_at.desc())
        .limit(1)
        .scalar_subquery()
    )


def _merged(rows: Iterable[RowMapping]) -> list[Match]:
    """One match a customer, who may have been found by several addresses."""
    found: dict[str, Match] = {}
    for row in rows:
        earlier = found.get(row["id"])
        identity = Identity(kind=row["kind"], value=row["address"])
        found[row["id"]] = _match(row, (*(earlier.matched_by if earlier else ()), identity))
    return list(found.values())


def _match(row: RowMapping, matched_by: tuple[Identity, ...]) -> Match:
    return Match(
        customer=CustomerRef(id=row["id"], name=row["name"], tier=row["tier"], value=row["value"]),
        matched_by=matched_by,
        account_manager=row["account_manager"],
        last_agent=row["last_agent"] or "",
    )


def identification(channel: str, found: Sequence[Match]) -> Identification:
    """What intake and the screen pop are told."""
    return Identification(
        customers=tuple(match.customer for match in found),
        matched_by=tuple(_reason(channel, match) for match in found),
        preferred_agents=_preferred(found),
    )


def _reason(channel: str, match: Match) -> str:
    words = " and ".join(f"{identity.kind} {identity.value}" for identity in match.matched_by)
    # Anyone can type a mail address into a chat: the agent must know it proves nothing.
    return f"{words} (typed by the visitor)" if channel == "chat" else words


def _preferred(found: Sequence[Match]) -> tuple[str, ...]:
    """Account manager, then last agent; of several customers only a manager they all share."""
    if len(found) == 1:
        agents = (found[0].account_manager, found[0].last_agent)
        return tuple(dict.fromkeys(agent for agent in agents if agent))
    managers = {match.account_manager for match in found}
    return tuple(managers) if len(managers) == 1 and "" not in managers else ()
