"""Judging flows, trying them out, and putting their versions in force."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import msgspec

from ivr.core import session as flows
from ivr.core.asking import instruction, waits
from ivr.core.conversation import Coverage, Ran, coverage, run, run_all
from ivr.core.difference import Change, difference
from ivr.core.document import decode, encode
from ivr.core.nodes import Flow
from ivr.core.problems import Problem
from ivr.core.scope import Known
from ivr.core.validation import may_publish, validate
from ivr.published import FlowStore, PublishedFlows
from router.core.catalog import Catalog
from router.core.commands import PointAlias, PublishFlow
from router.core.model import ContactState
from router.ports import CommandSink, Outcome
from router.replica import Replica

VOICEMAIL = "voicemail"


class ScriptResult(msgspec.Struct, frozen=True, kw_only=True):
    """``differs`` says in one sentence where it went otherwise than expected."""

    name: str
    passed: bool
    differs: str
    path: tuple[flows.Passed, ...]


class FlowCheck(msgspec.Struct, frozen=True, kw_only=True):
    """``ok``: it may be published. ``changes`` are against the newest version, ``in_progress``
    contacts that finish on the version they began with.
    """

    ok: bool
    problems: tuple[ProblemTold, ...]
    tests: tuple[ScriptResult, ...]
    coverage: Coverage | None
    changes: tuple[str, ...]
    in_progress: int

    @property
    def why(self) -> str:
        """One sentence that says why it may not be published."""
        for problem in self.problems:
            if problem.severity == "error":
                return f"{problem.what[:1].upper()}{problem.what[1:]}: {problem.fix}."
        for test in self.tests:
            if not test.passed:
                return f"The test {test.name!r} fails: {test.differs}"
        return "The flow cannot be read."


class ProblemTold(msgspec.Struct, frozen=True, kw_only=True):
    severity: str
    path: tuple[str | int, ...]
    node: str
    what: str
    fix: str


class Tried(msgspec.Struct, frozen=True, kw_only=True):
    """How far a conversation came, and what is asked now: None when it is over."""

    path: tuple[flows.Passed, ...]
    heard: tuple[flows.Line, ...]
    asks: flows.Instruction | None
    session: flows.Session
    differs: str


class FlowPublisher:
    """``store`` has what was published; ``library`` what is in use."""

    def __init__(
        self, sink: CommandSink, replica: Replica, library: PublishedFlows, store: FlowStore
    ) -> None:
        self._sink = sink
        self._replica = replica
        self._library = library
        self._store = store

    async def version(self, flow: str, version: int) -> Flow | None:
        """A published version, None when there is none."""
        known = self._library.flow(flow, version)
        if known is not None:
            return known
        source = await self._store.source(flow, version)
        if source is None:
            return None
        return (await asyncio.to_thread(_decoded, source.encode()))[0]

    async def check(self, document: object) -> tuple[FlowCheck, Flow | None]:
        """The verdict on ``document``, and the flow if it could be read."""
        reading = await asyncio.to_thread(decode, document)
        flow = reading.flow
        if flow is None:
            return _unreadable(reading.problems), None
        newest = self._replica.state.flows.get(flow.id)
        before = await self.version(flow.id, newest.newest) if newest is not None else None
        return await asyncio.to_thread(self._judge, flow, before), flow

    def _judge(self, flow: Flow, before: Flow | None) -> FlowCheck:
        problems = validate(flow, known_names(self._replica.state.catalog), self._library)
        runs = run_all(flow, self._library) if may_publish(problems) else ()
        passed = all(one.passed for one in runs)
        changes = difference(before, flow) if before is not None else ()
        return FlowCheck(
            ok=may_publish(problems) and passed,
            problems=tuple(_told(one) for one in problems),
            tests=tuple(_result(one) for one in runs),
            coverage=coverage(flow, runs) if runs else None,
            changes=tuple(one.sentence for one in changes),
            in_progress=self._in_progress(flow.id),
        )

    def _in_progress(self, flow: str) -> int:
        contacts = self._replica.state.contacts.values()
        return sum(c.flow == flow and c.state is ContactState.IN_FLOW for c in contacts)

    async def publish(
        self, flow: Flow, replaces: int, note: str, *, command: str, by: str
    ) -> Outcome:
        """Add the version after ``replaces``, if that is still the newest."""
        source = await asyncio.to_thread(_encoded, flow)
        return await self._sink.submit(
            PublishFlow(
                id=command, by=by, flow=flow.id, source=source, replaces=replaces, note=note
            )
        )

    async def point(
        self, flow: str, alias: str, version: int, replaces: int, *, command: str, by: str
    ) -> Outcome:
        return await self._sink.submit(
            PointAlias(
                id=command, by=by, flow=flow, alias=alias, version=version, replaces=replaces
            )
        )

    async def compare(self, before: object, after: object) -> Sequence[Change] | None:
        """None when one of them cannot be read."""
        old, new = await asyncio.to_thread(lambda: (decode(before).flow, decode(after).flow))
        if old is None or new is None:
            return None
        return await asyncio.to_thread(difference, old, new)

    async def attempt(self, document: object, conversation: object) -> Tried | FlowCheck:
        """Hold a conversation (as in a flow's tests) with a flow that need not be finished; the
        problems when either cannot be read.
        """
        if isinstance(document, Mapping):
            document = {**document, "tests": [{"name": "try", **_fields(conversation)}]}
        reading = await asyncio.to_thread(decode, document)
        if reading.flow is None:
            return _unreadable(reading.problems)
        ran = await asyncio.to_thread(run, reading.flow.tests[0], reading.flow, self._library)
        return _tried(ran, reading.flow, self._library)


def _fields(conversation: object) -> Mapping[str, object]:
    return conversation if isinstance(conversation, Mapping) else {}


def known_names(catalog: Catalog) -> Known:
    boxes = [key for key, one in catalog.entry_points.items() if one.channel == VOICEMAIL]
    return Known(
        queues=catalog.queues.keys(),
        queues_that_call_back=[key for key, one in catalog.queues.items() if one.callback],
        skills=catalog.skills.keys(),
        hours=catalog.hours.keys(),
        agents=catalog.agents.keys(),
        connectors=(),
        boxes=boxes,
    )


def _decoded(source: bytes) -> tuple[Flow | None, tuple[Problem, ...]]:
    reading = decode(msgspec.json.decode(source))
    return reading.flow, reading.problems


def _encoded(flow: Flow) -> str:
    return msgspec.json.encode(encode(flow)).decode()


def _unreadable(problems: tuple[Problem, ...]) -> FlowCheck:
    return FlowCheck(
        ok=False,
        problems=tuple(_told(one) for one in problems),
        tests=(),
        coverage=None,
        changes=(),
        in_progress=0,
    )


def _told(one: Problem) -> ProblemTold:
    return ProblemTold(
        severity=one.severity, path=tuple(one.path), node=one.node, what=one.what, fix=one.fix
    )


def _result(ran: Ran) -> ScriptResult:
    return ScriptResult(name=ran.name, passed=ran.passed, differs=ran.differs, path=ran.path)


def _tried(ran: Ran, flow: Flow, library: PublishedFlows) -> Tried:
    return Tried(
        path=ran.path,
        heard=ran.heard,
        asks=_asks(ran.session, flow, library),
        session=ran.session,
        differs=ran.differs,
    )


def _asks(session: flows.Session, flow: Flow, library: PublishedFlows) -> flows.Instruction | None:
    if session.outcome is not None:
        return None
    where = session.frames[-1]
    standing = flow if len(session.frames) == 1 else library.flow(where.flow, where.version)
    node = standing.nodes.get(where.node) if standing is not None else None
    waiting = waits(node) if node is not None else None
    return instruction(waiting, session) if waiting is not None else None
