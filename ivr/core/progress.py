"""The turn under way: where the session stands, what is done and passed on the way, what is asked.

What the kinds of nodes do with it is said in ``questions``, ``deeds`` and ``walk``.
"""

from __future__ import annotations

from typing import Any, Final

from msgspec.structs import replace

from ivr.core.asking import Waiting, instruction
from ivr.core.conditions import Where
from ivr.core.facts import Customer, LocalTime, QueueState
from ivr.core.library import Facts
from ivr.core.nodes import Flow, Node
from ivr.core.session import (
    AskText,
    Because,
    Ended,
    Finished,
    Frame,
    Instruction,
    Line,
    Passed,
    Queued,
    Session,
    Turn,
)
from ivr.core.values import MAX_ATTRIBUTES
from ivr.core.words import Words

MAX_UNHEARD: Final = 20  # prompts that somebody who is not present gets in the end
_SENDER: Final = ("mail_from", "name")  # attributes with more about the sender than the address


class Progress:
    """See the module. It is also what conditions are judged by."""

    def __init__(self, session: Session, facts: Facts, at: int) -> None:
        self.session = session
        self.facts = facts
        self.at = at
        self.secrets: dict[str, str] = {}  # that the customer gave in this turn
        self.ahead: str | None = None  # keyed before it was asked for
        self._does: list[Instruction] = []
        self._path: list[Passed] = []
        self._waiting = False
        self._words: dict[Where, Words] = {}

    def turn(self) -> Turn:
        """The turn as a whole, when it is over."""
        self.change(turn=self.session.turn + 1)
        return Turn(
            session=self.session,
            does=tuple(self._does),
            path=tuple(self._path),
            secrets=self.secrets,
        )

    @property
    def is_over(self) -> bool:
        """Whether the turn is: something is waited for, or the flow has ended."""
        return self._waiting or self.session.outcome is not None

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
        return self.facts.hours(hours) or "closed"

    def queue(self, queue: str) -> QueueState | None:
        return self.facts.queue(queue)

    def clock(self) -> LocalTime:
        return self.facts.clock()

    def words(self, where: Where) -> Words:
        if where not in self._words:
            self._words[where] = Words(*self._written(where))
        return self._words[where]

    def _written(self, where: Where) -> tuple[str, ...]:
        given = self.session.attributes
        match where:
            case "subject":
                return (given.get("subject", ""),)
            case "text":
                return self.facts.said()
            case "sender":
                return (self.session.address, *(given.get(name, "") for name in _SENDER))
            case "anywhere":
                short = (*self._written("subject"), *self._written("sender"))
                return (*short, *self._written("text"))

    # -- from node to node --------------------------------------------------------------------

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

    def enter(self) -> None:
        """The session comes to a node."""
        self.change(walked=self.session.walked + 1, since=self.at, silences=0, mistakes=0)

    def leave(self, node: Node, way: str, heard: str = "") -> None:
        """Go by the exit ``way`` to the node it leads to."""
        self.note(exit=way, heard=heard)
        target = node.exits.get(way)
        if target is None and way == "holiday":
            target = node.exits.get("closed")
        if target is None:
            self.give_up("missing_exit")
        else:
            self._stand_at(target)

    def end(self, outcome: Ended) -> None:
        """The flow ends here."""
        self.note()
        if self.session.unheard:
            outcome = replace(outcome, say=(*self.session.unheard, *outcome.say))
        self.change(outcome=outcome, unheard=())

    def give_up(self, because: Because) -> None:
        """The flow cannot go on: a person takes over, if there is a queue for that."""
        queue = self.session.safe_queue
        self.end(Queued(queue=queue, because=because) if queue else Finished(because=because))

    def ask(self, node: Waiting, before: tuple[Line, ...] = ()) -> None:
        """Wait for what ``node`` asks; ``before`` is said first."""
        self.ahead = None
        self._waiting = True
        self._does.append(instruction(node, self.session, before))

    def keep(self, lines: tuple[Line, ...]) -> None:
        """Say this to somebody who is not present: they get it in the end."""
        self.change(unheard=(*self.session.unheard, *lines)[:MAX_UNHEARD])

    def begin_answer(self, text: str) -> None:
        """What was keyed ahead is where the answer to the question just asked begins."""
        asked = self._does[-1]
        if isinstance(asked, AskText) and text.isascii() and text.isdigit():
            self._does[-1] = replace(asked, begun=text)

    # -- the session --------------------------------------------------------------------------

    def _flow(self, frame: Frame) -> Flow | None:
        return self.facts.flow(frame.flow, frame.version)

    def call(self, frame: Frame) -> None:
        """Go into another flow; ``come_back`` leaves it."""
        self.change(frames=(*self.session.frames, frame))

    def come_back(self) -> None:
        self.change(frames=self.session.frames[:-1])

    def change(self, **changes: Any) -> None:  # noqa: ANN401 - replace checks the names
        self.session = replace(self.session, **changes)

    def _stand_at(self, node: str) -> None:
        *callers, frame = self.session.frames
        self.change(frames=(*callers, replace(frame, node=node)))

    def write(self, values: dict[str, str]) -> None:
        """Attributes; beyond what a contact may have, new ones are left out."""
        attributes = dict(self.session.attributes)
        for name, value in values.items():
            if name in attributes or len(attributes) < MAX_ATTRIBUTES:
                attributes[name] = value
        secrets = tuple(name for name in self.session.secrets if name not in values)
        self.change(attributes=attributes, secrets=secrets)
        self._words = {}  # they may be of what was written down

    def note(self, *, exit: str = "", heard: str = "", again: bool = False) -> None:  # noqa: A002
        """One entry of the path: how this node was passed."""
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
                at=self.at,
            )
        )
