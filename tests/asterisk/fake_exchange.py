"""The machine in the Asterisk in memory: channels, bridges, devices, and what is said of them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Iterable
from random import Random
from typing import Final

from cti_adapters.asterisk.ami.codec import Header, Message
from router.ports import Clock
from tests.asterisk.fake_channel import Bridge, Channel
from tests.asterisk.fake_commands import depart, dissolve, finish, perform

CONTEXT: Final = "patchbay"
STUTTERS: Final = 0.03  # of all events
NO_SUCH: Final = "OutgoingSpoolFailed"


class FakeExchange:
    """``phones`` are registered under these names. With ``chance``, events of different channels
    that belong to one happening come in any order, as the threads of Asterisk have it, and now and
    then one comes twice. ``complaints`` holds what a well-behaved channel never asks for.
    """

    def __init__(self, clock: Clock, phones: Iterable[str], chance: Random | None) -> None:
        self.channels: dict[str, Channel] = {}
        self.complaints: list[str] = []
        self.told: list[Message] = []  # every event, heard by anybody or not
        self.private: set[str] = set()  # phones that are busy with calls of their own
        self.registered = set(phones)
        self.numbers = itertools.count(1)
        self._phones = tuple(phones)
        self._clock = clock
        self._chance = chance
        self._told: list[tuple[str, Message]] = []  # by the step under way
        self._devices: dict[str, str] = {}

    @property
    def now(self) -> int:
        return self._clock.now()

    def say(self, *events: Message) -> None:
        """To everybody who is connected."""
        raise NotImplementedError

    def look_at_clock(self) -> None:
        """End what has lasted long enough."""
        for channel in list(self.channels.values()):
            running = channel.running
            if running is not None and running.ends_at and running.ends_at <= self.now:
                finish(self, channel)
            elif channel.answer_by and channel.answer_by <= self.now:
                self.gone(channel, "19", reason="3")
            self.flush()

    # -- channels ---------------------------------------------------------------------------------

    def named(self, name: str) -> Channel | None:
        return next((one for one in self.channels.values() if one.name == name), None)

    def ringing(self, party: str) -> Channel | None:
        return next(
            (x for x in self.channels.values() if x.party == party and x.state == "Ringing"), None
        )

    def new(self, unique: str, device: str, party: str) -> Channel:
        name = f"{device}-{next(self.numbers):08x}"
        channel = Channel(unique, name, device, party, linked=unique)
        self.channels[unique] = channel
        return channel

    def becomes(self, channel: Channel, state: str) -> None:
        channel.state = state
        self.tell(channel, "Newstate")
        self.look_at_device(channel.device)

    def ring(
        self, dialled: str, until: int, *, unique: str = "", made_by: Channel | None = None
    ) -> Channel | None:
        """``PJSIP/ann`` or ``PJSIP/+44…@trunk``; None when it cannot be rung."""
        party, _, trunk = dialled.partition("/")[2].partition("@")
        if not trunk and party not in self.registered:
            return None
        device = f"PJSIP/{trunk or party}"
        channel = self.new(unique or str(next(self.numbers)), device, party)
        channel.context, channel.answer_by, channel.made_by = "from-agents", until, made_by
        channel.application, channel.data = "AppDial2", "(Outgoing Line)"
        self.tell(channel, "Newchannel")
        self.tell(channel, "NewCallerid")
        self.becomes(channel, "Ringing")
        return channel

    def into_agi(self, channel: Channel, context: str, exten: str) -> None:
        channel.context, channel.exten = context, exten
        channel.application, channel.data = "AGI", "agi:async"
        channel.in_agi = channel.was_in_agi = True
        self.tell(channel, "AsyncAGIStart", ("Env", "agi_request%3A%20async%0A%0A"))
        self.run_soon(channel)

    def redirect(self, channel: Channel, context: str, exten: str) -> None:
        if channel.state != "Up":
            self.complaints.append(f"{channel.name} is redirected while it is {channel.state}")
        bridge = depart(self, channel, "200 result=-1")
        channel.music = False
        self.into_agi(channel, context, exten)
        dissolve(self, bridge)

    def gone(self, channel: Channel, cause: str, *, reason: str = "0") -> None:
        """Hung up, by whomever."""
        if self.channels.pop(channel.unique, None) is None:
            return
        channel.commands.clear()
        bridge = depart(self, channel, "200 result=-1 (hangup)")
        self.tell(channel, "Hangup", ("Cause", cause), ("Cause-txt", "as told"))
        if channel.originated and channel.state != "Up":
            self.tell_of_originate(channel.device, channel, reason)
        self.look_at_device(channel.device)
        maker, channel.made_by = channel.made_by, None
        if maker is not None:
            finish(self, maker)
        dissolve(self, bridge)
        for other in list(self.channels.values()):
            if other.running and other.running.other is channel:
                finish(self, other)  # beside it

    # -- bridges ----------------------------------------------------------------------------------

    def new_bridge(self, room: str = "") -> Bridge:
        return Bridge(f"bridge-{next(self.numbers)}", room)

    def room(self, name: str) -> Bridge:
        bridges = (one.bridge for one in self.channels.values() if one.bridge is not None)
        found = next((bridge for bridge in bridges if bridge.room == name), None)
        return found or self.new_bridge(name)

    def enter(self, channel: Channel, bridge: Bridge) -> None:
        """All that meet belong to the oldest call."""
        channel.bridge = bridge
        channel.music = False
        bridge.members.append(channel)
        self.tell(channel, "BridgeEnter", *bridge.headers)
        order = list(self.channels)
        oldest = min(bridge.members, key=lambda one: order.index(one.unique))
        for member in bridge.members:
            if member.linked != oldest.linked:
                member.linked = oldest.linked
                self.tell(member, "NewConnectedLine")

    def exit(self, channel: Channel) -> None:
        bridge, channel.bridge = channel.bridge, None
        if bridge is not None:
            bridge.members.remove(channel)
            self.tell(channel, "BridgeLeave", *bridge.headers)

    # -- commands ---------------------------------------------------------------------------------

    def run_soon(self, channel: Channel) -> None:
        """The next command of its queue, if it has one and nothing else to do."""
        if channel.commands and channel.in_agi:
            asyncio.get_running_loop().call_soon(self._run, channel)

    def _run(self, channel: Channel) -> None:
        idle = channel.in_agi and channel.running is None and channel.unique in self.channels
        if idle and channel.commands:
            perform(self, channel, *channel.commands.popleft())
            self.flush()

    # -- what is said -----------------------------------------------------------------------------

    def tell(self, channel: Channel, event: str, *more: Header) -> None:
        self._told.append((channel.unique, channel.says(event, *more)))

    def tell_of_originate(self, dialled: str, channel: Channel | None, reason: str) -> None:
        """``channel``: that was called up; of what could not be dialled, ``dialled`` is all."""
        unique = channel.unique if channel is not None else ""
        self.tell_originate(dialled, unique, reason, exten=channel.originated if channel else "")

    def tell_originate(self, dialled: str, unique: str, reason: str, *, exten: str) -> None:
        response = "Success" if reason == "4" else "Failure"
        message = Message(
            (
                ("Event", "OriginateResponse"),
                ("Response", response),
                ("Channel", dialled),
                ("Context", CONTEXT),
                ("Exten", exten),
                ("Reason", reason),
                ("Uniqueid", unique),
            )
        )
        if response == "Failure":  # a channel of no call, on which the dialplan could be told
            nobody = Channel(str(next(self.numbers)), NO_SUCH, NO_SUCH, "", context=CONTEXT)
            self.tell(nobody, "Newchannel")
            self.tell(nobody, "Hangup", ("Cause", "16"))
        self._told.append((unique, message))

    def devices(self) -> list[tuple[str, str]]:
        return [(f"PJSIP/{phone}", self._state_of(f"PJSIP/{phone}")) for phone in self._phones]

    def _state_of(self, device: str) -> str:
        phone = device.removeprefix("PJSIP/")
        states = {one.state for one in self.channels.values() if one.device == device}
        if phone in self.private:
            states.add("Up")
        if phone not in self.registered and not states:
            return "UNAVAILABLE"
        if "Up" in states:
            return "RINGINUSE" if "Ringing" in states else "INUSE"
        return "RINGING" if "Ringing" in states else "NOT_INUSE"

    def look_at_device(self, device: str) -> None:
        state = self._state_of(device)
        if self._devices.get(device, "NOT_INUSE") != state:
            self._devices[device] = state
            event = (("Event", "DeviceStateChange"), ("Device", device), ("State", state))
            self._told.append((device, Message(event)))

    def flush(self) -> None:
        """What the step has told, to everybody who is connected."""
        told, self._told = self._told, []
        events = [event for _, event in told] if self._chance is None else self._mixed(told)
        self.told += events
        self.say(*events)

    def _mixed(self, told: list[tuple[str, Message]]) -> list[Message]:
        """Each channel's in their order, but any channel's before any other's."""
        assert self._chance is not None
        queues: dict[str, list[Message]] = {}
        for who, event in told:
            queues.setdefault(who, []).append(event)
        order = [who for who, _ in told]
        self._chance.shuffle(order)
        mixed: list[Message] = []
        for who in order:
            event = queues[who].pop(0)
            mixed += [event] * (2 if self._chance.random() < STUTTERS else 1)
        return mixed
