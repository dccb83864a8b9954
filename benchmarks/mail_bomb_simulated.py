"""A mail bomb in virtual time: the production's order of fetching, its turns, and its core.

The same customers write at the same moments, and take agents as long, with the bomb and without.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import msgspec
import numpy as np

from cti_adapters.email.fairness import FairLine
from cti_adapters.email.turns import BEHIND, Recent, Turns
from router.core import commands as c
from router.core.catalog import AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from router.core.durations import HOUR, MILLISECOND, MINUTE, SECOND
from router.core.state import UNANSWERED
from simulator.contacts import SimulatedContact
from simulator.distributions import NEVER, luck
from simulator.runner import Run, Setup
from simulator.staff import Behaviour, Member, Shift

START: Final = 1_700_000_000 * SECOND
BEGINS: Final = START + HOUR  # of the bomb; by then it is a usual day
LASTS: Final = 10 * MINUTE
LOOKED_AT: Final = 2 * HOUR  # from its beginning on
ENDS: Final = BEGINS + LOOKED_AT + HOUR
FETCHING: Final = 60 * MILLISECOND  # one mail: fetched, read, kept
AGENTS: Final = 20
HANDLING: Final = 3 * MINUTE  # on average
MAILS: Final = 5_000  # of the bomb


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One mail, as it comes into the mailbox."""

    id: str
    at: int
    sender: str
    known: bool
    handling: int
    bomb: bool = False


class Waits(msgspec.Struct, frozen=True, kw_only=True):
    """Minutes from the mailbox to an agent: of customers, and of those who write for the first
    time, but for ``caught`` ones, who were taken for the bomb's and wait on. ``others``: how many
    all of them are; ``bombs``: how many of the bomb's mails agents had.
    """

    known: float
    strangers: float
    caught: int
    others: int
    bombs: int


def waits(load: float, seed: int, bomb: Sequence[Written] = (), strangers: float = 0.3) -> Waits:
    """``load``: how much of the agents' time the others take; ``strangers``: their share."""
    others = _others(load, strangers, seed)
    mails = {one.id: one for one in (*others, *bomb)}
    contacts, behind = _taken_in(sorted(mails.values(), key=lambda one: one.at))
    run = _Run(
        Setup(
            catalog=_CATALOG,
            contacts=contacts,
            staff=_STAFF,
            begins=START,
            ends=ENDS,
            supervision=behind,
        )
    )
    took: dict[bool, list[int]] = {True: [], False: []}
    bombs = 0
    for outcome in run.run().outcomes:
        mail = mails[outcome.contact.id]
        bombs += mail.bomb and outcome.result == "answered"
        if not mail.bomb and BEGINS <= mail.at < BEGINS + LOOKED_AT:
            took[mail.known].append(outcome.contact.at - mail.at + outcome.waited)
    looked_at = sum(BEGINS <= one.at < BEGINS + LOOKED_AT for one in others)
    return Waits(
        known=_mean(took[True]),
        strangers=_mean(took[False]),
        caught=looked_at - len(took[True]) - len(took[False]),
        others=looked_at,
        bombs=bombs,
    )


def _mean(took: Sequence[int]) -> float:
    return sum(took) / len(took) / MINUTE if took else 0.0


def bomb_of(senders: int, seed: int, mails: int = MAILS) -> list[Written]:
    """Of mails spread over the time that it lasts."""
    chance = np.random.default_rng(luck(seed, "mail", "bomb"))
    return [
        Written(
            id=f"bomb-{number}",
            at=int(at),
            sender=f"bomb{number % senders}@x.example",
            known=False,
            handling=int(chance.exponential(HANDLING)),
            bomb=True,
        )
        for number, at in enumerate(sorted(chance.integers(BEGINS, BEGINS + LASTS, mails)))
    ]


def as_customers(mails: int, seed: int) -> list[Written]:
    """As many mails as agents had of a bomb, as ordinary ones: customers', spread over the time
    that is looked at. What these cost is the work; what a bomb costs beyond it is its order.
    """
    chance = np.random.default_rng(luck(seed, "mail", "more"))
    return [
        Written(
            id=f"more-{number}",
            at=int(at),
            sender=f"m{number}@example.org",
            known=True,
            handling=int(chance.exponential(HANDLING)),
        )
        for number, at in enumerate(sorted(chance.integers(BEGINS, BEGINS + LOOKED_AT, mails)))
    ]


def _others(load: float, strangers: float, seed: int) -> list[Written]:
    chance = np.random.default_rng(luck(seed, "mail", "others"))
    count = chance.poisson(load * AGENTS * (ENDS - START) / HANDLING)
    return [
        Written(
            id=f"other-{number}",
            at=int(at),
            sender=f"c{number}@example.org",
            known=bool(chance.random() >= strangers),
            handling=int(chance.exponential(HANDLING)),
        )
        for number, at in enumerate(sorted(chance.integers(START, ENDS, count)))
    ]


class _Run(Run):
    """Who is with an agent already is put behind nobody."""

    def _do(self, command: c.Command) -> None:
        if isinstance(command, c.Reprioritise):
            contact = self.core.state.contacts.get(command.contact)
            if contact is None or contact.state not in UNANSWERED:
                return
        super()._do(command)


def _taken_in(
    mails: Sequence[Written],
) -> tuple[list[SimulatedContact], list[tuple[int, c.Command]]]:
    """As the channel does: each becomes a contact when its turn is, and a flood's go behind."""
    turns, recent = Turns(), Recent()
    found: list[SimulatedContact] = []
    behind: list[tuple[int, str]] = []
    for mail, fetched in _fetched(mails):
        turn = turns.turn(mail.sender, fetched, known=mail.known)
        if turn.due >= ENDS:
            continue
        found.append(_contact(mail, turn.due))
        if turn.flood:
            behind += [(fetched, one) for one in recent.of_flood(turn.flood, mail.sender, fetched)]
            behind.append((turn.due + 1, mail.id))
        else:
            recent.made(mail.id, mail.sender, fetched, known=mail.known)
    commands: list[tuple[int, c.Command]] = [
        (at, c.Reprioritise(id="", contact=one, boost=BEHIND)) for at, one in behind
    ]
    return sorted(found, key=lambda one: one.at), commands


def _fetched(mails: Sequence[Written]) -> Iterable[tuple[Written, int]]:
    line, now, seen = FairLine(0), START, 0
    while seen < len(mails) or len(line):
        if not len(line):
            now = max(now, mails[seen].at)
        while seen < len(mails) and mails[seen].at <= now:
            line.add(seen + 1, mails[seen].sender, customer=mails[seen].known)
            seen += 1
        uid = line.take()
        assert uid is not None
        now += FETCHING
        line.passed(uid)
        yield mails[uid - 1], now


def _contact(mail: Written, at: int) -> SimulatedContact:
    return SimulatedContact(
        id=mail.id,
        at=at,
        stream="mail",
        channel="email",
        queue="care",
        patience=NEVER,
        handling=mail.handling,
    )


_CATALOG: Final = Catalog(
    queues={"care": Queue(id="care", label="Care", wrap_up=0, auto_accept=True)},
    profiles={
        "all": Profile(
            id="all", label="All", queues=(ProfileQueue(queue="care"),), capacity={"email": 1}
        )
    },
    agents={
        f"a{n:02}": AgentDefinition(id=f"a{n:02}", name=f"a{n:02}", profile="all")
        for n in range(AGENTS)
    },
)
_STAFF: Final = tuple(
    Member(agent=agent, shifts=(Shift(begins=START, ends=ENDS),), behaviour=Behaviour())
    for agent in _CATALOG.agents
)
