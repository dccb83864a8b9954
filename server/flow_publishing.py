"""Judging flows, trying them out, and putting their versions in force."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence

import msgspec

from ivr.core import session as flows
from ivr.core.asking import instruction, waits
from ivr.core.callers import Broken, Version, broken_by
from ivr.core.conversation import Coverage, Ran, coverage, run, run_all
from ivr.core.difference import Change, difference
from ivr.core.document import decode, encode
from ivr.core.nodes import Flow
from ivr.core.problems import Problem
from ivr.core.scope import Known, Signature
from ivr.core.validation import may_publish, validate
from ivr.published import FlowStore, PublishedFlows
from router.core.catalog import LIVE, Catalog
from router.core.commands import PointAlias, PublishFlow
from router.core.events import Rejected
from router.core.model import ContactState
from router.ports import CommandSink, Outcome
from router.replica import Replica

VOICEMAIL = "voicemail"

Recorded = Mapping[str, Collection[str]]
"""The languages of each recording, by its name."""
NEXT = 1 << 31  # stands for the version that a draft may become
_LOOKS = 40  # for a version that is not at hand yet
_BETWEEN_SECONDS = 0.05
_NAMED = 3  # of the callers' problems in one sentence


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
    """``store`` has what was published; ``library`` what is in use; ``connectors`` those there are,
    with what they take and give; ``recordings`` tells which there are now, with their languages.
    """

    def __init__(
        self,
        sink: CommandSink,
        replica: Replica,
        library: PublishedFlows,
        store: FlowStore,
        connectors: Mapping[str, Signature],
        *,
        recordings: Callable[[], Recorded],
    ) -> None:
        self._sink = sink
        self._replica = replica
        self._library = library
        self._store = store
        self.connectors = connectors
        self._recordings = recordings
        self._pointing = asyncio.Lock()  # what is judged is what is there

    async def version(self, flow: str, version: int) -> Flow | None:
        """A published version, None when there is none. Of one that was published just now, those
        who keep it may not have heard yet.
        """
        for _ in range(_LOOKS):
            known = self._library.flow(flow, version)
            if known is not None:
                return known
            source = await self._store.source(flow, version)
            if source is not None:
                return (await asyncio.to_thread(_decoded, source.encode()))[0]
            if not self._is_published(flow, version):
                return None
            await asyncio.sleep(_BETWEEN_SECONDS)
        return None

    def _is_published(self, flow: str, version: int) -> bool:
        known = self._replica.state.flows.get(flow)
        return known is not None and 1 <= version <= known.newest

    async def check(self, document: object) -> tuple[FlowCheck, Flow | None]:
        """The verdict on ``document``, and the flow if it could be read."""
        reading = await asyncio.to_thread(decode, document)
        flow = reading.flow
        if flow is None:
            return _unreadable(reading.problems), None
        newest = self._replica.state.flows.get(flow.id)
        before = await self.version(flow.id, newest.newest) if newest is not None else None
        callers = self._library.standing()
        return await asyncio.to_thread(self._judge, flow, before, callers), flow

    def _judge(self, flow: Flow, before: Flow | None, callers: Sequence[Version]) -> FlowCheck:
        problems = validate(flow, self._known_names(), self._library)
        runs = run_all(flow, self._library) if may_publish(problems) else ()
        passed = all(one.passed for one in runs)
        changes = difference(before, flow) if before is not None else ()
        broken = broken_by(Version(flow=flow, version=NEXT), LIVE, callers, self._library)
        return FlowCheck(
            ok=may_publish(problems) and passed,
            problems=(*(_told(one) for one in problems), *(_told_of_caller(o) for o in broken)),
            tests=tuple(_result(one) for one in runs),
            coverage=coverage(flow, runs) if runs else None,
            changes=tuple(one.sentence for one in changes),
            in_progress=self._in_progress(flow.id),
        )

    def _known_names(self) -> Known:
        return known_names(self._replica.state.catalog, self.connectors, self._recordings())

    def _in_progress(self, flow: str) -> int:
        contacts = self._replica.state.contacts.values()
        return sum(c.flow == flow and c.state is ContactState.IN_FLOW for c in contacts)

    async def publish(
        self, flow: Flow, replaces: int, note: str, *, command: str, by: str
    ) -> Outcome:
        """Add the version after ``replaces``, if that is still the newest. Whoever asks for the
        versions next finds it among them, unless the store is far behind.
        """
        source = await asyncio.to_thread(_encoded, flow)
        outcome = await self._sink.submit(
            PublishFlow(
                id=command, by=by, flow=flow.id, source=source, replaces=replaces, note=note
            )
        )
        for _ in range(0 if isinstance(outcome, Rejected) else _LOOKS):
            if await self._store.source(flow.id, replaces + 1) is not None:
                break
            await asyncio.sleep(_BETWEEN_SECONDS)
        return outcome

    async def point(
        self, flow: str, alias: str, version: int, replaces: int, *, command: str, by: str
    ) -> Outcome:
        """Refused as well when flows that call by this alias would not get on with the version."""
        async with self._pointing:
            document = await self.version(flow, version)
            if document is None and self._is_published(flow, version):
                reason = f"Version {version} of {flow!r} is not at hand: try again in a moment."
                return Rejected(code="not_at_hand", reason=reason)
            refused = None
            if document is not None:
                refused = await self._lacking(document, version) or await self.broken(
                    document, version, alias
                )
            return refused or await self._sink.submit(
                PointAlias(
                    id=command, by=by, flow=flow, alias=alias, version=version, replaces=replaces
                )
            )

    async def _lacking(self, flow: Flow, version: int) -> Rejected | None:
        """Why a version of earlier days would not do any more: what it names may be gone. What
        became of the flows that it calls must not keep a caller from being rolled back.
        """
        found = await asyncio.to_thread(validate, flow, self._known_names())
        errors = [one for one in found if one.severity == "error"]
        if not errors:
            return None
        first = f"{errors[0].what}; {errors[0].fix}"
        more = f" ({len(errors) - 1} more)" if len(errors) > 1 else ""
        reason = f"Version {version} of {flow.id!r} cannot be in force: {first}{more}."
        return Rejected(code="invalid_now", reason=reason)

    async def broken(self, flow: Flow, version: int, alias: str) -> Rejected | None:
        """Why ``alias`` may not point to this version: what its callers would lack."""
        moved, callers = Version(flow=flow, version=version), self._library.standing()
        found = await asyncio.to_thread(broken_by, moved, alias, callers, self._library)
        if not found:
            return None
        reason = f"{alias!r} of {flow.id!r} cannot point to version {version}: {_listed(found)}"
        return Rejected(code="invalid_for_callers", reason=reason)

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


def known_names(
    catalog: Catalog,
    connectors: Mapping[str, Signature] | None,
    recordings: Recorded | None = None,
) -> Known:
    """What flows may name; ``connectors`` or ``recordings`` is None when nobody knows them."""
    boxes = [key for key, one in catalog.entry_points.items() if one.channel == VOICEMAIL]
    return Known(
        queues=catalog.queues.keys(),
        queues_that_call_back=[key for key, one in catalog.queues.items() if one.callback],
        skills=catalog.skills.keys(),
        hours=catalog.hours.keys(),
        agents=catalog.agents.keys(),
        connectors=connectors,
        signatures=connectors or {},
        boxes=boxes,
        recordings=recordings,
        channels=_channels(catalog),
    )


def _channels(catalog: Catalog) -> dict[str, tuple[str, ...]]:
    """By flow, those on which contacts come straight into it."""
    found: dict[str, tuple[str, ...]] = {}
    for one in catalog.entry_points.values():
        if one.flow:
            found[one.flow] = tuple(dict.fromkeys((*found.get(one.flow, ()), one.channel)))
    return found


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


def _told_of_caller(one: Broken) -> ProblemTold:
    """It may be published, but not become what these flows call."""
    what = f"the flow {one.caller!r} calls this one, and there {one.what}"
    return ProblemTold(severity="warning", path=(), node="", what=what, fix=one.fix)


def _listed(found: Sequence[Broken]) -> str:
    told = [f"in {one.caller!r} (version {one.version}) {one.what}" for one in found[:_NAMED]]
    more = f", and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return f"{'; '.join(told)}{more}. Change what calls it and publish that first."


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
