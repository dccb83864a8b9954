"""One channel of the Asterisk in memory, and what AMI says of it."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Final

from cti_adapters.asterisk.ami.codec import Decoder, Header, Message

STATES: Final = {"Down": "0", "Ring": "4", "Ringing": "5", "Up": "6"}
UNKNOWN: Final = "<unknown>"


@dataclass(eq=False)
class Bridge:
    """A pair, made by the application of one of them; or a room, which has a name."""

    id: str
    room: str = ""
    members: list[Channel] = field(default_factory=list)

    @property
    def headers(self) -> tuple[Header, ...]:
        creator, name = ("ConfBridge", self.room) if self.room else (UNKNOWN, UNKNOWN)
        return ("BridgeUniqueid", self.id), ("BridgeCreator", creator), ("BridgeName", name)


@dataclass
class Running:
    """An AGI command that has not come to its end."""

    id: str
    application: str
    ends_at: int = 0  # microseconds; 0: not by itself
    stopped_by: str = ""  # keys
    other: Channel | None = None  # who is called, or listened to


@dataclass(eq=False)
class Channel:
    unique: str
    name: str
    device: str
    party: str  # who is at its end: a phone's name, a number
    number: str = ""
    caller: str = ""
    context: str = ""
    exten: str = "s"
    linked: str = ""
    state: str = "Down"
    application: str = ""
    data: str = ""  # of the application; both stay when a command has ended
    bridge: Bridge | None = None
    in_agi: bool = False
    was_in_agi: bool = False  # from then on it has a queue of commands
    commands: deque[tuple[str, str]] = field(default_factory=deque)
    running: Running | None = None
    made_by: Channel | None = None  # who dials it
    answer_by: int = 0  # of a channel that is called up; 0: for ever
    originated: str = ""  # ... by an action to this extension, which has not been answered yet
    music: bool = False
    heard: list[str] = field(default_factory=list)  # sounds, from when each began
    recorded: bool = False
    muted: bool = False

    @property
    def talks_with(self) -> list[str]:
        """Who is heard, sorted."""
        members = self.bridge.members if self.bridge else []
        return sorted(other.party for other in members if other is not self)

    def says(self, event: str, *more: Header) -> Message:
        """As Asterisk writes it; what breaks a line is read as the wire would have it."""
        headers = (("Event", event), *self._snapshot(), *more)
        if not any("\r\n" in value for _, value in headers):
            return Message(headers)
        lines = "\r\n".join(f"{key}: {value}" for key, value in headers)
        return Decoder().feed(f"Asterisk Call Manager/11.0.0\r\n{lines}\r\n\r\n".encode())[0]

    def listed(self) -> Message:
        bridge = self.bridge.id if self.bridge else ""
        return self.says(
            "CoreShowChannel",
            ("Application", self.application),
            ("ApplicationData", self.data),
            ("Duration", "00:00:01"),
            ("BridgeId", bridge),
        )

    def _snapshot(self) -> tuple[Header, ...]:
        return (
            ("Channel", self.name),
            ("ChannelState", STATES[self.state]),
            ("ChannelStateDesc", self.state),
            ("CallerIDNum", self.number or UNKNOWN),
            ("CallerIDName", self.caller or UNKNOWN),
            ("ConnectedLineNum", UNKNOWN),
            ("ConnectedLineName", UNKNOWN),
            ("Language", "en"),
            ("AccountCode", ""),
            ("Context", self.context),
            ("Exten", self.exten),
            ("Priority", "1"),
            ("Uniqueid", self.unique),
            ("Linkedid", self.linked or self.unique),
        )
