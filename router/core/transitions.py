"""The legal moves of contacts, offers, slots and agents, as data.

A key that is missing is the illegal move: handlers ask ``allows`` before they decide, and the
fold raises on what slipped through, because that is our own bug. ``docs/states.md`` is drawn
from these tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeVar

from router.core import events as e
from router.core.model import AgentState as A
from router.core.model import ContactState as C
from router.core.model import OfferState as O
from router.core.model import SlotState as S

StateT = TypeVar("StateT", bound=StrEnum)
Table = Mapping[tuple[StateT, type[e.EventBase]], StateT]

CONTACT: Final[Table[C]] = {
    (C.ARRIVING, e.FlowEntered): C.IN_FLOW,
    (C.ARRIVING, e.Enqueued): C.QUEUED,
    (C.ARRIVING, e.Abandoned): C.ABANDONED,
    (C.IN_FLOW, e.Enqueued): C.QUEUED,
    (C.IN_FLOW, e.Abandoned): C.ABANDONED,
    (C.IN_FLOW, e.Overflowed): C.OVERFLOWED,
    (C.IN_FLOW, e.TransferredOut): C.TRANSFERRED,
    (C.QUEUED, e.Enqueued): C.QUEUED,
    (C.QUEUED, e.Offered): C.OFFERED,
    (C.QUEUED, e.Abandoned): C.ABANDONED,
    (C.QUEUED, e.CallbackPromised): C.CALLBACK_PROMISED,
    (C.QUEUED, e.Overflowed): C.OVERFLOWED,
    (C.QUEUED, e.Completed): C.COMPLETED,
    (C.OFFERED, e.Offered): C.OFFERED,
    (C.OFFERED, e.OfferAccepted): C.CONNECTED,
    (C.OFFERED, e.Returned): C.QUEUED,
    (C.OFFERED, e.CallbackResumed): C.CALLBACK_PROMISED,
    (C.OFFERED, e.Abandoned): C.ABANDONED,
    (C.OFFERED, e.Completed): C.COMPLETED,
    (C.CALLBACK_PROMISED, e.Enqueued): C.CALLBACK_PROMISED,
    (C.CALLBACK_PROMISED, e.Offered): C.OFFERED,
    (C.CALLBACK_PROMISED, e.Abandoned): C.ABANDONED,
    (C.CALLBACK_PROMISED, e.Completed): C.COMPLETED,
    (C.CONNECTED, e.Held): C.HELD,
    (C.CONNECTED, e.AgentJoined): C.CONNECTED,
    (C.CONNECTED, e.ContactEnded): C.WRAPPING,
    (C.CONNECTED, e.Enqueued): C.QUEUED,
    (C.CONNECTED, e.Returned): C.QUEUED,
    (C.CONNECTED, e.CallbackResumed): C.CALLBACK_PROMISED,
    (C.CONNECTED, e.TransferredOut): C.TRANSFERRED,
    (C.CONNECTED, e.Completed): C.COMPLETED,
    (C.HELD, e.Retrieved): C.CONNECTED,
    (C.HELD, e.AgentJoined): C.CONNECTED,
    (C.HELD, e.ContactEnded): C.WRAPPING,
    (C.HELD, e.Enqueued): C.QUEUED,
    (C.HELD, e.Returned): C.QUEUED,
    (C.HELD, e.CallbackResumed): C.CALLBACK_PROMISED,
    (C.HELD, e.TransferredOut): C.TRANSFERRED,
    (C.HELD, e.Completed): C.COMPLETED,
    (C.WRAPPING, e.Completed): C.COMPLETED,
}

OFFER: Final[Table[O]] = {
    (O.PENDING, e.OfferAccepted): O.ACCEPTED,
    (O.PENDING, e.OfferRejected): O.REJECTED,
    (O.PENDING, e.OfferTimedOut): O.TIMED_OUT,
    (O.PENDING, e.OfferRescinded): O.RESCINDED,
}

SLOT: Final[Table[S]] = {
    (S.RESERVED, e.OfferAccepted): S.ACTIVE,
    (S.ACTIVE, e.Held): S.HELD,
    (S.HELD, e.Retrieved): S.ACTIVE,
    (S.ACTIVE, e.AgentJoined): S.ACTIVE,
    (S.HELD, e.AgentJoined): S.ACTIVE,
    (S.ACTIVE, e.AgentReleased): S.WRAPPING,
    (S.HELD, e.AgentReleased): S.WRAPPING,
}

AGENT: Final[Table[A]] = {
    (A.SIGNED_OUT, e.AgentSignedIn): A.NOT_READY,
    (A.NOT_READY, e.AgentReady): A.READY,
    (A.NOT_READY, e.AgentNotReady): A.NOT_READY,
    (A.NOT_READY, e.AgentSignedOut): A.SIGNED_OUT,
    (A.READY, e.AgentNotReady): A.NOT_READY,
    (A.READY, e.AgentSignedOut): A.SIGNED_OUT,
}


def allows(table: Table[StateT], state: StateT, event: type[e.EventBase]) -> bool:
    return (state, event) in table


def after(table: Table[StateT], state: StateT, event: type[e.EventBase]) -> StateT:
    """The state that follows. Raises ``IllegalTransition``: a handler forgot to ask ``allows``."""
    try:
        return table[state, event]
    except KeyError:
        raise IllegalTransition(f"{event.__name__} is not possible when {state}") from None


class IllegalTransition(Exception):
    """An event that the tables do not allow was about to be applied: a bug in the core."""
