"""Calls as a real Asterisk 22 told of them, replayed into the mapping with a router's core.

A record holds, in their order, the events that came and what was done on the desk, each with the
seconds since the call began; headers that the channel never reads were left out. The legs that
were called up then have other names now: the n-th of an agent in the record is the n-th that is
asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import msgspec

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.calls import Calls
from cti_adapters.asterisk.legs import Ask, Speak, owner_of
from router.core.commands import Arrive, Command, Enqueue, PublishCatalog, Tick
from router.core.durations import SECOND
from router.core.events import ContactEvent, Entry, Rejected
from router.core.machine import RoutingCore
from router.core.state import State
from router.ports import Arrival
from router.replica import Replica
from tests.asterisk.centre import SETTINGS, catalog

FOLDER = Path(__file__).parent / "calls"
NAMES = sorted(file.stem for file in FOLDER.glob("*.txt"))
START = 1_795_336_700 * SECOND

Step = tuple[int, Message | Command]
"""The microsecond of it, since the call began, and what came or was done."""

_COMMANDS = msgspec.json.Decoder(Command)


def steps(name: str) -> list[Step]:
    blocks = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").split("\n\n")
    return [_step(block) for block in blocks if block.strip()]


def _step(block: str) -> Step:
    when, *lines = block.strip().splitlines()
    headers = tuple((key, value) for key, _, value in (line.partition(": ") for line in lines))
    at = round(float(when.removeprefix("At: ")) * SECOND)
    key, value = headers[0]
    return at, _COMMANDS.decode(value) if key == "Desk" else Message(headers)


class Replay:
    """``asked`` by party, ``told`` what had an effect; both in their order."""

    def __init__(self, record: Iterable[Step], **care: object) -> None:
        self._record = list(record)
        self._core = RoutingCore(State())
        self._replica = Replica(State())
        self._now = START
        self._names: dict[str, str] = {}
        self._recorded = _legs(self._record)
        self.calls = Calls(SETTINGS, self._replica)
        self.asked: dict[str, list[str]] = {}
        self.told: list[str] = []
        self.do(PublishCatalog(id="catalog", catalog=catalog(**care), replaces=0))
        self.told.clear()

    def run(self) -> None:
        """To its end, and a minute longer."""
        for at, what in self._record:
            self._reach(START + at)
            if isinstance(what, Message):
                self.calls.hear(self._renamed(what), self._now)
                self._settle()
            else:
                self.do(what)
        self._reach(self._now + 60 * SECOND)

    @property
    def contacts(self) -> list[str]:
        return list(self._replica.state.contacts)

    def do(self, command: Command) -> None:
        events = self._core.handle(command, self._now)
        if isinstance(events, Rejected) or not events:
            return
        if command.by == "voice":
            self.told.append(type(command).__name__)
        position = self._replica.position + 1
        entry = Entry(
            position=position, at=self._now, cause=command.id, by=command.by, events=tuple(events)
        )
        self._replica.feed(entry)
        self.calls.follow([one for one in events if isinstance(one, ContactEvent)], self._now)
        self._settle()

    def _reach(self, at: int) -> None:
        """Let the time until then pass, with what falls due."""
        while (due := self._core.next_deadline()) is not None and due <= at:
            self._now = max(self._now, due)
            self.do(Tick(id=""))
        self._now = max(self._now, at)
        self.calls.sweep(self.calls.contacts, self._now)
        self._settle()

    def _settle(self) -> None:
        while acts := self.calls.drain():
            for act in acts:
                self._perform(act)

    def _perform(self, act: Ask | Speak | Arrival | Command) -> None:
        match act:
            case Ask():
                self._ask(act)
            case Speak():
                self.calls.heard_out(act.unique, act.what, self._now)
            case Arrival(contact=contact, channel=channel, address=address):
                arrive = Arrive(
                    id=f"{contact}/arrive",
                    contact=contact,
                    channel=channel,
                    address=address,
                    dialable=act.dialable,
                )
                self.do(arrive)
                self.do(Enqueue(id=f"{contact}/enqueue", contact=contact, queue="care"))
            case _:
                self.do(act)

    def _ask(self, ask: Ask) -> None:
        party = (owner_of(ask.unique) or ("customer",))[0]
        if ask.action == "Originate":
            recorded = self._recorded.get(party, [])
            if recorded:
                self._names[recorded.pop(0)] = ask.unique
        if ask.what != "no limit":  # it goes with every answer
            self.asked.setdefault(party, []).append(ask.what.split(" pb:")[0])

    def _renamed(self, message: Message) -> Message:
        headers = tuple((key, self._now_called(value)) for key, value in message.headers)
        return Message(headers)

    def _now_called(self, value: str) -> str:
        for recorded, now in self._names.items():
            value = value.replace(recorded, now)
        return value


def _legs(record: Iterable[Step]) -> dict[str, list[str]]:
    """By agent, the legs of the record in their order."""
    legs: dict[str, list[str]] = {}
    for _, what in record:
        unique = what.get("Uniqueid") if isinstance(what, Message) else ""
        owner = owner_of(unique)
        if owner is not None and unique not in legs.setdefault(owner[0], []):
            legs[owner[0]].append(unique)
    return legs
