"""An Asterisk in memory: no sockets, no tasks but for a connection's welcome, time from a clock.

It has what the telephone channel uses: channels in AGI(agi:async), bridges, rooms, phones that
ring, a trunk, and a manager interface that is cut and comes back. A test is everybody else: who
calls, answers, hangs up and pulls the plug:

    asterisk = FakeAsterisk(clock)
    caller = asterisk.call("+442079460001", "100")
    asterisk.answer("ann")

``complaints`` holds what a well-behaved channel never asks for.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Final

from cti_adapters.asterisk.ami.codec import Header, Message
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.ports import Clock
from tests.asterisk.fake_actions import act
from tests.asterisk.fake_channel import Bridge, Channel
from tests.asterisk.fake_commands import depart, dissolve, finish, join, perform
from tests.asterisk.fake_manager import Entries, FakeManager

CONTEXT: Final = "patchbay"
NUMBER: Final = "+442079460001"
STUTTERS: Final = 0.03
NO_SUCH: Final = "OutgoingSpoolFailed"


class FakeAsterisk:
    """``phones`` are registered under these names. With ``chance``, events of different channels
    that belong to one happening come in any order, as the threads of Asterisk have it, and now and
    then one comes twice.
    """

    def __init__(
        self, clock: Clock, phones: Iterable[str] = ("ann", "ben"), chance: Random | None = None
    ) -> None:
        self.channels: dict[str, Channel] = {}
        self.complaints: list[str] = []
        self.told: list[Message] = []  # every event, heard by anybody or not
        self.private: set[str] = set()  # phones that are busy with calls of their own
        self.registered = set(phones)
        self.managers: list[FakeManager] = []
        self.reachable = True
        self._phones = tuple(phones)
        self._clock = clock
        self._chance = chance
        self._numbers = itertools.count(1)
        self._told: list[tuple[str, Message]] = []  # by the step under way
        self._devices: dict[str, str] = {}

    @property
    def now(self) -> int:
        return self._clock.now()

    def manager_of(
        self,
        settings: AmiSettings,
        *,
        on_event: Callable[[Message], None],
        on_up: Callable[[], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> FakeManager:
        return FakeManager(self, on_event=on_event, on_up=on_up, on_down=on_down)

    # -- customers, agents, and who else may do something -----------------------------------------

    def call(self, number: str = NUMBER, dialled: str = "100", *, caller: str = "") -> Channel:
        """Somebody rings the centre's ``dialled``; AGI(agi:async) is in the dialplan."""
        channel = self._new(f"{next(self._numbers)}", "PJSIP/trunk", number)
        channel.number, channel.caller, channel.exten = number, caller, dialled
        channel.state, channel.context = "Ring", "from-trunk"
        self.tell(channel, "Newchannel")
        self._into_agi(channel, CONTEXT, dialled)
        self.flush()
        return channel

    def rings(self, party: str) -> bool:
        return self._ringing(party) is not None

    def answer(self, party: str) -> Channel:
        """Pick up, of a phone by its name, of somebody outside by the number."""
        channel = self._ringing(party)
        assert channel is not None, f"{party} does not ring"
        self.becomes(channel, "Up")
        channel.answer_by = 0
        if channel.made_by is not None:
            maker, channel.made_by = channel.made_by, None
            join(self, maker, channel)
        else:
            self.tell_of_originate(channel.device, channel, "4")
            self._into_agi(channel, CONTEXT, channel.originated)
        self.flush()
        return channel

    def refuse(self, party: str, cause: str = "17") -> None:
        channel = self._ringing(party)
        assert channel is not None, f"{party} does not ring"
        self.tell(channel, "HangupRequest", ("Cause", cause))
        self.gone(channel, cause)
        self.flush()

    def hang_up(self, who: Channel | str) -> None:
        """A party puts the phone down; nothing happens when it is gone already."""
        channel = self.channel_of(who) if isinstance(who, str) else who
        if channel is None or channel.unique not in self.channels:
            return
        # Out of a bridge that AGI made, the request comes without its cause.
        cause = () if channel.bridge is not None else (("Cause", "16"),)
        self.tell(channel, "HangupRequest", *cause)
        self.gone(channel, "16")
        self.flush()

    def lose(self, who: Channel | str, cause: str = "44") -> None:
        """A line breaks: nobody has asked for it."""
        channel = self.channel_of(who) if isinstance(who, str) else who
        if channel is not None:
            self.gone(channel, cause)
            self.flush()

    def press(self, channel: Channel, digit: str) -> None:
        what = ("Digit", digit), ("Direction", "Received")
        self.tell(channel, "DTMFBegin", *what)
        self.tell(channel, "DTMFEnd", *what)
        if digit == "#" and channel.running and channel.running.application == "RECORD":
            finish(self, channel, "200 result=35 (dtmf) endpos=16000")
        self.flush()

    def hold(self, phone: str, *, over: bool = False) -> None:
        """The key of the telephone itself; ``over``: pressed again."""
        channel = self.channel_of(phone)
        assert channel is not None
        self.tell(channel, "Unhold" if over else "Hold")
        self.flush()

    def register(self, phone: str, *, here: bool = True) -> None:
        (self.registered.add if here else self.registered.discard)(phone)
        self._look_at_device(f"PJSIP/{phone}")
        self.flush()

    def private_call(self, phone: str, *, over: bool = False) -> None:
        (self.private.discard if over else self.private.add)(phone)
        self._look_at_device(f"PJSIP/{phone}")
        self.flush()

    def channel_of(self, party: str) -> Channel | None:
        """The one of this party that is up, or rings."""
        return next((one for one in self.channels.values() if one.party == party), None)

    # -- the connection, and the machine ----------------------------------------------------------

    def cut(self) -> None:
        """Nobody hears anything, or can ask for anything, until ``restore``."""
        self.reachable = False
        for manager in list(self.managers):
            manager.cut()

    def restore(self) -> None:
        self.reachable = True
        for manager in self.managers:
            manager.connect()

    def kill(self) -> None:
        """All calls are gone, and nothing is said of it."""
        self.cut()
        for channel in self.channels.values():
            channel.commands.clear()
        self.channels.clear()
        self._devices.clear()

    def say(self, *events: Message) -> None:
        """These, as they are: again, late, or never meant."""
        for event in events:
            for manager in self.managers:
                manager.hear(event)

    def look_at_clock(self) -> None:
        """End what has lasted long enough."""
        for channel in list(self.channels.values()):
            running = channel.running
            if running is not None and running.ends_at and running.ends_at <= self.now:
                finish(self, channel)
            elif channel.answer_by and channel.answer_by <= self.now:
                self.gone(channel, "19", reason="3")
            self.flush()

    # -- for ``FakeManager`` ----------------------------------------------------------------------

    def join(self, manager: FakeManager) -> None:
        self.managers.append(manager)
        if self.reachable:
            manager.connect()

    def leave(self, manager: FakeManager) -> None:
        if manager in self.managers:
            self.managers.remove(manager)

    def act(self, action: str, headers: Iterable[Header]) -> tuple[Message, Entries]:
        answer = act(self, action, dict(headers))
        self.flush()
        return answer

    # -- for actions and commands: what happens to channels ---------------------------------------

    def named(self, name: str) -> Channel | None:
        return next((one for one in self.channels.values() if one.name == name), None)

    def tell(self, channel: Channel, event: str, *more: Header) -> None:
        self._told.append((channel.unique, channel.says(event, *more)))

    def becomes(self, channel: Channel, state: str) -> None:
        channel.state = state
        self.tell(channel, "Newstate")
        self._look_at_device(channel.device)

    def ring(
        self, dialled: str, until: int, *, unique: str = "", made_by: Channel | None = None
    ) -> Channel | None:
        """``PJSIP/ann`` or ``PJSIP/+44…@trunk``; None when it cannot be rung."""
        party, _, trunk = dialled.partition("/")[2].partition("@")
        if not trunk and party not in self.registered:
            return None
        device = f"PJSIP/{trunk or party}"
        channel = self._new(unique or str(next(self._numbers)), device, party)
        channel.context, channel.answer_by, channel.made_by = "from-agents", until, made_by
        channel.application, channel.data = "AppDial2", "(Outgoing Line)"
        self.tell(channel, "Newchannel")
        self.tell(channel, "NewCallerid")
        self.becomes(channel, "Ringing")
        return channel

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
            nobody = Channel(str(next(self._numbers)), NO_SUCH, NO_SUCH, "", context=CONTEXT)
            self.tell(nobody, "Newchannel")
            self.tell(nobody, "Hangup", ("Cause", "16"))
        self._told.append((unique, message))

    def redirect(self, channel: Channel, context: str, exten: str) -> None:
        if channel.state != "Up":
            self.complaints.append(f"{channel.name} is redirected while it is {channel.state}")
        bridge = depart(self, channel, "200 result=-1")
        channel.music = False
        self._into_agi(channel, context, exten)
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
        self._look_at_device(channel.device)
        maker, channel.made_by = channel.made_by, None
        if maker is not None:
            finish(self, maker)
        dissolve(self, bridge)
        for other in list(self.channels.values()):
            if other.running and other.running.other is channel:
                finish(self, other)  # beside it

    def new_bridge(self, room: str = "") -> Bridge:
        return Bridge(f"bridge-{next(self._numbers)}", room)

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

    def run_soon(self, channel: Channel) -> None:
        """The next command of its queue, if it has one and nothing else to do."""
        if channel.commands and channel.in_agi:
            asyncio.get_running_loop().call_soon(self._run, channel)

    # -- inside -----------------------------------------------------------------------------------

    def _run(self, channel: Channel) -> None:
        idle = channel.in_agi and channel.running is None and channel.unique in self.channels
        if idle and channel.commands:
            perform(self, channel, *channel.commands.popleft())
            self.flush()

    def _new(self, unique: str, device: str, party: str) -> Channel:
        name = f"{device}-{next(self._numbers):08x}"
        channel = Channel(unique, name, device, party, linked=unique)
        self.channels[unique] = channel
        return channel

    def _into_agi(self, channel: Channel, context: str, exten: str) -> None:
        channel.context, channel.exten = context, exten
        channel.application, channel.data = "AGI", "agi:async"
        channel.in_agi = channel.was_in_agi = True
        self.tell(channel, "AsyncAGIStart", ("Env", "agi_request%3A%20async%0A%0A"))
        self.run_soon(channel)

    def _ringing(self, party: str) -> Channel | None:
        return next(
            (x for x in self.channels.values() if x.party == party and x.state == "Ringing"), None
        )

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

    def _look_at_device(self, device: str) -> None:
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
