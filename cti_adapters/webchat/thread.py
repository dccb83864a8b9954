"""One chat as its visitor sees it: a fold over the contact's events, with nothing internal in it.

Events that were already folded are skipped by their number, so a journal that is replayed
neither doubles a line nor takes the chat back to an earlier state.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable

from cti_adapters.webchat.messages import ChatStatus, Line, LineAdded, Prompt, StatusChanged
from router.core import events as e
from router.core.catalog import ToMessage
from router.core.flows import CAUSE as BY_FLOW
from router.core.model import Contact, ContactState, Message
from router.quotes import Quote

WAITING, TALKING, ENDED, MESSAGE_TAKEN = "waiting", "talking", "ended", "message_taken"
IN_FLOW = "in_flow"
FLOW_LINE = "flow/"  # begins the ids of what a flow says, so that pages can tell it from notes

NameOf = Callable[[str], str]
Change = LineAdded | StatusChanged

_STATES = {
    ContactState.CONNECTED: TALKING,
    ContactState.HELD: TALKING,
    ContactState.WRAPPING: ENDED,
    ContactState.COMPLETED: ENDED,
    ContactState.ABANDONED: ENDED,
    ContactState.TRANSFERRED: ENDED,
    ContactState.OVERFLOWED: MESSAGE_TAKEN,
}


class Thread:
    """``name_of`` turns an agent's id into what customers may call them."""

    def __init__(self, name_of: NameOf) -> None:
        self._name_of = name_of
        self.sequence = 0
        self.state = WAITING
        self.agent_name = ""
        self.closing = ""
        self.last_words = ""  # of the flow, should the chat end with it
        self.prompt: Prompt | None = None  # of the flow
        self.lines: list[Line] = []
        self.ids: set[str] = set()
        self.said = 0  # lines of the visitor …
        self.characters = 0  # … and how long they are together
        self.quote: Quote | None = None

    @classmethod
    def of(cls, contact: Contact, name_of: NameOf) -> Thread:
        """The thread of a contact that was already under way."""
        thread = cls(name_of)
        thread.sequence = contact.sequence
        thread.state = _state_of(contact)
        thread.agent_name = name_of(contact.agent) if thread.state == TALKING else ""
        for message in contact.messages:
            thread._add(message)
        return thread

    @property
    def over(self) -> bool:
        return self.state in (ENDED, MESSAGE_TAKEN)

    def status(self) -> ChatStatus:
        quote = self.quote if self.state == WAITING else None
        return ChatStatus(
            state=self.state,
            position=quote.position if quote else 0,
            wait_low=quote.low if quote else None,
            wait_high=quote.high if quote else None,
            agent_name=self.agent_name,
            text=self.closing,
            prompt=self.prompt,
        )

    def apply(self, event: e.ContactEvent) -> Change | None:
        """Fold one event; what the visitor is to be told, if anything."""
        if event.sequence <= self.sequence:
            return None
        self.sequence = event.sequence
        if isinstance(event, e.MessagePosted):
            return self._line_added(event.message)
        before = self.status()
        self._follow(event)
        after = self.status()
        return None if after == before else StatusChanged(n=0, status=after)

    def ask(self, prompt: Prompt | None) -> StatusChanged | None:
        """Show what the flow asks; None when it looks the same or the flow is over."""
        if self.state != IN_FLOW or prompt == self.prompt:
            return None
        self.prompt = prompt
        return StatusChanged(n=0, status=self.status())

    def shows(self, lines: Iterable[str]) -> bool:
        """Whether these messages of the flow are all there."""
        return self.ids.issuperset(lines)

    def requote(self, quote: Quote | None) -> StatusChanged | None:
        """Show another position and wait; None when it looks the same."""
        before = self.status()
        self.quote = quote
        after = self.status()
        return None if after == before else StatusChanged(n=0, status=after)

    def _follow(self, event: e.ContactEvent) -> None:
        match event:
            case e.FlowAdvanced():
                self._move(IN_FLOW)
            case e.OfferAccepted() | e.HolderChanged():
                self._move(TALKING, event.agent)
            case e.AgentJoined() if event.role == "holder":
                self._move(TALKING, event.agent)
            case e.Enqueued() | e.Returned() | e.CallbackPromised() | e.CallbackResumed():
                self._move(WAITING)
            case e.TransferredOut() if self.state == IN_FLOW:
                self.closing = self.last_words
                self._move(ENDED)
            case e.ContactEnded() | e.Abandoned() | e.TransferredOut() | e.Completed():
                self._move(ENDED)
            case e.Overflowed(cause=cause) if cause == BY_FLOW:
                self._end_with_flow(event)
            case e.Overflowed():
                self.closing = event.to.text if isinstance(event.to, ToMessage) else ""
                self._move(MESSAGE_TAKEN)
            case _:
                pass

    def _end_with_flow(self, event: e.Overflowed) -> None:
        """A goodbye is an end; who was sent to leave a message has: the thread is kept."""
        goodbye = event.to.text if isinstance(event.to, ToMessage) else ""
        self.closing = goodbye or self.last_words
        self._move(ENDED if isinstance(event.to, ToMessage) else MESSAGE_TAKEN)

    def _move(self, state: str, agent: str = "") -> None:
        self.prompt = None  # it belonged to the turn that is over
        if state == WAITING and self.state != WAITING:
            self.quote = None  # another queue, another promise
        self.state = state
        self.agent_name = self._name_of(agent) if agent else ""

    def _line_added(self, message: Message) -> LineAdded | None:
        line = self._add(message)
        return None if line is None else LineAdded(n=0, line=line)

    def _add(self, message: Message) -> Line | None:
        line_id = _shown_id(message)
        if line_id in self.ids:
            return None
        self.ids.add(line_id)
        if message.author == "customer":
            self.said += 1
            self.characters += len(message.text)
        line = Line(
            id=line_id,
            author=message.author,
            text=message.text,
            at=message.at,
            name=self._name_of(message.agent) if message.agent else "",
            files=message.files,
        )
        self.lines.append(line)
        return line


def _shown_id(message: Message) -> str:
    """Visitors know their own ids, and a flow's are its turns. An agent's begin with who the agent
    is, often their sign-in.
    """
    of_flow = message.author == "system" and message.id.startswith(FLOW_LINE)
    if of_flow or message.author == "customer":
        return message.id
    return "~" + hashlib.sha256(message.id.encode()).hexdigest()[:24]  # "~": no visitor's id has it


def _state_of(contact: Contact) -> str:
    """Every contact passes the state in_flow; one whose flow took a turn is talked with there."""
    if contact.state is ContactState.IN_FLOW and contact.flow_turn:
        return IN_FLOW
    return _STATES.get(contact.state, WAITING)
