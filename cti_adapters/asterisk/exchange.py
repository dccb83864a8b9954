"""What Asterisk says there is: its channels, folded from its events. Pure.

Events may come twice, late, or for a channel that has gone: none of them brings one back, and a
channel that was first heard of in the middle of its life is known from then on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import msgspec

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.ami.names import is_channel_name

GONE_REMEMBERED = 4_096
IN_CONTROL = "AGI"  # the application of a channel that takes our commands
MEETING = "ConfBridge"


class Channel(msgspec.Struct, kw_only=True):
    """One channel. ``controlled`` while it stands in AGI(agi:async) and waits for commands."""

    unique: str  # Uniqueid: what it is called by here, because names change
    name: str
    linked: str = ""  # Linkedid: the call it belongs to
    number: str = ""  # caller id
    caller: str = ""
    context: str = ""
    dialled: str = ""  # extension
    language: str = ""
    up: bool = False
    controlled: bool = False
    bridge: str = ""
    meeting: str = ""
    last_in: str = ""  # as listed: the application that it is in, or was in last


class Exchange:
    """``channels`` by Uniqueid."""

    def __init__(self) -> None:
        self.channels: dict[str, Channel] = {}
        self._gone: dict[str, None] = {}
        self._born: set[str] | None = None  # since channels began to be listed

    def apply(self, message: Message) -> Channel | None:
        """The channel the event is about, as it is now; None when there is none (any more)."""
        fold = _FOLDS.get(message.name)
        if fold is None:
            return None
        channel = self._channel_of(message)
        if channel is not None:
            fold(channel, message)
            if self._born is not None and message.name == "Newchannel":
                self._born.add(channel.unique)
        return channel

    def is_controlled(self, unique: str) -> bool:
        channel = self.channels.get(unique)
        return channel is not None and channel.controlled

    def has_seen(self, unique: str) -> bool:
        return unique in self.channels or unique in self._gone

    def hang_up(self, unique: str) -> Channel | None:
        """It is gone; what it was, None when that was known."""
        self._gone[unique] = None
        if len(self._gone) > GONE_REMEMBERED:
            del self._gone[next(iter(self._gone))]
        return self.channels.pop(unique, None)

    @property
    def is_listed_anew(self) -> bool:
        """Whether stock is being taken: who is not known may be so soon."""
        return self._born is not None

    def stock_begins(self) -> None:
        """Channels are about to be listed. One that comes into being meanwhile may not be in the
        list, or as it was a moment ago: all there is to know about it is heard.
        """
        self._born = set()

    def take_stock(self, listed: Iterable[Message]) -> None:
        """Start anew from a list of ``CoreShowChannel`` events."""
        born, self._born = self._born or set(), None
        before = self.channels
        self.channels = {unique: before[unique] for unique in born if unique in before}
        for message in listed:
            channel = self._channel_of(message)
            if channel is not None and channel.unique not in born:
                _listed(channel, message)

    def _channel_of(self, message: Message) -> Channel | None:
        unique, name = message.get("Uniqueid"), message.get("Channel")
        if not unique or unique in self._gone:
            return None
        known = self.channels.get(unique)
        if known is None:
            if not is_channel_name(name):
                return None
            known = self.channels[unique] = Channel(unique=unique, name=name)
        return known


def _describe(channel: Channel, message: Message) -> None:
    """What every event of a channel says of it."""
    channel.linked = message.get("Linkedid") or channel.linked
    channel.number = _known(message.get("CallerIDNum"))
    channel.caller = _known(message.get("CallerIDName"))
    channel.context = message.get("Context") or channel.context
    channel.dialled = message.get("Exten") or channel.dialled
    channel.language = message.get("Language") or channel.language
    channel.up = message.get("ChannelStateDesc") == "Up"


def _known(value: str) -> str:
    return "" if value == "<unknown>" else value


def _renamed(channel: Channel, message: Message) -> None:
    name = message.get("Newname")
    if is_channel_name(name):
        channel.name = name


def _taken_in_hand(channel: Channel, message: Message) -> None:
    _describe(channel, message)
    channel.controlled, channel.bridge, channel.meeting, channel.last_in = True, "", "", ""


def _let_go(channel: Channel, message: Message) -> None:
    _describe(channel, message)
    channel.controlled = False


def _obeyed(channel: Channel, message: Message) -> None:
    """A command has ended: whatever it was, the channel waits for the next."""
    _describe(channel, message)
    channel.controlled, channel.last_in = True, ""


def _bridged(channel: Channel, message: Message) -> None:
    _describe(channel, message)
    channel.bridge = message.get("BridgeUniqueid")
    channel.controlled = False
    is_room = message.get("BridgeCreator") == MEETING
    channel.meeting = message.get("BridgeName") if is_room else ""


def _unbridged(channel: Channel, message: Message) -> None:
    _describe(channel, message)
    if channel.bridge == message.get("BridgeUniqueid"):
        channel.bridge, channel.meeting = "", ""


def _listed(channel: Channel, message: Message) -> None:
    """A channel whose command has come to its end is still said to be in the application that the
    command executed: only ``AGI`` is certain.
    """
    _describe(channel, message)
    application = message.get("Application")
    channel.controlled = application == IN_CONTROL
    channel.last_in = "" if channel.controlled else application
    channel.bridge = message.get("BridgeId")
    channel.meeting = ""
    if application == MEETING:
        channel.meeting = message.get("ApplicationData").split(",")[0]


_FOLDS: Mapping[str, Callable[[Channel, Message], None]] = {
    "Newchannel": _describe,
    "Newstate": _describe,
    "NewCallerid": _describe,
    "Rename": _renamed,
    "AsyncAGIStart": _taken_in_hand,
    "AsyncAGIExec": _obeyed,
    "AsyncAGIEnd": _let_go,
    "BridgeEnter": _bridged,
    "BridgeLeave": _unbridged,
    "DTMFEnd": _describe,
    "HangupRequest": _describe,
    "Hold": _describe,
    "Unhold": _describe,
}
