"""The published versions of flows that are in use, decoded and at hand: the interpreter waits for
nothing.

In use are those that an alias points to, those that contacts are in, and those that these call.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Iterator
from typing import Protocol

import msgspec

from ivr.core.callers import Version
from ivr.core.document import decode
from ivr.core.library import Library
from ivr.core.nodes import Flow, SubFlow
from ivr.core.session import Session
from ivr.core.text_checks import recordings_of
from router.core.events import Entry, FlowAliasPointed, FlowPublished
from router.ports import Heard
from router.replica import Replica

Key = tuple[str, int]

log = logging.getLogger(__name__)


class FlowStore(Protocol):
    """Every version there ever was."""

    async def source(self, flow: str, version: int) -> str | None:
        """The version's document as JSON, None when there is none."""


class PublishedFlows(Library):
    """``load`` at the start, then ``handle`` every entry. An alias points to its new version here
    only when that version is at hand.
    """

    def __init__(self, replica: Replica, store: FlowStore) -> None:
        self._replica = replica
        self._store = store
        self._flows: dict[Key, Flow] = {}
        self._recordings: dict[Key, frozenset[tuple[str, str]]] = {}
        self._aliases: dict[tuple[str, str], int] = {}

    def flow(self, flow: str, version: int) -> Flow | None:
        return self._flows.get((flow, version))

    def version(self, flow: str, alias: str) -> int | None:
        return self._aliases.get((flow, alias))

    def standing(self) -> list[Version]:
        """What aliases point to, and the exact versions that these call."""
        pointed_to = {(flow, version) for (flow, _), version in self._aliases.items()}
        return [
            Version(flow=self._flows[key], version=key[1])
            for key in _with_calls(pointed_to, self)
            if key in self._flows
        ]

    async def load(self) -> None:
        """Everything that is in use."""
        await self._have(set(self._in_use()))
        for name, known in self._replica.state.flows.items():
            for alias, version in known.aliases.items():
                self._aliases[name, alias] = version

    def handle(self, entry: Entry) -> Heard:
        news = [e for e in entry.events if isinstance(e, FlowPublished | FlowAliasPointed)]
        return self._take_in(news) if news else None

    async def _take_in(self, news: Iterable[FlowPublished | FlowAliasPointed]) -> None:
        for event in news:
            if isinstance(event, FlowPublished):
                key = event.flow, event.version
                await asyncio.to_thread(self._keep, key, event.source)  # it may be large
            else:
                await self._have({(event.flow, event.version)})
                self._aliases[event.flow, event.alias] = event.version
                self._drop_unused()

    async def _have(self, wanted: set[Key]) -> None:
        """These, and what they call."""
        missing = wanted - self._flows.keys()
        while missing:
            for key in sorted(missing):
                source = await self._store.source(*key)
                if source is None:
                    log.error("version %s of the flow %r is not there", key[1], key[0])
                else:
                    await asyncio.to_thread(self._keep, key, source)
            called = {call for key in missing for call in self.calls_of(key)}
            missing = called - self._flows.keys() - missing

    def _keep(self, key: Key, source: str) -> None:
        reading = decode(msgspec.json.decode(source))
        if reading.flow is None:
            log.error("version %s of the flow %r cannot be read", key[1], key[0])
        else:
            self._recordings[key] = recordings_of(reading.flow)
            self._flows[key] = reading.flow

    def recordings_in(self, key: Key) -> frozenset[tuple[str, str]]:
        """The names of the recordings that a version says, with their languages."""
        return self._recordings.get(key, frozenset())

    def calls_of(self, key: Key) -> Iterator[Key]:
        """Exact versions that this one calls."""
        flow = self._flows.get(key)
        for node in flow.nodes.values() if flow else ():
            if isinstance(node, SubFlow) and node.version is not None:
                yield node.flow, node.version

    def _in_use(self) -> Iterator[Key]:
        state = self._replica.state
        for name, known in state.flows.items():
            yield from ((name, version) for version in known.aliases.values())
        for contact in state.contacts.values():
            if contact.flow_session:
                yield from _versions_in(contact.flow_session)

    def _drop_unused(self) -> None:
        """The newest of each is kept as well: it is what is pointed to next."""
        used = set(self._in_use())
        used |= {(name, known.newest) for name, known in self._replica.state.flows.items()}
        kept = set(_with_calls(used, self))
        self._flows = {key: flow for key, flow in self._flows.items() if key in kept}
        self._recordings = {key: one for key, one in self._recordings.items() if key in kept}


def _with_calls(used: set[Key], flows: PublishedFlows) -> Iterator[Key]:
    seen: set[Key] = set()
    waiting = sorted(used)
    while waiting:
        key = waiting.pop()
        if key not in seen:
            seen.add(key)
            yield key
            waiting.extend(flows.calls_of(key))


def _versions_in(session: bytes) -> list[Key]:
    try:
        frames = msgspec.msgpack.decode(session, type=Session).frames
    except msgspec.MsgspecError:
        return []
    return [(frame.flow, frame.version) for frame in frames]
