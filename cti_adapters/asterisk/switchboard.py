"""The calls there are, their legs and channels, and what is about to be asked.

Asterisk takes the commands for a channel from a queue that outlives whatever the channel does: one
that waits behind a conversation is carried out after it, when it is no longer wanted. So a leg is
asked for one thing, and for the next only when that has happened.
"""

from __future__ import annotations

from collections import Counter

from cti_adapters.asterisk.exchange import Channel, Exchange
from cti_adapters.asterisk.legs import (
    BESIDE,
    ENDING,
    HANG_UP,
    LASTING,
    LEAD_BACK,
    Ask,
    Call,
    Leg,
    Reply,
    Speak,
)
from cti_adapters.asterisk.moments import Moments
from router.core.commands import Command
from router.core.durations import SECOND
from router.ports import Arrival

ASKS_AGAIN = 2 * SECOND  # for what Asterisk was asked and nothing was seen of
SAYS_AGAIN = SECOND  # what the router was told and did not act on
IN_USE_AFTER = 2 * SECOND  # a call: until Asterisk has said that the phone is free

Act = Ask | Speak | Reply | Command | Arrival


class Switchboard:
    def __init__(self) -> None:
        self.exchange = Exchange()
        self.calls: dict[str, Call] = {}  # by contact
        self.moments = Moments()  # by contact, when to look at it again
        self._contact_of: dict[str, str] = {}  # Uniqueid of a leg to its contact
        self._legs_of: Counter[str] = Counter()  # by agent, of all calls
        self._left_at: dict[str, int] = {}  # by agent, when such a leg ended last
        self._acts: list[Act] = []

    def drain(self) -> list[Act]:
        acts, self._acts = self._acts, []
        return acts

    def add(self, act: Act) -> None:
        self._acts.append(act)

    def ask(self, leg: Leg, ask: Ask | Speak | None, at: int) -> bool:
        """Unless that was asked already, or the leg is on its way to somewhere; whether it was
        asked.
        """
        if ask is None or _must_wait(leg, ask.what, at):
            return False
        leg.asked, leg.asked_at = ask.what, at
        leg.under_way = isinstance(ask, Speak) or ask.action == "AGI"
        self._acts.append(ask)
        return True

    def tell(self, call: Call, command: Command, at: int) -> None:
        """The router, unless it was told just that a moment ago."""
        call.told = {id_: when for id_, when in call.told.items() if at - when < SAYS_AGAIN}
        if command.id not in call.told:
            call.told[command.id] = at
            self._acts.append(command)

    def hang_up(self, channel: str) -> None:
        """One of this name that is no leg of any call."""
        self._acts.append(Ask(what=HANG_UP, action="Hangup", headers=(("Channel", channel),)))

    # -- legs ---------------------------------------------------------------------------------

    def join(self, call: Call, leg: Leg) -> None:
        call.legs[leg.agent] = leg
        self._contact_of[leg.unique] = call.contact
        self._legs_of[leg.agent] += 1

    def find(self, unique: str) -> tuple[Call, Leg] | None:
        call = self.calls.get(self._contact_of.get(unique, ""))
        leg = call.find(unique) if call else None
        return (call, leg) if call is not None and leg is not None else None

    def drop(self, call: Call, leg: Leg, at: int) -> None:
        if self._contact_of.pop(leg.unique, None) is not None:
            self._legs_of[leg.agent] -= 1
            self._left_at[leg.agent] = at
        call.drop(leg)

    def legs_without_channel(self, call: Call, before: int) -> list[str]:
        """Uniqueids of those that were called up before that time, and have not come."""
        legs = (*call.legs.values(), *call.leaving)
        channels = self.exchange.channels
        return [leg.unique for leg in legs if leg.since <= before and leg.unique not in channels]

    def legs(self) -> list[str]:
        """Uniqueids of every leg, whether its channel is there or not."""
        return list(self._contact_of)

    def channel_of(self, leg: Leg | None) -> Channel | None:
        return None if leg is None else self.exchange.channels.get(leg.unique)

    def in_use(self, agent: str, at: int) -> bool:
        """Whether the agent's phone is used for the router, or about to be, or was just now."""
        just_now = at - self._left_at.get(agent, at - IN_USE_AFTER) < IN_USE_AFTER
        return just_now or self._legs_of[agent] > 0


def settle(leg: Leg) -> None:
    """What it was asked for has happened, or it stands in AGI(agi:async) anew."""
    leg.asked, leg.under_way, leg.music, leg.speaking = "", False, False, ""


def _must_wait(leg: Leg, what: str, at: int) -> bool:
    recent = at - leg.asked_at < ASKS_AGAIN
    if leg.asked == what:
        return leg.under_way or recent
    if what == HANG_UP or (what == LEAD_BACK and leg.asked.startswith(BESIDE)):
        return False
    if leg.asked == LEAD_BACK:
        return recent
    return leg.under_way and leg.asked.startswith((*LASTING, *ENDING))
