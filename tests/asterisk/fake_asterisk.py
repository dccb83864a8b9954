"""An Asterisk in memory: no sockets, no tasks but for a connection's welcome, time from a clock.

It has what the telephone channel uses: channels in AGI(agi:async), bridges, rooms, phones that
ring, a trunk, and a manager interface that is cut and comes back. A test is everybody else: who
calls, answers, hangs up and pulls the plug:

    asterisk = FakeAsterisk(clock)
    caller = asterisk.call("+442079460001", "100")
    asterisk.answer("ann")
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from random import Random
from typing import Final

from cti_adapters.asterisk.ami.codec import Header, Message
from cti_adapters.asterisk.ami.settings import AmiSettings
from router.ports import Clock
from tests.asterisk.fake_actions import act
from tests.asterisk.fake_channel import Channel
from tests.asterisk.fake_commands import join, key_pressed
from tests.asterisk.fake_exchange import CONTEXT, FakeExchange
from tests.asterisk.fake_manager import Entries, FakeManager

NUMBER: Final = "+442079460001"
LISTS: Final = {"DeviceStateList", "CoreShowChannels"}  # asked for once a connection


class FakeAsterisk(FakeExchange):
    """See ``FakeExchange`` for ``chance``, and for ``complaints``."""

    def __init__(
        self, clock: Clock, phones: Iterable[str] = ("ann", "ben"), chance: Random | None = None
    ) -> None:
        super().__init__(clock, phones, chance)
        self.managers: list[FakeManager] = []
        self.reachable = True
        self.acts = 0  # actions that were carried out
        self.stock_taken = 0  # those of them that list what there is

    # -- customers, agents, and who else may do something -----------------------------------------

    def call(self, number: str = NUMBER, dialled: str = "100", *, caller: str = "") -> Channel:
        """Somebody rings the centre's ``dialled``; AGI(agi:async) is in the dialplan."""
        channel = self.new(f"{next(self.numbers)}", "PJSIP/trunk", number)
        channel.number, channel.caller, channel.exten = number, caller, dialled
        channel.state, channel.context = "Ring", "from-trunk"
        self.tell(channel, "Newchannel")
        self.into_agi(channel, CONTEXT, dialled)
        self.flush()
        return channel

    def rings(self, party: str) -> bool:
        return self.ringing(party) is not None

    def answer(self, party: str) -> Channel:
        """Pick up, of a phone by its name, of somebody outside by the number."""
        channel = self.ringing(party)
        assert channel is not None, f"{party} does not ring"
        self.becomes(channel, "Up")
        channel.answer_by = 0
        if channel.made_by is not None:
            maker, channel.made_by = channel.made_by, None
            join(self, maker, channel)
        else:
            self.tell_of_originate(channel.device, channel, "4")
            self.into_agi(channel, CONTEXT, channel.originated)
        self.flush()
        return channel

    def refuse(self, party: str, cause: str = "17") -> None:
        channel = self.ringing(party)
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
        key_pressed(self, channel, digit)
        self.flush()

    def hold(self, phone: str, *, over: bool = False) -> None:
        """The key of the telephone itself; ``over``: pressed again."""
        channel = self.channel_of(phone)
        assert channel is not None
        self.tell(channel, "Unhold" if over else "Hold")
        self.flush()

    def register(self, phone: str, *, here: bool = True) -> None:
        (self.registered.add if here else self.registered.discard)(phone)
        self.look_at_device(f"PJSIP/{phone}")
        self.flush()

    def private_call(self, phone: str, *, over: bool = False) -> None:
        (self.private.discard if over else self.private.add)(phone)
        self.look_at_device(f"PJSIP/{phone}")
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

    # -- for ``FakeManager`` ----------------------------------------------------------------------

    def manager_of(
        self,
        settings: AmiSettings,
        *,
        on_event: Callable[[Message], None],
        on_up: Callable[[], Awaitable[None]],
        on_down: Callable[[str], None],
    ) -> FakeManager:
        return FakeManager(self, on_event=on_event, on_up=on_up, on_down=on_down)

    def join(self, manager: FakeManager) -> None:
        self.managers.append(manager)
        if self.reachable:
            manager.connect()

    def leave(self, manager: FakeManager) -> None:
        if manager in self.managers:
            self.managers.remove(manager)

    def act(self, action: str, headers: Iterable[Header]) -> tuple[Message, Entries]:
        self.acts += 1
        self.stock_taken += action in LISTS
        answer = act(self, action, dict(headers))
        self.flush()
        return answer
