"""What happened to calls and agents, from the events of Asterisk's manager interface. Pure.

Both contestants are judged by the same events and by Asterisk's own clock: each event carries the
time at which Asterisk made it. Times here are seconds.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

KINDS = ("Newchannel", "Newstate", "BridgeEnter", "Hangup")
CALLER = "PJSIP/trunk-"
AGENT = "PJSIP/a"
OURS = "pb:"  # begins the Uniqueid of a channel that Patchbay calls up; its call is in it


class Event(msgspec.Struct, frozen=True, kw_only=True):
    at: float
    name: str
    channel: str
    unique: str
    linked: str = ""
    up: bool = False

    @property
    def agent(self) -> str:
        """Whose telephone the channel is, empty for a caller's."""
        if not self.channel.startswith(AGENT):
            return ""
        return self.channel.removeprefix("PJSIP/").rpartition("-")[0]

    @property
    def caller(self) -> str:
        """The Uniqueid of the caller for whom an agent's channel was made."""
        if not self.unique.startswith(OURS):
            return self.linked
        parts = self.unique.split(":")
        return parts[4] if len(parts) > 4 else ""


def parse(received: bytes) -> Iterator[Event]:
    """Events about channels, in the order of the wire; everything else is passed over."""
    for block in received.decode(errors="replace").split("\r\n\r\n"):
        lines = (line.partition(": ") for line in block.split("\r\n"))
        fields = {key: value for key, _, value in lines}
        if fields.get("Event") in KINDS and "Timestamp" in fields and "Uniqueid" in fields:
            yield Event(
                at=float(fields["Timestamp"]),
                name=fields["Event"],
                channel=fields.get("Channel", ""),
                unique=fields["Uniqueid"],
                linked=fields.get("Linkedid", ""),
                up=fields.get("ChannelStateDesc") == "Up",
            )


class Wait(msgspec.Struct, frozen=True):
    """From ``began`` to an agent's telephone being called; None when it was not."""

    began: float
    seconds: float | None = None


class Arrived(msgspec.Struct, kw_only=True):
    at: float
    rung_at: float | None = None
    connected: bool = False
    gone: bool = False


class Floor:
    """``hear`` every event. ``gaps`` are of agents who became free while at least one caller waited
    for each free agent, so that only the queue can be what they waited for.
    """

    def __init__(self, agents: int) -> None:
        self.arrived: dict[str, Arrived] = {}  # by Uniqueid, in their order
        self.gaps: list[Wait] = []
        self.unanswered: list[Wait] = []  # rings that did not become a conversation
        self._agents = agents
        self._waiting: set[str] = set()
        self._ringing: dict[str, Event] = {}  # channels of agents that are not up yet
        self._at_work: dict[str, set[str]] = {}  # agent to channels
        self._freed: dict[str, float] = {}  # agents who wait for the next caller, since when

    def hear(self, event: Event) -> None:
        if event.agent:
            self._agent(event)
        elif event.channel.startswith(CALLER):
            self._caller(event)

    def finish(self) -> None:
        """Agents who still wait were never called again."""
        self.gaps += [Wait(since) for since in self._freed.values()]
        self._freed.clear()

    def rings(self, begin: float, end: float) -> list[Wait]:
        """Of callers who arrived in this time: how long until an agent's telephone was called."""
        return [
            Wait(one.at, None if one.rung_at is None else one.rung_at - one.at)
            for one in self.arrivals(begin, end)
        ]

    def arrivals(self, begin: float, end: float) -> list[Arrived]:
        return [one for one in self.arrived.values() if begin <= one.at < end]

    def _caller(self, event: Event) -> None:
        match event.name:
            case "Newchannel":
                self.arrived[event.unique] = Arrived(at=event.at)
                self._waiting.add(event.unique)
            case "BridgeEnter" if event.unique in self.arrived:
                self.arrived[event.unique].connected = True
            case "Hangup" if event.unique in self.arrived:
                self.arrived[event.unique].gone = True
                self._waiting.discard(event.unique)
            case _:
                pass

    def _agent(self, event: Event) -> None:
        match event.name:
            case "Newchannel":
                self._rings(event)
            case "Newstate" if event.up:
                self._ringing.pop(event.unique, None)
            case "Hangup":
                self._hung_up(event)
            case _:
                pass

    def _rings(self, event: Event) -> None:
        self._at_work.setdefault(event.agent, set()).add(event.unique)
        self._ringing[event.unique] = event
        self._waiting.discard(event.caller)
        caller = self.arrived.get(event.caller)
        if caller is not None and caller.rung_at is None:
            caller.rung_at = event.at
        since = self._freed.pop(event.agent, None)
        if since is not None:
            self.gaps.append(Wait(since, event.at - since))

    def _hung_up(self, event: Event) -> None:
        channels = self._at_work.get(event.agent, set())
        channels.discard(event.unique)
        if not channels:
            self._at_work.pop(event.agent, None)
        ring = self._ringing.pop(event.unique, None)
        if ring is not None:
            self.unanswered.append(Wait(ring.at, event.at - ring.at))
            if ring.caller in self.arrived and not self.arrived[ring.caller].gone:
                self._waiting.add(ring.caller)
        elif not channels and len(self._waiting) >= self._agents - len(self._at_work):
            self._freed[event.agent] = event.at


# -- figures ----------------------------------------------------------------------------------


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """Milliseconds. ``never`` counts those for whom nothing came at all."""

    count: int
    p50: float
    p90: float
    p99: float
    max: float
    never: int = 0


def spread(waits: Sequence[Wait]) -> Spread | None:
    """None when nothing was measured. A share is the smallest value that so many do not exceed."""
    taken = sorted(wait.seconds * 1_000 for wait in waits if wait.seconds is not None)
    if not taken:
        return None

    def share(percent: int) -> float:
        return round(taken[-(-len(taken) * percent // 100) - 1], 2)

    return Spread(
        count=len(taken),
        p50=share(50),
        p90=share(90),
        p99=share(99),
        max=share(100),
        never=len(waits) - len(taken),
    )


def between(waits: Sequence[Wait], begin: float, end: float) -> list[Wait]:
    return [wait for wait in waits if begin <= wait.began < end]


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """A step of rising load. Rates are calls a second, ``ring_p90`` is milliseconds."""

    offered: float
    arrived: float
    connected: float
    ring_p90: float | None

    @property
    def carried(self) -> bool:
        """Callers came as fast as they were sent, nearly all talked, and most rang at once."""
        came = self.arrived >= 0.93 * self.offered
        prompt = self.ring_p90 is not None and self.ring_p90 <= 500
        return came and self.connected >= 0.98 * self.arrived and prompt


def load(floor: Floor, offered: float, begin: float, end: float) -> Load:
    arrived = floor.arrivals(begin, end)
    rings = spread(floor.rings(begin, end))
    return Load(
        offered=offered,
        arrived=round(len(arrived) / (end - begin), 1),
        connected=round(sum(one.connected for one in arrived) / (end - begin), 1),
        ring_p90=rings.p90 if rings else None,
    )
