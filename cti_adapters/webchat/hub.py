"""The chat channel: one contact for each visitor, any number of tabs on it.

What visitors see comes from the journal alone (``handle``), so a line is shown when it is kept
and every tab shows the same. Grace times, estimates, announcements, silence in flows and old
transcripts are looked after by one sweeper for all chats.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator

from cti_adapters.webchat import tokens
from cti_adapters.webchat.admission import Admission
from cti_adapters.webchat.announcer import Announcer
from cti_adapters.webchat.attention import Attention
from cti_adapters.webchat.chat import Chat, Since, Tab
from cti_adapters.webchat.connection import ChatConnection
from cti_adapters.webchat.filing import Filing
from cti_adapters.webchat.mailing import Mailer
from cti_adapters.webchat.messages import (
    FilesTaken,
    LineAdded,
    Reply,
    Session,
)
from cti_adapters.webchat.opening import CHANNEL
from cti_adapters.webchat.presence import Presence
from cti_adapters.webchat.prompter import Prompter
from cti_adapters.webchat.questions import Left, Questions
from cti_adapters.webchat.quoter import Quoter
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.sharing import Sharing
from cti_adapters.webchat.speaking import Refused
from cti_adapters.webchat.thread import IN_FLOW, WAITING, Thread
from cti_adapters.webchat.vouching import Vouching
from cti_adapters.webchat.whereabouts import Whereabouts
from router.core.commands import Abandon, EndContact
from router.core.events import (
    ContactArrived,
    ContactEvent,
    Entry,
    FlowAdvanced,
    HolderChanged,
    OfferAccepted,
    Rejected,
)
from router.elsewhere import Elsewhere, Nowhere
from router.files import Files, MemoryFiles
from router.limits import source_of
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
from router.tasks import end

SWEEP_EVERY = 1.0  # seconds
TOO_MANY = "Too many connections come from here; close some chats and try again."

log = logging.getLogger(__name__)


class ChatHub(ChannelAdapter):
    """See the module. What it is asked beside chats themselves is answered by its parts:
    ``presence``, ``attention``, ``whereabouts``, ``sharing``, ``questions`` and ``mailer``.
    """

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
        files: Files | None = None,
        elsewhere: Elsewhere | None = None,
        in_charge: Callable[[], bool] = lambda: True,
    ) -> None:
        self.sink = sink
        self.intake = intake
        self.flows = flows or NoFlows()
        self.settings = settings
        self._clock = clock
        self.questions = Questions(sink, intake, replica, clock, settings)
        self.mailer = Mailer(sink, clock, settings, self._name_of)
        self._replica = replica
        self._chats: dict[str, Chat] = {}
        self._over = Since()  # ended chats that can still be read
        self._tabs: set[Tab] = set()
        self.presence = Presence(settings, elsewhere or Nowhere(), in_charge)
        self.attention = Attention(self._chats, clock, settings)
        self.whereabouts = Whereabouts(self._chats, sink, clock)
        self.filing = Filing(files or MemoryFiles(), sink, settings)
        self.sharing = Sharing(self.filing, replica, clock, settings)
        self.vouching = Vouching(settings.site_secrets, clock)
        self._admission = Admission(settings)
        self._quoter = Quoter(replica, settings.refresh)
        self._announcer = Announcer(sink, replica)
        self._prompter = Prompter(
            sink, self.flows, replica, clock, chats=self._chats, is_ours=self.presence.is_ours
        )
        self._sweeper: asyncio.Task[None] | None = None

    def now(self) -> int:
        return self._clock.now()

    # -- the channel --------------------------------------------------------------------------

    async def start(self) -> None:
        if self.presence.in_charge():
            self.take_up()
        self._sweeper = asyncio.create_task(self._sweep_for_ever())

    def take_up(self) -> None:
        """The chats that were under way; their visitors have the grace time to return."""
        for contact in self._replica.state.contacts:
            if tokens.is_ours(contact):
                self.find(contact)

    def chats_here(self) -> Iterator[str]:
        """Contacts whose visitor has a page open here."""
        return (chat.contact for chat in self._chats.values() if chat.tabs)

    async def stop(self) -> None:
        if self._sweeper is not None:
            await end(self._sweeper)
            self._sweeper = None
        await self._prompter.stop()
        self.close_pages()

    def close_pages(self) -> None:
        """End every connection; pages connect again by themselves."""
        for tab in list(self._tabs):
            tab.close()

    def handle(self, entry: Entry) -> None:
        for event in entry.events:
            if isinstance(event, ContactEvent):
                chat = self._chats.get(event.contact) or self._looked_after(event)
                if chat is not None:
                    self._happened(chat, event)

    def _looked_after(self, event: ContactEvent) -> Chat | None:
        """A chat that began at another node is given up from here, should that node die."""
        if (
            isinstance(event, ContactArrived)
            and tokens.is_ours(event.contact)
            and self.presence.in_charge()
        ):
            self.find(event.contact)  # with all that happened
        return None

    def _happened(self, chat: Chat, event: ContactEvent) -> None:
        was_over = chat.thread.over
        if isinstance(event, ContactArrived):
            self.presence.appeared(chat.contact, self.now())
        chat.contact_state = self._replica.state.contacts.get(chat.contact, chat.contact_state)
        change = chat.thread.apply(event)
        if isinstance(event, FlowAdvanced):
            self._prompter.advanced(chat, event)
        if isinstance(event, OfferAccepted | HolderChanged):
            self.presence.tell_again(chat.contact)
        if change is None:
            return
        if isinstance(change, LineAdded) and change.line.author == "agent":
            self.attention.agent_typing(chat.contact, typing=False)
        if isinstance(change, LineAdded) and change.line.author == "customer":
            chat.unsure = False  # they are there, be it at another node
        chat.tell(change)
        if chat.thread.over and not was_over:
            self._ended(chat)
        elif chat.thread.state == WAITING:
            self._quoter.soon(chat.contact)
        elif chat.thread.state == IN_FLOW:
            self._prompter.look(chat)

    def _ended(self, chat: Chat) -> None:
        self._over.add(chat.contact, self.now())
        self.presence.forget(chat.contact)
        self.attention.forget(chat.contact)
        self._prompter.forget(chat.contact)
        self._admission.ended(chat.source)

    # -- connections --------------------------------------------------------------------------

    def connect(self, source: str = "", site: str = "") -> ChatConnection:
        """A connection from the address ``source`` and a page of ``site``. One too many is closed
        from the start.
        """
        connection = ChatConnection(self, source_of(source), site)
        self._tabs.add(connection)
        if not self._admission.connected(connection.source, self.now()):
            connection.reply(
                Reply(n=0, to="", ok=False, code="too_many_connections", reason=TOO_MANY)
            )
            connection.close()
        return connection

    def disconnected(self, tab: Tab) -> None:
        """Called by a connection before it counts as closed."""
        if not tab.closed:
            self._tabs.discard(tab)
            self._admission.disconnected(tab.source)
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
            chat.unsure = False
            self.presence.came(chat.contact)
        tab.refresh()

    def _detach(self, tab: Tab) -> None:
        chat, tab.chat = tab.chat, None
        if chat is None:
            return
        chat.tabs.remove(tab)
        if not chat.tabs and not chat.thread.over:
            self.attention.visitor_typing(chat, typing=False)
            self.presence.left(chat.contact, self.now())

    def source_may_send(self, source: str) -> bool:
        return self._admission.may_send(source, self.now())

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
        self._admission.check_start(source, self.now())
        chat = self._add(contact, source, Thread(self._name_of))
        chat.opening = True
        return chat

    def opened(self, chat: Chat) -> None:
        """The visitor's first words are there."""
        chat.opening = False
        if chat.thread.state == IN_FLOW:
            self._prompter.soon(chat.contact)

    def beginning(self, chat: Chat) -> None:
        """Somebody is behind it while it is brought in, though no tab shows it yet."""
        self.presence.came(chat.contact)

    def begun(self, chat: Chat) -> None:
        """As far as anybody can say: whoever does not look at it, or ask for it again, has gone."""
        if chat.contact in self._chats and not chat.tabs and not chat.thread.over:
            self.presence.left(chat.contact, self.now())

    def forget_unless_arrived(self, chat: Chat) -> None:
        if chat.thread.sequence == 0 and self._chats.pop(chat.contact, None) is not None:
            self.presence.forget(chat.contact)
            self._admission.ended(chat.source)

    def session(self, chat: Chat) -> Session:
        return Session(
            n=0,
            token=tokens.sign(self.settings.secret, chat.contact),
            at=self.now(),
            status=chat.thread.status(),
            lines=tuple(chat.thread.lines),
            read_until=chat.agent_read,
            takes=self._takes(),
            mailing=self.mailer.taken(chat),
        )

    def _takes(self) -> FilesTaken | None:
        types = tuple(sorted(self.settings.file_types))
        return FilesTaken(types=types, size=self.settings.file_size) if types else None

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
        chat = Chat(contact, source, thread, self.settings, self.now())
        self._chats[contact] = chat
        if thread.over:
            self._over.add(contact, self.now())
        else:
            self.presence.left(contact, self.now())
            self._admission.began(source)
        chat.contact_state = self._replica.state.contacts.get(contact)
        if thread.state == IN_FLOW:
            self._prompter.soon(contact)
        return chat

    def _name_of(self, agent: str) -> str:
        definition = self._replica.state.catalog.agents.get(agent)
        if definition is None:
            return ""
        return definition.public_name or next(iter(definition.name.split()), "")

    def of_token(self, token: str) -> Chat:
        """The chat that a visitor's token opens. Raises ``Refused``."""
        contact = tokens.contact_of(self.settings.secret, token)
        chat = None if contact is None else self.find(contact)
        if chat is None:
            raise Refused("unknown_chat")
        return chat

    # -- questions ----------------------------------------------------------------------------

    async def leave_question(self, left: Left, token: str, site: str, source: str) -> str:
        """Keep a question of a visitor of ``site``; where it will be answered. Raises ``Refused``,
        ``Overloaded`` or ``JournalUnavailable``.
        """
        known = self.vouching.vouched_for(token, site, f"question {left.id}")
        return await self.questions.leave(left, source_of(source), known)

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
        self.attention.go_on(at)
        for contact in self._over.older_than(at, self.settings.transcript_for, self.settings.chats):
            self._forget(contact)
        self.presence.look(at)
        for contact in self.presence.gone_while_away(at):
            await self._give_up_unsure(contact)
        for contact in self.presence.gone_for_good(at):
            await self._give_up_gone(contact)
        await self.whereabouts.go_on()
        if self.presence.in_charge():
            await self._announcer.go_on(list(self._chats), at)

    def _forget(self, contact: str) -> None:
        self._over.discard(contact)
        chat = self._chats.pop(contact, None)
        for tab in list(chat.tabs) if chat else ():
            tab.close()

    async def _give_up_unsure(self, contact: str) -> None:
        """Who was told that nobody knows, and has not asked again, has gone: should the chat begin
        after all, only we know that there is nobody behind it.
        """
        chat = self._chats.get(contact)
        live = self._replica.state.contacts.get(contact)
        if chat is not None and chat.unsure and live is not None:
            if not (live.flow_turn and live.callback):  # whom a flow promised a call may go
                await self.give_up(chat)
            chat.unsure = False

    async def _give_up_gone(self, contact: str) -> None:
        chat = self._chats.get(contact)
        live = self._replica.state.contacts.get(contact)
        if live is not None and self.presence.another_has(contact, self.now()):
            return
        if chat is not None and live is not None:
            if not (live.flow_turn and live.callback):  # whom a flow promised a call may go
                await self.give_up(chat)
        elif chat is not None:
            self.forget_unless_arrived(chat)
        self.presence.forget(contact)
