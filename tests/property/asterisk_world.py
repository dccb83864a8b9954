"""A centre on an Asterisk in memory, and everything that can happen to it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from random import Random

from asterisk_rules import OUTSIDE, SUPERVISOR, check

from router.core import commands as c
from router.core import events as e
from router.core.catalog import CallbackOffer, OverflowRule, ToVoicemail
from router.core.durations import MINUTE, SECOND
from router.core.model import TERMINAL as CLOSED
from router.core.model import WITH_AGENT, Contact, ContactState
from tests.asterisk.centre import AGENTS, Centre
from tests.asterisk.fake_channel import Channel
from tests.asterisk.virtual_time import VirtualLoop

NUMBERS = tuple(f"+44207946000{number}" for number in range(4))
SOON = 3  # seconds: what is asked once more has been answered
AT_REST = 20  # seconds: longer than anything is waited for, but an offer and a ringing customer
MANY = 12  # more asks for one call in that time are a loop
CARE: dict[str, object] = {
    "wrap_up": 4 * SECOND,
    "offer_for": 12 * SECOND,
    "callback": CallbackOffer(attempts=2, retry_after=20 * SECOND),
    "overflow": (OverflowRule(when="wait", at=2 * MINUTE, to=ToVoicemail(box="box")),),
}
SETTINGS: dict[str, object] = {
    "phones": {SUPERVISOR: "PJSIP/sue"},
    "record": ("care",),
    "recordings": Path("/nowhere"),
    "recordings_there": "/r",
}

_FITS: dict[type[c.CommandBase], Callable[[Contact], object]] = {
    c.Hold: lambda x: x.state is ContactState.CONNECTED,
    c.Retrieve: lambda x: x.state is ContactState.HELD,
    c.EndContact: lambda x: x.state in WITH_AGENT,
    c.Requeue: lambda x: x.state in WITH_AGENT,
    c.TransferToQueue: lambda x: x.state in WITH_AGENT,
    c.TransferToAgent: lambda x: x.state in WITH_AGENT,
    c.TransferOut: lambda x: x.state in WITH_AGENT and x.channel == "voice",
    c.Consult: lambda x: x.state in WITH_AGENT and not x.consult,
    c.CompleteTransfer: lambda x: x.consult,
    c.Conference: lambda x: x.consult,
    c.CancelConsult: lambda x: x.consult,
    c.LeaveConference: lambda x: x.participants,
    c.FinishWrapUp: lambda x: x.wrapping,
    c.PromiseCallback: lambda x: x.state is ContactState.QUEUED and x.channel == "voice",
    c.Pull: lambda x: x.state is ContactState.QUEUED,
    c.Reassign: lambda x: x.state is ContactState.QUEUED,
}


class World:
    """Synchronous: each act runs the loop as far as it is told to."""

    def __init__(self, seed: int) -> None:
        self.loop = VirtualLoop()
        self.seen: Counter[type[e.EventBase]] = Counter()
        self._chance = Random(seed)
        self.run(self._begin())

    @classmethod
    def busy_stretch(cls, seed: int) -> Counter[type[e.EventBase]]:
        """What happens in an ordinary hour, always the same for a seed."""
        chance = Random(seed)
        world = cls(seed)
        try:
            for number in range(40):
                world.all_are_ready()
                world.conversation(NUMBERS[number % len(NUMBERS)])
                if number % 4 == 0:
                    world.company(number)
                world.desk(chance.randrange(9_999), chance.choice(AGENTS))
                if number % 7 == 0:
                    world.refuses(number)
                world.passes(chance.choice((1, 3, 13)))
                world.check_soon()
            world.everybody_goes()
        finally:
            world.close()
        return world.seen

    async def _begin(self) -> None:
        self.centre = Centre(CARE, chance=self._chance, **SETTINGS)
        self.centre.asterisk.registered.add("sue")
        await self.centre.start()
        await self.centre.ready(*AGENTS)
        self.asterisk = self.centre.asterisk
        self._consults = 0
        self._broke_at = 0

    def run(self, work: Awaitable[object]) -> None:
        async def all_of_it() -> None:
            await work

        self.loop.run_until_complete(all_of_it())

    def close(self) -> None:
        self.run(self.centre.stop())
        self.loop.finish()
        self.seen.update(type(event) for event in self.centre.said)

    # -- time --------------------------------------------------------------------------------------

    def turn(self, times: int | None) -> None:
        """So many turns of the loop: in the middle of things. None: until all is at rest."""

        async def turns() -> None:
            for _ in range(times or 0):
                await asyncio.sleep(0)

        self.run(self.centre.rest() if times is None else turns())

    def passes(self, seconds: float) -> None:
        self.run(self.centre.passes(seconds))

    # -- people ------------------------------------------------------------------------------------

    def act(self, what: Callable[[], object]) -> None:
        """In the loop, because what Asterisk does next is called soon."""

        async def doing() -> None:
            what()

        self.run(doing())

    def calls(self, number: str, dialled: str) -> None:
        self.act(lambda: self.asterisk.call(number, dialled))

    def answers(self, pick: int) -> None:
        self._one(pick, "Ringing", lambda channel: self.asterisk.answer(channel.party))

    def refuses(self, pick: int) -> None:
        self._one(pick, "Ringing", lambda channel: self.asterisk.refuse(channel.party))

    def hangs_up(self, pick: int) -> None:
        self._one(pick, "Up", self.asterisk.hang_up)

    def line_breaks(self, pick: int) -> None:
        self._broke_at = self.centre.clock.now()
        self._one(pick, "", self.asterisk.lose)

    def presses(self, pick: int, digit: str) -> None:
        self._one(pick, "Up", lambda channel: self.asterisk.press(channel, digit))

    def holds(self, agent: str, *, over: bool) -> None:
        def key() -> None:
            channel = self.asterisk.channel_of(agent)
            if channel is not None and channel.state == "Up":
                self.asterisk.hold(agent, over=over)

        self.act(key)

    def _one(self, pick: int, state: str, do: Callable[[Channel], object]) -> None:
        """To one of the channels in this state, if there is one when it is done."""

        def doing() -> None:
            channels = [x for x in self.asterisk.channels.values() if state in ("", x.state)]
            if channels:
                do(channels[pick % len(channels)])

        self.act(doing)

    def phone_goes(self, agent: str, *, here: bool) -> None:
        self._broke_at = self.centre.clock.now()
        self.act(lambda: self.asterisk.register(agent, here=here))

    def conversation(self, number: str) -> None:
        """A customer calls, and whoever is rung answers."""
        self.calls(number, "100")
        self.turn(None)
        self.answers(-1)
        self.turn(None)

    def company(self, pick: int) -> None:
        """Somebody who talks with a customer asks a colleague, who answers."""
        state = self.centre.replica.state
        talking = [one for one in self.centre.contacts if _FITS[c.Consult](one)]
        free = [agent for agent in AGENTS if not state.agents[agent].slots]
        if talking and free:
            contact = talking[pick % len(talking)]
            self._consults += 1
            consult = f"consult-{self._consults}"
            self._ask(c.SetReady, agent=free[0])
            self._ask(c.Consult, contact=contact.id, consult=consult, agent=free[0])
            self.turn(None)
            self.answers(-1)
            self.turn(None)

    # -- the desk ----------------------------------------------------------------------------------

    def all_are_ready(self) -> None:
        for agent in AGENTS:
            self._ask(c.SignIn, agent=agent)
            self._ask(c.SetReady, agent=agent)

    def agents_do(self, kind: type[c.CommandBase], agent: str) -> None:
        self._ask(kind, agent=agent, **({"reason": "lunch"} if kind is c.SetNotReady else {}))

    def desk(self, pick: int, agent: str) -> None:
        """One of the commands that fit what there is; the router may refuse it."""
        offers = list(self.centre.replica.state.offers)
        apt: list[tuple[type[c.CommandBase], Contact | str]] = [
            (kind, contact)
            for contact in self.centre.contacts
            for kind, fits in _FITS.items()
            if fits(contact)
        ]
        apt += [(kind, offer) for offer in offers for kind in (c.Accept, c.Reject)]
        if apt:
            kind, what = apt[pick % len(apt)]
            if isinstance(what, str):
                self._ask(kind, offer=what)
            else:
                self._ask(kind, contact=what.id, **self._more(kind, what, pick, agent))

    def _more(
        self, kind: type[c.CommandBase], contact: Contact, pick: int, agent: str
    ) -> dict[str, object]:
        match kind:
            case c.TransferToQueue:
                return {"queue": "sales"}
            case c.TransferOut:
                return {"address": OUTSIDE}
            case c.PromiseCallback:
                return {"address": NUMBERS[pick % len(NUMBERS)]}
            case c.FinishWrapUp:
                return {"agent": contact.wrapping[0]}
            case c.LeaveConference:
                return {"agent": (*contact.participants, contact.agent)[pick % 2]}
            case c.TransferToAgent | c.Reassign | c.Pull:
                return {"agent": agent}
            case c.Consult:
                self._consults += 1
                whom = {"agent": agent} if pick % 4 else {"queue": "sales"}
                return {"consult": f"consult-{self._consults}"} | whom
            case _:
                return {}

    def _ask(self, kind: type[c.CommandBase], **fields: object) -> None:
        self.run(self.centre.ask(kind, **fields))

    def joins(self, pick: int) -> None:
        """A supervisor, to somebody's conversation."""
        contacts = [one for one in self.centre.contacts if one.state in WITH_AGENT]
        if contacts:
            contact = contacts[pick % len(contacts)].id
            self.act(lambda: self.centre.pbx.listen(contact, SUPERVISOR, "listen"))

    # -- machines ----------------------------------------------------------------------------------

    def cut(self) -> None:
        self._breaks(self.asterisk.cut)

    def restore(self) -> None:
        self._breaks(self.asterisk.restore)

    def kill(self) -> None:
        self._breaks(self.asterisk.kill)

    def _breaks(self, what: Callable[[], object]) -> None:
        self._broke_at = self.centre.clock.now()
        self.act(what)

    def is_busy(self, seconds: float) -> None:
        """The router takes nothing for a while."""
        self._broke_at = self.centre.clock.now()
        self.centre.door.busy = True
        self.passes(seconds)
        self.centre.door.busy = False

    def restart(self) -> None:
        self._broke_at = self.centre.clock.now()
        self.run(self.centre.restart())

    def again(self, pick: int) -> None:
        """Something is heard late of a channel that has gone."""

        def late() -> None:
            there = self.asterisk.channels
            told = [x for x in self.asterisk.told if x.get("Uniqueid") not in there]
            if told:
                self.asterisk.say(told[-1 - pick % len(told)])

        self.act(late)

    # -- what must hold ---------------------------------------------------------------------------

    def check_soon(self) -> None:
        """A few seconds after people did something; what broke takes longer to be noticed."""
        if self.asterisk.reachable and self.centre.clock.now() - self._broke_at > AT_REST * SECOND:
            self.passes(SOON)
            check(self.centre)

    def check_at_rest(self) -> None:
        self.restore()
        self.turn(None)
        self.passes(AT_REST)
        check(self.centre)
        self._check_loops()
        check(self.centre)

    def _check_loops(self) -> None:
        """That no more is asked for ever when nothing happens."""
        asked = len(self.centre.asked())
        self.passes(AT_REST)
        most = MANY * (len(self.asterisk.channels) + 1)
        now = self.centre.asked()
        assert len(now) - asked <= most, f"asked for ever: {now[-20:]}"
        unknown = [one for one in self.asterisk.complaints if one.startswith("unknown")]
        assert unknown == []

    def everybody_goes(self) -> None:
        """The end of the day: nobody is left on the telephone, and no call in the log."""
        self.restore()
        self.turn(None)
        for _ in range(MANY):
            for _ in range(MANY * (len(self.asterisk.channels) + 1)):
                self._one(0, "", self._leaves)
                self.turn(None)
            self.passes(5)
        self.check_at_rest()
        news = len(self.asterisk.told) + len(self.centre.said)
        asked = self.asterisk.acts - self.asterisk.stock_taken  # a connection is news by itself
        assert asked <= news + MANY, "more is asked than there is news"
        left = [one for one in self.centre.contacts if one.channel == "voice"]
        assert [one for one in left if one.callback is None and one.state not in CLOSED] == []

    def _leaves(self, channel: Channel) -> None:
        if channel.state == "Ringing":
            self.asterisk.refuse(channel.party)
        else:
            self.asterisk.hang_up(channel)
