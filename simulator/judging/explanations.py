"""The answer to "why?", compared with what the judge finds by asking everybody.

The caller asks ``router.core.explain`` and hands the answer over; nothing of it is computed here
with the functions it came from.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from router.core.model import Agent, Contact, ContactState
from router.core.requirements import Condition
from router.core.state import State
from simulator.judging import chooser, staying
from simulator.judging.conditions import failed_parts, in_words, meets
from simulator.judging.decisions import Disagreement
from simulator.judging.said import Explained

NAMED_AT_MOST = 20
AHEAD_AT_MOST = 5
UNANSWERED = frozenset({ContactState.QUEUED, ContactState.CALLBACK_PROMISED, ContactState.OFFERED})


def judge_explanation(state: State, said: Explained, at: int) -> list[Disagreement]:
    """Every sentence in which ``said`` differs from what holds in ``state`` at ``at``."""
    contact = state.contacts[said.contact]
    return [
        Disagreement(at=at, contact=contact.id, agent="", what=f"the explanation {what}")
        for judged in (_agents, _counts, _obstacles, _place, _position, _coming)
        for what in judged(state, contact, said, at)
    ]


# -- who could take it ------------------------------------------------------------------------


def code_of(state: State, agent: Agent, contact: Contact, at: int) -> str:
    """The first reason the agent may not take it, or ``free``."""
    return next((str(one) for one in chooser.reasons_against(state, agent, contact, at)), "free")


def _codes(state: State, contact: Contact, at: int) -> dict[str, str]:
    return {a.id: code_of(state, a, contact, at) for a in staying.signed_in(state)}


def _agents(state: State, contact: Contact, said: Explained, at: int) -> Iterator[str]:
    """Each list names who belongs there, up to the limit, and nobody else."""
    codes = _codes(state, contact, at)
    lists = {
        "free": (said.free, {"free"}),
        "busy": (said.busy, {"busy", "leaving"}),
        "not ready": (said.not_ready, {"not_ready"}),
        "unreachable": (said.unreachable, {"unreachable"}),
        "later": (said.later, {"excluded", "delayed"}),
    }
    for name, (named, right) in lists.items():
        belong = {agent: code for agent, code in codes.items() if code in right}
        listed = {one.agent: one.code for one in named}
        for agent, code in listed.items():
            if codes.get(agent) != code:
                yield f"says {agent} is {code}, they are {codes.get(agent, 'not there')}"
        if len(listed) != min(len(belong), NAMED_AT_MOST):
            yield f"names {_names(listed)} as {name}, it is {_names(belong)}"


def _counts(state: State, contact: Contact, said: Explained, at: int) -> Iterator[str]:
    codes = Counter(_codes(state, contact, at).values())
    unable = codes["other_queues"] + codes["lacks"]
    counts = {
        "signed_in": (said.signed_in, codes.total()),
        "other_queues": (said.other_queues, codes["other_queues"]),
        "can_take": (said.can_take, codes.total() - unable),
    }
    for name, (told, right) in counts.items():
        if told != right:
            yield f"says {name} {told}, it is {right}"


def _obstacles(state: State, contact: Contact, said: Explained, at: int) -> Iterator[str]:
    """Which condition keeps whom out."""
    condition = contact.steps[contact.step].condition
    lacking: dict[str, set[str]] = {}
    for agent, code in _codes(state, contact, at).items():
        if code == "lacks":
            person = state.agents[agent]
            failed = " and ".join(map(in_words, failed_parts(condition, person.traits)))
            lacking.setdefault(failed, set()).add(person.definition.name)
    told = {one.condition: one for one in said.obstacles}
    for failed in sorted(lacking.keys() | told.keys()):
        right, one = lacking.get(failed, set()), told.get(failed)
        if one is None or one.count != len(right):
            yield f"says {failed!r} keeps out {one.count if one else 0}, it is {_names(right)}"
        elif not set(one.agents) <= right or len(one.agents) != min(len(right), NAMED_AT_MOST):
            yield f"says {failed!r} keeps out {_names(one.agents)}, it is {_names(right)}"


# -- where it stands --------------------------------------------------------------------------


def _place(state: State, contact: Contact, said: Explained, _at: int) -> Iterator[str]:
    is_kept = contact.preferred_until > 0
    right: dict[str, object] = {
        "asks_for": in_words(contact.steps[contact.step].condition),
        "step": contact.step + 1,
        "kept_for": contact.preferred if is_kept else (),
        "credit": contact.credit,
        "waiting_since": _waits_since(contact),
    }
    for name, value in right.items():
        if getattr(said, name) != value:
            yield f"says {name} {getattr(said, name)!r}, it is {value!r}"
    before = [one.id for one in _before_in_queue(state, contact)][-AHEAD_AT_MOST:]
    told = [one.contact for one in said.ahead]
    if told != before:
        yield f"says {_names(told)} stand before it, it is {_names(before)}"


def _waits_since(contact: Contact) -> int:
    return contact.queued_at - sum(part.credit for part in contact.credit) - contact.waited


def _before_in_queue(state: State, contact: Contact) -> list[Contact]:
    """Who waits in the same queue before it, first first; nobody once it rings."""
    if contact.state not in UNANSWERED - {ContactState.OFFERED}:
        return []
    line = [
        one
        for one in state.contacts.values()
        if one.queue == contact.queue
        and one.state in UNANSWERED - {ContactState.OFFERED}
        and (one.waiting_since, one.number) < (contact.waiting_since, contact.number)
    ]
    return sorted(line, key=lambda one: (one.waiting_since, one.number))


def _position(state: State, contact: Contact, said: Explained, at: int) -> Iterator[str]:
    if (said.estimate is None) != (contact.state not in UNANSWERED):
        yield f"estimates a contact that is {contact.state} or does not for one that waits"
    elif said.estimate is not None:
        least, most = positions(state, contact, at)
        if not least <= said.estimate.position <= most:
            told = said.estimate.position
            yield f"says position {told}, it is {least}" + f" to {most}" * (most > least)


def positions(state: State, contact: Contact, at: int) -> tuple[int, int]:
    """The least and the highest position the contact can be said to have, from 1.

    Another contact stands before it for an agent who can serve both, by that agent's own bands
    and order. Where all such agents put it first it counts, where none does it counts not; where
    they differ both are right. What is kept for somebody may count or not as well.
    """
    if contact.state is ContactState.OFFERED:
        return 1, 1
    others = [one for one in state.contacts.values() if one.id != contact.id and chooser.waits(one)]
    votes = [_votes(state, contact, other, at) for other in others]
    return (
        1 + sum(1 for vote in votes if vote == {True}),
        1 + sum(1 for vote in votes if True in vote),
    )


def _votes(state: State, contact: Contact, other: Contact, at: int) -> set[bool]:
    """Whether ``other`` comes first, as those see it who can serve both."""
    mine = {a.id for a in staying.able(state, contact, _asked(contact))}
    both = [a for a in staying.able(state, other, _asked(other)) if a.id in mine]
    if other.preferred_until > 0:
        wanted = [agent in mine for agent in other.preferred]
        return {True, False} if any(wanted) else {False}
    if _is_alike(contact, other):
        return {_place_of(other) < _place_of(contact)}
    return {_served_first(state, agent, other, contact, at) for agent in both}


def _served_first(state: State, agent: Agent, other: Contact, contact: Contact, at: int) -> bool:
    profile = chooser.profile_of(state, agent)
    if contact.channel != other.channel and chooser.goes_beside(
        profile, contact.channel, other.channel
    ):
        return False  # having the other in hand, the agent is still given this one
    first = chooser.open_rank(state, agent, other, at)
    return first < chooser.open_rank(state, agent, contact, at)


def _asked(contact: Contact) -> Condition:
    return contact.steps[contact.step].condition


def _is_alike(contact: Contact, other: Contact) -> bool:
    kind = (contact.queue, contact.channel, _asked(contact))
    return kind == (other.queue, other.channel, _asked(other))


def _place_of(contact: Contact) -> tuple[int, int]:
    return contact.waiting_since, contact.number


# -- what comes next --------------------------------------------------------------------------


def _coming(state: State, contact: Contact, said: Explained, at: int) -> Iterator[str]:
    told = Counter((one.what, one.at, one.detail, one.more) for one in said.coming)
    right = Counter(_all_that_comes(state, contact, at))
    for what, moment, detail, _ in sorted(right - told):
        yield f"does not tell of {what} {detail} at {moment}"
    for what, moment, detail, more in sorted(told - right):
        yield f"tells of {what} {detail} at {moment}, bringing {more}, and it does not come so"
    moments = [one.at for one in said.coming]
    if moments != sorted(moments):
        yield "does not tell what comes in the order in which it comes"


def _all_that_comes(state: State, contact: Contact, at: int) -> Iterator[tuple[str, int, str, int]]:
    """(what, when, detail, how many more agents it brings)."""
    if contact.state not in UNANSWERED:
        return
    if contact.step_until > at:
        following = contact.steps[contact.step + 1].condition
        yield "step", contact.step_until, in_words(following), _joining(state, contact)
    if contact.preferred_until > at:
        yield "preference_ends", contact.preferred_until, "", 0
    for delay in sorted(_delays(state, contact.queue)):
        if contact.waiting_since + delay > at:
            yield "delay_ends", contact.waiting_since + delay, "", 0
    for moment, rule in staying.coming_overflows(state, contact, at):
        yield "overflow", moment, rule, 0
    if contact.callback is not None and contact.callback.not_before > at:
        yield "callback_due", contact.callback.not_before, "", 0


def _joining(state: State, contact: Contact) -> int:
    """How many signed-in agents meet the next step and not the present one."""
    following = contact.steps[contact.step + 1].condition
    return sum(
        1
        for agent in staying.able(state, contact, following)
        if not meets(_asked(contact), agent.traits)
    )


def _delays(state: State, queue: str) -> set[int]:
    profiles = state.catalog.profiles.values()
    return {t.delay for p in profiles for t in p.queues if t.queue == queue and t.delay > 0}


def _names(ids: Sequence[str] | set[str] | dict[str, str]) -> str:
    return ", ".join(sorted(ids)) or "nobody"
