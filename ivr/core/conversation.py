"""Flow tests: scripted conversations held with the interpreter, in a world that is made up.

Prompts are heard to their end at once; whom looking for a customer finds and what other systems
answer is given by the script.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

import msgspec

from ivr.core.facts import UNATTENDED, LocalTime, Opening, QueueState
from ivr.core.interpreter import advance, begin
from ivr.core.library import Library
from ivr.core.nodes import Flow, name_of
from ivr.core.problems import quoted
from ivr.core.script import Act, Caller, Conversation, Expected, Given, Result
from ivr.core.session import (
    Answered,
    AskChoice,
    AskSystem,
    AskText,
    CallBack,
    ConnectTo,
    Ended,
    Event,
    FindCustomer,
    Finished,
    HungUp,
    Identified,
    Left,
    Line,
    LookedUp,
    Passed,
    Play,
    Played,
    Queued,
    Session,
    TakeMessage,
    TimedOut,
    Turn,
)
from router.core.durations import SECOND

DRAFT = 0  # the version number of the flow under test
MOST_PASSED = 5_000  # nodes in one test, as many as a path may name
MOST_IN_ALL = 100_000  # in those of a flow: they are run at every change of it


_TOO_LONG = (
    f"It passes too many nodes: keep to {MOST_PASSED} in a test and {MOST_IN_ALL} in all tests."
)


class Ran(msgspec.Struct, frozen=True, kw_only=True):
    """How one conversation went. ``differs`` is one sentence, empty when all was as expected."""

    name: str
    session: Session
    path: tuple[Passed, ...]
    heard: tuple[Line, ...]
    differs: str = ""

    @property
    def passed(self) -> bool:
        return not self.differs


class Coverage(msgspec.Struct, frozen=True, kw_only=True):
    """What a set of conversations went through of a flow, and what none did."""

    nodes: int
    nodes_walked: int
    exits: int
    exits_walked: int
    missed_nodes: tuple[str, ...]
    missed_exits: tuple[tuple[str, str], ...]  # (node, exit)


def run_all(flow: Flow, library: Library | None = None) -> tuple[Ran, ...]:
    """Every test of ``flow``. ``library`` has the flows that it calls."""
    runs: list[Ran] = []
    left = MOST_IN_ALL
    for one in flow.tests:
        runs.append(run(one, flow, library, most=min(MOST_PASSED, left)))
        left = max(left - len(runs[-1].path), 0)
    return tuple(runs)


def run(
    conversation: Conversation,
    flow: Flow,
    library: Library | None = None,
    *,
    most: int = MOST_PASSED,
) -> Ran:
    """``most``: nodes that it may pass, and a turn's more, before it is broken off."""
    return _Stage(conversation, flow, library, most).play()


def coverage(flow: Flow, runs: Iterable[Ran]) -> Coverage:
    walked: set[str] = set()
    ways: set[tuple[str, str]] = set()
    for ran in runs:
        ours = [one for one in ran.path if one.flow == flow.id and one.version == DRAFT]
        walked.update(one.node for one in ours)
        walked.update(one.node for one in ran.session.frames if one.flow == flow.id)
        ways.update((one.node, one.exit) for one in ours)
    exits = [(key, way) for key, node in flow.nodes.items() for way in node.exits]
    missed = tuple(key for key in flow.nodes if key not in walked)
    missed_exits = tuple(one for one in exits if one not in ways)
    return Coverage(
        nodes=len(flow.nodes),
        nodes_walked=len(flow.nodes) - len(missed),
        exits=len(exits),
        exits_walked=len(exits) - len(missed_exits),
        missed_nodes=missed,
        missed_exits=missed_exits,
    )


class _World:
    """The facts that a script gives."""

    def __init__(
        self, given: Given, said: tuple[str, ...], flow: Flow, library: Library | None
    ) -> None:
        self.given = given
        self._said = said
        self._flow = flow
        self._library = library

    def hours(self, hours: str) -> Opening | None:
        return self.given.hours.get(hours, "open")

    def queue(self, queue: str) -> QueueState | None:
        return self.given.queues.get(queue, QueueState())

    def clock(self) -> LocalTime:
        return self.given.time or LocalTime()

    def said(self) -> tuple[str, ...]:
        return self._said

    def may_call(self, number: str) -> bool:
        return self.given.may_call and bool(number)

    def flow(self, flow: str, version: int) -> Flow | None:
        if (flow, version) == (self._flow.id, DRAFT):
            return self._flow
        return None if self._library is None else self._library.flow(flow, version)

    def version(self, flow: str, alias: str) -> int | None:
        if flow == self._flow.id:
            return DRAFT
        return None if self._library is None else self._library.version(flow, alias)


