"""The calls there are, their legs and channels, and what is about to be asked. Values that change
together, without a rule of their own.
"""

from __future__ import annotations

from cti_adapters.asterisk.exchange import Channel, Exchange
from cti_adapters.asterisk.legs import Ask, Call, Leg, Speak
from router.core.commands import Command
from router.core.durations import SECOND
from router.ports import Arrival

ASKS_AGAIN = 2 * SECOND  # for what Asterisk was asked and nothing was seen of

Act = Ask | Speak | Command | Arrival


class Switchboard:
    def __init__(self) -> None:
        self.exchange = Exchange()
        self.calls: dict[str, Call] = {}  # by contact
        self._contact_of: dict[str, str] = {}  # Uniqueid of a leg to its contact
        self._acts: list[Act] = []

    def drain(self) -> list[Act]:
        acts, self._acts = self._acts, []
        return acts

    def add(self, act: Act) -> None:
        self._acts.append(act)

    def ask(self, leg: Leg, ask: Ask | Speak | None, at: int) -> None:
        """Unless just that was asked a moment ago."""
        if ask is None or (leg.asked == ask.what and at - leg.asked_at < ASKS_AGAIN):
            return
        leg.asked, leg.asked_at = ask.what, at
        self._acts.append(ask)

    def hang_up(self, channel: Channel) -> None:
        """One that is no leg of any call."""
        where = (("Channel", channel.name),)
        self._acts.append(
            Ask(what="hang up", action="Hangup", headers=where, unique=channel.unique)
        )

    # -- legs ---------------------------------------------------------------------------------

    def join(self, call: Call, leg: Leg) -> None:
        call.legs[leg.agent] = leg
        self._contact_of[leg.unique] = call.contact

    def find(self, unique: str) -> tuple[Call, Leg] | None:
        call = self.calls.get(self._contact_of.get(unique, ""))
        leg = call.find(unique) if call else None
        return (call, leg) if call is not None and leg is not None else None

    def drop(self, call: Call, leg: Leg) -> None:
        self._contact_of.pop(leg.unique, None)
        call.drop(leg)

    def legs(self) -> list[str]:
        """Uniqueids of every leg, whether its channel is there or not."""
        return list(self._contact_of)

    def channel_of(self, leg: Leg | None) -> Channel | None:
        return None if leg is None else self.exchange.channels.get(leg.unique)

    def in_use(self, agent: str) -> bool:
        """Whether the agent's phone is used for the router, or about to be."""
        return any(
            agent in call.legs or any(leg.agent == agent for leg in call.leaving)
            for call in self.calls.values()
        )
