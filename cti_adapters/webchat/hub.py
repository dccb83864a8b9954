"""The chat channel: one contact for each visitor, any number of tabs on it.

What visitors see comes from the journal alone (``handle``), so a line is shown when it is kept
and every tab shows the same. Grace times, estimates, announcements, silence in flows and old
transcripts are looked after by one sweeper for all chats.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from cti_adapters.webchat import tokens
from cti_adapters.webchat.announcer import Announcer
from cti_adapters.webchat.chat import Chat, Since, Tab
from cti_adapters.webchat.connection import ChatConnection
from cti_adapters.webchat.messages import AgentTyping, LineAdded, Reply, Session
from cti_adapters.webchat.prompter import Prompter
from cti_adapters.webchat.quoter import Quoter
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused
from cti_adapters.webchat.thread import IN_FLOW, WAITING, Thread
from router.core.commands import Abandon, EndContact
from router.core.events import ContactEvent, Entry, FlowAdvanced, Rejected
from router.limits import Bucket, Buckets, Tally, source_of
from router.ports import (
    ChannelAdapter,
    Clock,
    CommandSink,
    ContactIntake,
    FlowRunner,
    JournalUnavailable,
    NoFlows,
    Overloaded,
)
from router.replica import Replica

CHANNEL = "chat"
SWEEP_EVERY = 1.0  # seconds
TOO_MANY = "Too many connections come from here; close some chats and try again."

OnTyping = Callable[[str, bool], None]

log = logging.getLogger(__name__)


def _nobody(_contact: str, _typing: bool) -> None:  # noqa: FBT001 -- the shape of OnTyping
    return None


class ChatHub(ChannelAdapter):
    """See the module. ``on_visitor_typing`` is set by whoever shows it to the agent."""

    name = CHANNEL

    def __init__(
        self,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        clock: Clock,
        settings: ChatSettings,
        *,
        flows: FlowRunner | None = None,
    ) -> None:
        self.sink = sink
        self.intake = intake
        self.flows = flows or NoFlows()
        self.settings = settings
        self._clock = clock
        self.on_visitor_typing: OnTyping = _nobody
        self._replica = replica
        self._chats: dict[str, Chat] = {}
        self._gone = Since()  # live chats that nobody looks at
        self._over = Since()  # ended chats that can still be read
        self._agents_typing: dict[str, int] = {}  # contact to when its agent last typed
        self._tabs: set[Tab] = set()
        self._connected = Tally()
        self._live = Tally()
        self._source_frames = Buckets(settings.source_frames)
        self._source_connections = Buckets(settings.source_connections)
        self._source_starts = Buckets(settings.source_starts)
        self._quoter = Quoter(replica, settings.refresh)
        self._announcer = Announcer(sink, replica)
        self._prompter = Prompter(sink, self.flows, replica, clock, self._chats)
        self._sweeper: asyncio.Task[None] | None = None

    def now(self) -> int:
        return self._clock.now()

    # -- the channel --------------------------------------------------------------------------

    async def start(self) -> None:
        """Take up the chats that were under way; their visitors have the grace time to return."""
        for contact in self._replica.state.contacts:
            if tokens.is_ours(contact):
                self.find(contact)
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    async def stop(self) -> None:
        if self._sweeper is not None:
            self._sweeper.cancel()
            await asyncio.gather(self._sweeper, return_exceptions=True)
            self._sweeper = None
        await self._prompter.stop()
        for tab in list(self._tabs):
            tab.close()

    async def handle(self, entry: Entry) -> None:
        for event in entry.events:
            if isinstance(event, ContactEvent):
                chat = self._chats.get(event.contact)
                if chat is not None:
                    self._happened(chat, event)

    def _happened(self, chat: Chat, event: ContactEvent) -> None:
        was_over = chat.thread.over
        change = chat.thread.apply(event)
        if isinstance(event, FlowAdvanced):
            self._prompter.advanced(chat, event)
        if change is None:
            return
        if isinstance(change, LineAdded) and change.line.author == "agent":
            self.agent_typing(chat.contact, typing=False)
        chat.tell(change)
        if chat.thread.over and not was_over:
            self._ended(chat)
        elif chat.thread.state == WAITING:
            self._quoter.soon(chat.contact)
        elif chat.thread.state == IN_FLOW:
            self._prompter.look(chat)

    def _ended(self, chat: Chat) -> None:
        self._over.add(chat.contact, self.now())
        self._gone.discard(chat.contact)
        self._agents_typing.pop(chat.contact, None)
        self._prompter.forget(chat.contact)
        self._live.remove(chat.source)

    # -- connections --------------------------------------------------------------------------

    def connect(self, source: str = "") -> ChatConnection:
        """A connection from the address ``source``. One too many is closed from the start."""
        connection = ChatConnection(self, source_of(source))
        self._tabs.add(connection)
        self._connected.add(connection.source)
        if not self._may_connect(connection.source):
            connection.reply(
                Reply(n=0, to="", ok=False, code="too_many_connections", reason=TOO_MANY)
            )
            connection.close()
        return connection

    def disconnected(self, tab: Tab) -> None:
        """Called by a connection before it counts as closed."""
        if not tab.closed:
            self._tabs.discard(tab)
            self._connected.remove(tab.source)
            self._detach(tab)

    def attach(self, tab: Tab, chat: Chat) -> None:
        """Show ``chat`` on ``tab``, from a fresh session on. Raises ``Refused``."""
        if tab.closed:
            return
        if tab.chat is not chat:
            if len(chat.tabs) >= self.settings.tabs:
                raise Refused("too_many_tabs")
            self._detach(tab)
            tab.chat = chat
            self._quoter.quote(chat, self.now())
            chat.tabs.append(tab)
            self._gone.discard(chat.contact)
        tab.refresh()

    def _detach(self, tab: Tab) -> None:
        chat, tab.chat = tab.chat, None
        if chat is None:
            return
        chat.tabs.remove(tab)
        if not chat.tabs and not chat.thread.over:
            self.visitor_typing(chat, typing=False)
            self._gone.add(chat.contact, self.now())

    def _may_connect(self, source: str) -> bool:
        return (
            self._connected.of(source) <= self.settings.connections_per_source
            and self._connected.total <= self.settings.connections
            and self._source_connections.take(source, self.now())
        )

    def source_may_send(self, source: str) -> bool:
        return self._source_frames.take(source, self.now())

    # -- chats --------------------------------------------------------------------------------

    def find(self, contact: str) -> Chat | None:
        """The chat of ``contact``, also one that this process has not seen yet."""
        chat = self._chats.get(contact)
        live = self._replica.state.contacts.get(contact)
        if chat is None and live is not None and live.channel == CHANNEL:
            chat = self._add(contact, "", Thread.of(live, self._name_of))
        return chat

    def open(self, contact: str, source: str) -> Chat:
        """A chat about to arrive. Raises ``Refused`` when there are too many."""
        if not self._source_starts.take(source, self.now()):
            raise Refused("too_fast")
        full = self._live.total >= self.settings.chats
        if full or self._live.of(source) >= self.settings.chats_per_source:
            raise Refused("too_many_chats")
        chat = self._add(contact, source, Thread(self._name_of))
        chat.opening = True
        return chat

    def opened(self, chat: Chat) -> None:
        """The visitor's first words are there."""
        chat.opening = False
        if chat.thread.state == IN_FLOW:
            self._prompter.soon(chat.contact)

    def forget_unless_arrived(self, chat: Chat) -> None:
        if chat.thread.sequence == 0 and self._chats.pop(chat.contact, None) is not None:
            self._gone.discard(chat.contact)
            self._live.remove(chat.source)

    def session(self, chat: Chat) -> Session:
        return Session(
            n=0,
            token=tokens.sign(self.settings.secret, chat.contact),
            at=self.now(),
            status=chat.thread.status(),
            lines=tuple(chat.thread.lines),
        )

    def text_of(self, chat: Chat, message: str) -> str | None:
        """What the kept thread has under this id, None when it is not there."""
        live = self._replica.state.contacts.get(chat.contact)
        kept = () if live is None else live.messages
        return next((one.text for one in kept if one.id == message), None)

    async def give_up(self, chat: Chat) -> None:
        """The visitor has left. Raises ``Overloaded`` or ``JournalUnavailable``."""
        if chat.thread.over:
            return
        contact, number = chat.contact, chat.thread.sequence
        abandon = Abandon(id=f"{contact}/abandon/{number}", by=CHANNEL, contact=contact)
        end = EndContact(
            id=f"{contact}/end/{number}", by=CHANNEL, contact=contact, ended_by="customer"
        )
        # An agent may answer, or give the chat back, in the same moment: then it is the other.
        unanswered = chat.thread.state in (IN_FLOW, WAITING)
        first, second = (abandon, end) if unanswered else (end, abandon)
        if isinstance(await self.sink.submit(first), Rejected):
            await self.sink.submit(second)

    def _add(self, contact: str, source: str, thread: Thread) -> Chat:
        """Nobody looks at it yet: whoever does not come within the grace time has gone."""
        chat = Chat(contact, source, thread, Bucket(self.settings.lines, self.now()))
        self._chats[contact] = chat
        if thread.over:
            self._over.add(contact, self.now())
        else:
            self._gone.add(contact, self.now())
            self._live.add(source)
        if thread.state == IN_FLOW:
            self._prompter.soon(contact)
        return chat

    def _name_of(self, agent: str) -> str:
        definition = self._replica.state.catalog.agents.get(agent)
        if definition is None:
            return ""
        return definition.public_name or next(iter(definition.name.split()), "")

    # -- typing -------------------------------------------------------------------------------

    def agent_typing(self, contact: str, typing: bool) -> None:  # noqa: FBT001 -- the desk's call
        """The desk says whether the agent is typing."""
        chat = self._chats.get(contact)
        if chat is None or chat.thread.over:
            return
        was_typing = contact in self._agents_typing
        if typing:
            self._agents_typing[contact] = self.now()
        else:
            self._agents_typing.pop(contact, None)
        if typing != was_typing:
            chat.tell(AgentTyping(n=0, typing=typing))

    def visitor_typing(self, chat: Chat, *, typing: bool) -> None:
        if chat.visitor_typing(typing=typing, at=self.now()):
            self.on_visitor_typing(chat.contact, typing)

    # -- the sweeper --------------------------------------------------------------------------

    async def _sweep_for_ever(self) -> None:
        while True:
            await asyncio.sleep(SWEEP_EVERY)
            try:
                await self.sweep()
            except (Overloaded, JournalUnavailable):
                log.warning("the engine is busy; chats are swept again in a moment")
            except Exception:
                log.exception("sweeping the chats failed; it is tried again")

    async def sweep(self) -> None:
        """Do what is due now. Raises ``Overloaded`` or ``JournalUnavailable``: call again."""
        at = self.now()
        self._quoter.go_on(self._chats, at)
        self._prompter.go_on(at)
        for contact, typed in list(self._agents_typing.items()):
            if at - typed >= self.settings.typing_for:
                self.agent_typing(contact, typing=False)
        for contact in self._over.older_than(at, self.settings.transcript_for, self.settings.chats):
            self._forget(contact)
        for contact in self._gone.older_than(at, self.settings.grace):
            await self._give_up_gone(contact)
        await self._announcer.go_on(list(self._chats), at)

    def _forget(self, contact: str) -> None:
        self._over.discard(contact)
        chat = self._chats.pop(contact, None)
        for tab in list(chat.tabs) if chat else ():
            tab.close()

    async def _give_up_gone(self, contact: str) -> None:
        chat = self._chats.get(contact)
        live = self._replica.state.contacts.get(contact)
        if chat is not None and live is not None:
            if not (live.flow_turn and live.callback):  # whom a flow promised a call may go
                await self.give_up(chat)
        elif chat is not None:
            self.forget_unless_arrived(chat)
        self._gone.discard(contact)