class _Stage:
    """One conversation under way."""

    def __init__(
        self, script: Conversation, flow: Flow, library: Library | None, most: int
    ) -> None:
        self._script = script
        self._flow = flow
        self._most = most
        self._world = _World(script.given, script.caller.said, flow, library)
        self._path: list[Passed] = []
        self._heard: list[Line] = []
        self._at = 0

    def play(self) -> Ran:
        caller = self._script.caller
        turn = begin(
            self._flow.id,
            DRAFT,
            contact=caller.contact,
            channel=caller.channel,
            facts=self._world,
            at=self._at,
            address=caller.address,
            language=caller.language or "",
            attributes=_given_attributes(caller),
            customer=caller.customer,
            present=caller.channel not in UNATTENDED if caller.present is None else caller.present,
        )
        session = self._settle(turn)
        for number, act in enumerate(self._script.acts, start=1):
            if len(self._path) >= self._most:
                return self._ran(session, _TOO_LONG)
            if session.outcome is not None and act.meanwhile is None:
                return self._ran(session, f"Step {number} comes too late: {_ended(session)}.")
            session = self._act(session, act)
        return self._ran(session, self._difference(session))

    def _act(self, session: Session, act: Act) -> Session:
        if act.meanwhile is not None:
            self._world.given = act.meanwhile
            return session
        if act.hang_up:
            return self._settle(self._advance(session, HungUp()))
        if act.silence:
            return self._settle(self._advance(session, TimedOut(turn=session.turn)))
        event = Answered(turn=session.turn, text=act.answer or "")
        return self._settle(self._advance(session, event))

    def _settle(self, turn: Turn) -> Session:
        """Until it asks something or has ended. It does: every flow's turns are counted."""
        while True:
            self._path += turn.path
            for instruction in turn.does:
                self._heard += instruction.say
            if turn.session.outcome is not None:
                self._heard += turn.session.outcome.say
            event = self._reaction(turn)
            if event is None:
                return turn.session
            turn = self._advance(turn.session, event)

    def _reaction(self, turn: Turn) -> Event | None:
        number = turn.session.turn
        if not turn.does:
            return None
        instruction = turn.does[-1]
        match instruction:
            case Play():
                return Played(turn=number)
            case FindCustomer():
                return Identified(turn=number, customers=self._world.given.identified)
            case AskSystem():
                system = self._world.given.systems.get(instruction.connector)
                if system is None:
                    return TimedOut(turn=number)
                return LookedUp(turn=number, result=system.result, answer=system.answer)
            case AskChoice() | AskText():
                return None
            case _:
                assert_never(instruction)

    def _advance(self, session: Session, event: Event) -> Turn:
        self._at += SECOND
        return advance(session, event, self._world, self._at)

    def _ran(self, session: Session, differs: str) -> Ran:
        return Ran(
            name=self._script.name,
            session=session,
            path=tuple(self._path),
            heard=tuple(self._heard),
            differs=differs,
        )

    def _difference(self, session: Session) -> str:
        expected = self._script.expect
        return next(
            (
                sentence
                for sentence in (
                    _trouble(session),
                    _other_end(expected, session),
                    self._other_path(expected, session),
                    _other_values(expected, session),
                    self._not_heard(expected),
                )
                if sentence
            ),
            "",
        )

    def _other_path(self, expected: Expected, session: Session) -> str:
        if expected.path is None:
            return ""
        walked = list(self._walked(session))
        for number, (wanted, node) in enumerate(zip(expected.path, walked, strict=False), start=1):
            if wanted != node:
                return f"Node {number} of its path is {self._name(node)}, not {quoted(wanted)}."
        if len(walked) > len(expected.path):
            after = self._name(walked[len(expected.path)])
            return f"Its path goes on to {after}, where it should have ended."
        if len(walked) < len(expected.path):
            return f"Its path never comes to {self._name(expected.path[len(walked)])}."
        return ""

    def _walked(self, session: Session) -> Iterator[str]:
        yield from (one.node for one in self._path if one.depth == 1 and not one.again)
        if session.outcome is None:
            yield session.frames[0].node

    def _name(self, key: str) -> str:
        node = self._flow.nodes.get(key)
        return quoted(key if node is None else name_of(key, node))

    def _not_heard(self, expected: Expected) -> str:
        said = iter([f"{line.text} {line.audio}" for line in self._heard])
        for wanted in expected.hears:
            if not any(wanted in one for one in said):
                return f"The customer never hears {quoted(wanted)}, or not in this order."
        return ""


def _given_attributes(caller: Caller) -> dict[str, str]:
    return {"subject": caller.subject, **caller.attributes} if caller.subject else caller.attributes


def _trouble(session: Session) -> str:
    outcome = session.outcome
    if outcome is None or not outcome.because:
        return ""
    why = outcome.because.replace("_", " ")
    return f"The flow cannot go on at node {quoted(session.node)}: {why}."


def _other_end(expected: Expected, session: Session) -> str:
    result, where = result_of(session.outcome)
    place = where if session.outcome is not None else session.frames[0].node
    wrong = expected.ends is not None and expected.ends != result
    elsewhere = expected.at is not None and expected.at != place
    if not wrong and not elsewhere:
        return ""
    wanted = " ".join(one for one in (expected.ends, expected.at and quoted(expected.at)) if one)
    return f"Expected was {wanted}, but {_ended(session)}."


def _other_values(expected: Expected, session: Session) -> str:
    for name, wanted in expected.attributes.items():
        value = session.attributes.get(name, "")
        if value != wanted:
            return f"Attribute {quoted(name)} is {quoted(value)}, not {quoted(wanted)}."
    if expected.language is not None and expected.language != session.language:
        return f"The language is {quoted(session.language)}, not {quoted(expected.language)}."
    return ""


def _ended(session: Session) -> str:
    result, where = result_of(session.outcome)
    match result:
        case "waiting":
            return f"it waits at node {quoted(session.node)}"
        case "left":
            return "the customer has hung up"
        case "hang_up":
            return "the flow has hung up"
        case "queue" | "callback" | "voicemail" | "transfer":
            return f"it ended in {result} {quoted(where)}"
        case _:
            assert_never(result)


def result_of(outcome: Ended | None) -> tuple[Result, str]:
    """How it ended and where: the queue, the box, the number."""
    match outcome:
        case None:
            return "waiting", ""
        case Queued():
            return "queue", outcome.queue
        case CallBack():
            return "callback", outcome.queue
        case TakeMessage():
            return "voicemail", outcome.box
        case ConnectTo():
            return "transfer", outcome.number
        case Finished():
            return "hang_up", ""
        case Left():
            return "left", ""
