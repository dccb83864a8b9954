"""One turn through a flow: from node to node until one waits or the flow has ended.

Whatever the flow, a turn ends: nodes are counted since the customer last answered something that
fits, and who has come too far is put into the safe queue.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any, Final, assert_never

import msgspec
from msgspec.structs import replace

from ivr.core.answers import chosen, collected
from ivr.core.asking import Waiting, instruction
from ivr.core.conditions import holds
from ivr.core.facts import Customer, LocalTime, QueueState
from ivr.core.library import Facts
from ivr.core.nodes import (
    Branch,
    CheckHours,
    Collect,
    Flow,
    HangUp,
    Identify,
    LookUp,
    Menu,
    Node,
    OfferCallback,
    Question,
    Return,
    Say,
    SetValues,
    Split,
    Stage,
    SubFlow,
    ToQueue,
    TransferOut,
    Voicemail,
)
from ivr.core.rendering import fill, said, value_of
from ivr.core.session import (
    AskText,
    Because,
    CallBack,
    ConnectTo,
    Ended,
    Finished,
    Frame,
    Instruction,
    Line,
    Passed,
    Queued,
    Session,
    TakeMessage,
    Turn,
)
from ivr.core.values import MASK, MAX_ATTRIBUTES, MAX_TEXT
from router.core.requirements import ANYONE, Step
from router.text import one_line

STEPS: Final = 250  # nodes without an answer of the customer
DEPTH: Final = 8  # flows inside one another
_HEARD: Final = 100  # characters of an answer that a path keeps


class Walk:
    """The turn under way; see the module. It is also what conditions are judged by."""

    def __init__(self, session: Session, facts: Facts, at: int) -> None:
        self.session = session
        self._facts = facts
        self._at = at
        self._does: list[Instruction] = []
        self._path: list[Passed] = []
        self._secrets: dict[str, str] = {}
        self._ahead: str | None = None  # keyed before it was asked for
        self._waiting = False

    def turn(self) -> Turn:
        self._change(turn=self.session.turn + 1)
        return Turn(
            session=self.session,
            does=tuple(self._does),
            path=tuple(self._path),
            secrets=self._secrets,
        )

    # -- what conditions are judged by --------------------------------------------------------

    @property
    def attributes(self) -> dict[str, str]:
        return self.session.attributes

    @property
    def customer(self) -> Customer | None:
        return self.session.customer

    @property
    def language(self) -> str:
        return self.session.language

    @property
    def channel(self) -> str:
        return self.session.channel

    def hours(self, hours: str) -> str:
        return self._facts.hours(hours) or "closed"

    def queue(self, queue: str) -> QueueState | None:
        return self._facts.queue(queue)

    def clock(self) -> LocalTime:
        return self._facts.clock()

    # -- going on -----------------------------------------------------------------------------

    def here(self) -> Node | None:
        """The node where the session stands; None when it has to end, which it then has."""
        frame = self.session.frames[-1]
        flow = self._flow(frame)
        if flow is None:
            self.give_up("missing_flow")
            return None
        node = flow.nodes.get(frame.node)
        if node is None:
            self.give_up("missing_node")
        return node

    def go_on(self) -> None:
        while self.session.outcome is None and not self._waiting:
            if self.session.walked >= STEPS:
                self.give_up("too_many_steps")
                return
            self._change(walked=self.session.walked + 1, since=self._at, silences=0, mistakes=0)
            node = self.here()
            if node is None:
                return
            way = self._enter(node)
            if way is not None:
                self.leave(node, way)

    def leave(self, node: Node, way: str, heard: str = "") -> None:
        """Go by the exit ``way`` to the node it leads to."""
        self._note(exit=way, heard=heard)
        target = node.exits.get(way)
        if target is None and way == "holiday":
            target = node.exits.get("closed")
        if target is None:
            self.give_up("missing_exit")
        else:
            self._stand_at(target)

    def end(self, outcome: Ended) -> None:
        self._note()
        self._change(outcome=outcome)

    def give_up(self, because: Because) -> None:
        """The flow cannot go on: a person takes over, if there is a queue for that."""
        queue = self.session.safe_queue
        self.end(Queued(queue=queue, because=because) if queue else Finished(because=because))

    def _enter(self, node: Node) -> str | None:
        """The exit by which ``node`` is left at once; None when it waits, ends or calls a flow."""
        match node:
            case Say():
                return self._say(node)
            case OfferCallback() if not self._can_call(node):
                return "impossible"
            case Menu() | Collect() | OfferCallback():
                self._question(node)
            case Identify() | LookUp():
                self._ask(node)
            case CheckHours():
                return self.hours(node.hours)
            case Branch():
                return next((c.name for c in node.cases if holds(c.when, self)), "otherwise")
            case SetValues():
                return self._set(node)
            case Split():
                return self._split(node)
            case SubFlow():
                return self._call(node)
            case Return():
                self._return(node)
            case ToQueue() | Voicemail() | TransferOut() | HangUp():
                self._finish(node)
            case _:
                assert_never(node)
        return None

    # -- questions ----------------------------------------------------------------------------

    def key_ahead(self, text: str) -> None:
        """What was keyed during a prompt answers the question that comes next."""
        self._ahead = text

    def hear(self, node: Question, text: str) -> None:
        """An answer to the question ``node``."""
        match node:
            case Menu():
                key = chosen(node, text)
                if key is None:
                    self._mistaken(node, text)
                else:
                    self._understood(node, key, key)
            case OfferCallback():
                self._hear_callback(node, text)
            case Collect():
                value = collected(node, text)
                if value is None:
                    self._mistaken(node, text)
                else:
                    self._keep(node, value)
                    self._understood(node, "collected", _heard(node, value))

    def silence(self, node: Question) -> None:
        """Nothing was answered in time."""
        if self.session.silences < node.on_silence.times:
            self._change(silences=self.session.silences + 1)
            self._note(again=True)
            self._ask(node, said(node.on_silence.say, self.session))
        else:
            self.leave(node, "declined" if isinstance(node, OfferCallback) else "timeout")

    def _mistaken(self, node: Question, text: str) -> None:
        heard = _heard(node, text)
        if self.session.mistakes < node.on_invalid.times:
            self._change(mistakes=self.session.mistakes + 1)
            self._note(again=True, heard=heard)
            self._ask(node, said(node.on_invalid.say, self.session))
        else:
            self.leave(node, "declined" if isinstance(node, OfferCallback) else "invalid", heard)

    def _understood(self, node: Question, way: str, heard: str) -> None:
        self._change(walked=0)
        self.leave(node, way, heard)

    def _hear_callback(self, node: OfferCallback, text: str) -> None:
        match chosen(node, text):
            case None:
                self._mistaken(node, text)
            case key if key != node.accept:
                self._understood(node, "declined", key)
            case key if not self._can_call(node):
                self._understood(node, "impossible", key)
            case key:
                self._note(heard=key)
                self._change(outcome=self._promise(node))

    def _promise(self, node: OfferCallback) -> CallBack:
        return CallBack(
            queue=node.queue,
            number=value_of(node.number, self.session),
            steps=self.session.steps,
            say=said(node.promised, self.session),
        )

    def _keep(self, node: Collect, value: str) -> None:
        if node.secret:
            self._write({node.into: MASK})
            self._secrets[node.into] = value
            self._change(secrets=tuple(dict.fromkeys((*self.session.secrets, node.into))))
        else:
            self._write({node.into: value})

    def _question(self, node: Question) -> None:
        text, self._ahead = self._ahead, None
        if text is None:
            self._ask(node)
        elif isinstance(node, Collect) and len(text) < node.max_length:
            self._ask(node)
            self._begin_with(text)
        else:
            self.hear(node, text)

    def _begin_with(self, text: str) -> None:
        """What was keyed ahead is where the answer begins."""
        asked = self._does[-1]
        if isinstance(asked, AskText) and text.isascii() and text.isdigit():
            self._does[-1] = replace(asked, begun=text)

    def _ask(self, node: Waiting, before: tuple[Line, ...] = ()) -> None:
        self._ahead = None
        self._waiting = True
        self._does.append(instruction(node, self.session, before))

    def _say(self, node: Say) -> str | None:
        if (self._ahead is not None and node.barge_in) or not said(node.say, self.session):
            return "next"
        self._ask(node)
        return None

    # -- other nodes --------------------------------------------------------------------------

    def identified(self, node: Identify, customers: tuple[Customer, ...]) -> None:
        if len(customers) == 1:
            self._change(customer=customers[0])
        ways = ("not_found", "found", "several")
        self.leave(node, ways[min(len(customers), 2)])

    def looked_up(self, node: LookUp, result: str, answer: Mapping[str, str]) -> None:
        """Of a foreign answer only what the flow takes, each a bounded text on one line."""
        if result == "found":
            taken = {name: answer.get(field, "") for name, field in node.take.items()}
            self._write({name: _bounded(value) for name, value in taken.items() if value})
        self.leave(node, result)

    def _can_call(self, node: OfferCallback) -> bool:
        number = value_of(node.number, self.session)
        queue = self._facts.queue(node.queue)
        return (
            queue is not None
            and queue.calls_back
            and bool(number)
            and node.number not in self.session.secrets
            and self._facts.may_call(number)
        )

    def _set(self, node: SetValues) -> str:
        session = self.session
        self._write({name: _bounded(fill(t, session)) for name, t in node.attributes.items()})
        if node.language is not None:
            self._change(language=node.language)
        if node.credit is not None:
            self._change(boost=node.credit)
        if node.steps is not None:
            self._change(steps=steps_of(node.steps))
        if node.preferred is not None:
            agents = (one_line(fill(text, session)) for text in node.preferred)
            self._change(preferred=tuple(dict.fromkeys(agent for agent in agents if agent)))
        return "next"

    def _split(self, node: Split) -> str:
        """By the contact and the node, in whatever order the shares are written."""
        frame = self.session.frames[-1]
        drawn = share_drawn(self.session.contact, frame.flow, frame.node)
        for name, share in sorted(node.shares.items()):
            drawn -= share
            if drawn < 0:
                return name
        return max(node.shares, default="")

    def _call(self, node: SubFlow) -> str | None:
        version = node.version or self._facts.version(node.flow, node.alias)
        if version is None or len(self.session.frames) >= DEPTH:
            return "failed"
        flow = self._facts.flow(node.flow, version)
        if flow is None or flow.start is None:
            return "failed"
        frame = Frame(flow=node.flow, version=version, node=flow.start)
        self._change(frames=(*self.session.frames, frame))
        return None

    def _return(self, node: Return) -> None:
        if len(self.session.frames) == 1:
            self.give_up("returned_at_the_top")
            return
        self._note(exit=node.by)
        self._change(frames=self.session.frames[:-1])
        caller = self.here()
        if caller is not None:
            self.leave(caller, node.by if node.by in caller.exits else "failed")

    def _finish(self, node: ToQueue | Voicemail | TransferOut | HangUp) -> None:
        say = said(node.say, self.session)
        match node:
            case ToQueue() if self._facts.queue(node.queue) is None:
                self.give_up("missing_queue")
            case ToQueue():
                self.end(
                    Queued(
                        queue=node.queue,
                        steps=self.session.steps if node.steps is None else steps_of(node.steps),
                        announcements=node.announcements,
                        offer_callback=node.offer_callback,
                        say=say,
                    )
                )
            case Voicemail():
                self.end(TakeMessage(box=node.box, say=say))
            case TransferOut():
                self.end(ConnectTo(number=node.number, say=say))
            case HangUp():
                self.end(Finished(say=say))

    # -- the session --------------------------------------------------------------------------

    def _flow(self, frame: Frame) -> Flow | None:
        return self._facts.flow(frame.flow, frame.version)

    def _change(self, **changes: Any) -> None:  # noqa: ANN401 - replace checks the names
        self.session = replace(self.session, **changes)

    def _stand_at(self, node: str) -> None:
        *callers, frame = self.session.frames
        self._change(frames=(*callers, replace(frame, node=node)))

    def _write(self, values: dict[str, str]) -> None:
        """Attributes; beyond what a contact may have, new ones are left out."""
        attributes = dict(self.session.attributes)
        for name, value in values.items():
            if name in attributes or len(attributes) < MAX_ATTRIBUTES:
                attributes[name] = value
        secrets = tuple(name for name in self.session.secrets if name not in values)
        self._change(attributes=attributes, secrets=secrets)

    def _note(self, *, exit: str = "", heard: str = "", again: bool = False) -> None:  # noqa: A002
        frame = self.session.frames[-1]
        self._path.append(
            Passed(
                flow=frame.flow,
                version=frame.version,
                node=frame.node,
                exit=exit,
                heard=heard,
                again=again,
                depth=len(self.session.frames),
                at=self._at,
            )
        )


def steps_of(stages: tuple[Stage, ...]) -> tuple[Step, ...]:
    return tuple(Step(condition=one.ask or ANYONE, lasts=one.lasts) for one in stages)


def share_drawn(contact: str, flow: str, node: str) -> int:
    """A number from 0 to 99 that is as good as random, and always the same for the same."""
    told = msgspec.json.encode((contact, flow, node))
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big") % 100


def _heard(node: Question, text: str) -> str:
    if isinstance(node, Collect) and node.secret:
        return MASK
    return one_line(text[:_HEARD])


def _bounded(text: str) -> str:
    return one_line(text[: 2 * MAX_TEXT])[:MAX_TEXT]
