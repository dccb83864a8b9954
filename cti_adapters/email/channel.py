"""The e-mail channel: mailboxes are read, mails become contacts, and what agents answer is sent.

Reading, taking in and sending each go on by themselves and meet in the store alone, so that a
server that hangs, a flood, or a router that is busy holds up nothing else.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol, TypedDict

import msgspec
from msgspec.structs import replace

from cti_adapters.email.acknowledging import (
    Acknowledged,
    Acknowledgements,
    acknowledge_to,
    senders,
)
from cti_adapters.email.composing import CannotBeSent
from cti_adapters.email.inbox import Folder, Inbox
from cti_adapters.email.letters import BoxLetters
from cti_adapters.email.model import Mail
from cti_adapters.email.outbox import COPY_WITHIN, Outbox, Post
from cti_adapters.email.ports import (
    Became,
    Incoming,
    MailStore,
    MailWatch,
    NobodyWatches,
    StoreUnavailable,
)
from cti_adapters.email.reader_pool import Reader
from cti_adapters.email.replying import Replies
from cti_adapters.email.returns import Returns
from cti_adapters.email.same_address import base_of
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.side_by_side import all_of, in_turn
from cti_adapters.email.taking_in import (
    CHANNEL,
    Settled,
    TakingIn,
    contact_named,
    contact_of,
)
from cti_adapters.email.turns import BEHIND, MOST_RECENT, Pace, Recent, Turns
from router.core.commands import Reprioritise
from router.core.durations import DAY, HOUR, SECOND
from router.core.events import Entry, FlowAdvanced
from router.core.model import Contact
from router.files import Files, FilesUnavailable
from router.insisting import submit_surely
from router.ports import (
    ChannelAdapter,
    Clock,
    CommandSink,
    ContactIntake,
    CustomerDirectory,
    EngineStopped,
    FlowRunner,
    Heard,
    JournalUnavailable,
    NoFlows,
    Overloaded,
    PromptLine,
)
from router.replica import Replica
from router.tasks import end

AT_ONCE: Final = 50  # mails that are looked at before it is asked again what is due
LOOK_EVERY: Final = 5 * SECOND
AFTER_TROUBLE: Final = 1.0  # seconds
LONGEST_WAIT: Final = 365 * DAY
MOST_REMEMBERED: Final = 10_000  # mails that wait, whose turns are known again after a start

_OUTAGES = (EngineStopped, StoreUnavailable, FilesUnavailable, JournalUnavailable, Overloaded)

log = logging.getLogger(__name__)


class ClosableReader(Reader, Protocol):
    async def close(self) -> None: ...


class Connections(Protocol):
    """How the channel reaches a mailbox's servers."""

    def folder(self, box: MailboxSettings) -> Folder: ...

    def post(self, box: MailboxSettings) -> Post: ...


class MailParts(msgspec.Struct, frozen=True, kw_only=True):
    """What the channel is made of; ``secret`` signs its tokens."""

    boxes: tuple[MailboxSettings, ...]
    store: MailStore
    files: Files
    reader: ClosableReader
    connections: Connections
    directory: CustomerDirectory
    secret: bytes
    copy_within: int = COPY_WITHIN
    pace: Pace = Pace()
    watch: MailWatch = msgspec.field(default_factory=NobodyWatches)


class _Ours(TypedDict):
    """What whoever writes or reads mails of ours has to know."""

    boxes: Mapping[str, MailboxSettings]
    secret: bytes


class EmailChannel(ChannelAdapter):
    name = CHANNEL

    def __init__(
        self,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        clock: Clock,
        mail: MailParts,
        *,
        flows: FlowRunner | None = None,
    ) -> None:
        self._clock = clock
        self._sink = sink
        self._replica = replica
        self._flows = flows or NoFlows()
        self._store = mail.store
        self._watch = mail.watch
        self._reader = mail.reader
        self._directory = mail.directory
        self._boxes: Mapping[str, MailboxSettings] = {box.id: box for box in mail.boxes}
        self._own = frozenset(base_of(one) for box in mail.boxes for one in box.addresses)
        self._turns = Turns(mail.pace)
        self._recent = Recent()
        self._to_put_behind: list[str] = []
        self._early: set[str] = set()  # of a flood, and not made yet
        self._thanks = Acknowledgements()
        self._something_new = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._inboxes = {box.id: self._inbox(box, mail) for box in mail.boxes}
        self.outbox = self._outbox(mail, Returns(sink, intake, replica, self._boxes))
        store, files = mail.store, mail.files
        ours = _Ours(boxes=self._boxes, secret=mail.secret)
        self.replies = Replies(store, files, sink, clock, self.outbox, **ours)
        kept = self._something_new.set
        self.letters = BoxLetters(store, files, replica, clock, self.outbox, kept=kept, **ours)
        self._taking_in = TakingIn(store, sink, intake, replica, clock, outbox=self.outbox, **ours)

    def _inbox(self, box: MailboxSettings, mail: MailParts) -> Inbox:
        return Inbox(
            box,
            mail.connections.folder(box),
            mail.store,
            mail.files,
            mail.reader,
            clock=self._clock,
            due=self._due,
            is_customer=self._is_customer,
            kept=self._something_new.set,
            watch=mail.watch,
        )

    def _outbox(self, mail: MailParts, returns: Returns) -> Outbox:
        return Outbox(
            mail.store,
            mail.files,
            self._clock,
            {box.id: mail.connections.post(box) for box in mail.boxes},
            came_back=returns.give_back,
            read_until=self._read_until,
            copy_within=mail.copy_within,
            watch=mail.watch,
        )

    def _read_until(self, mailbox: str) -> int | None:
        inbox = self._inboxes.get(mailbox)
        return inbox.read_until if inbox is not None else None

    @property
    def mailboxes(self) -> Mapping[str, MailboxSettings]:
        return self._boxes

    def inboxes(self) -> list[tuple[MailboxSettings, Inbox]]:
        return [(self._boxes[name], inbox) for name, inbox in self._inboxes.items()]

    async def release(self, incoming: Incoming) -> None:
        """A mail that was set aside becomes a contact after all."""
        await self._taking_in.release(incoming)

    def problems(self) -> list[str]:
        """Why which mailbox cannot be read now, a sentence each."""
        return [
            f"The mailbox {name} cannot be read: {inbox.problem}"
            for name, inbox in self._inboxes.items()
            if inbox.problem
        ]

    def look(self) -> None:
        """Something may be due now."""
        self._something_new.set()
        self.outbox.look()

    # -- the port -----------------------------------------------------------------------------

    async def start(self) -> None:
        if not self._boxes:
            return
        await self.outbox.recover()
        now = self._clock.now()
        for sent in await self._store.automatic_since(now - HOUR):
            known = tuple(base_of(to) for to in sent.recipients)
            self._thanks.note(Acknowledged(thread=sent.thread, senders=known, at=sent.at))
        for one in await self._store.waiting(now + LONGEST_WAIT, MOST_REMEMBERED):
            if isinstance(one.mail, Mail) and one.due > now:
                self._turns.remember(one.mail.sender.address, one.due, now)
        work = [self.outbox.run(), self._take_in(), *(one.run() for one in self._inboxes.values())]
        self._tasks = [asyncio.create_task(one, name=CHANNEL) for one in work]

    def handle(self, entry: Entry) -> Heard:
        """What a flow says to a mail is its acknowledgement, where the mailbox has none."""
        advanced = [event for event in entry.events if isinstance(event, FlowAdvanced)]
        return self._acknowledge(advanced) if advanced else None

    async def _acknowledge(self, advanced: Iterable[FlowAdvanced]) -> None:
        for event in advanced:
            contact = self._replica.state.contacts.get(event.contact)
            if contact is not None and contact.channel == CHANNEL:
                await self._say(contact, self._flows.last_words(event.session))

    async def _say(self, contact: Contact, lines: Sequence[PromptLine]) -> None:
        text = "\n\n".join(line.text for line in lines if line.text)
        if not text:
            return
        try:
            incoming, _ = await self._store.mails_of(contact.attributes.get("thread", ""), AT_ONCE)
            about = next((one for one in incoming if contact_of(one) == contact.id), None)
            if about is not None and isinstance(about.mail, Mail):
                await self._thank(replace(about, contact=contact.id), about.mail, text)
        except (StoreUnavailable, FilesUnavailable) as error:
            log.warning("what a flow said to a mail was not sent: %s", error)

    async def stop(self) -> None:
        await end(*self._tasks)
        self._tasks = []
        await self._reader.close()

    # -- taking in ----------------------------------------------------------------------------

    async def _due(self, mail: Mail, now: int) -> int:
        """A flood waits its turn; customers do not wait for strangers. What tells of mails of ours
        makes no work for anybody, and others wait for it: it is looked at as soon as it is there.
        """
        if mail.reports or base_of(mail.sender.address) in self._own:
            return now
        sender = mail.sender.address
        known = await self._is_customer(sender)
        if not known and len(mail.reply_to) == 1:
            sender = mail.reply_to[0].address  # a form on a web site writes for many people
        turn = self._turns.turn(sender, now, known=known)
        if turn.flood:
            self._to_put_behind += self._recent.of_flood(turn.flood, sender, now)
        else:
            self._recent.made(contact_named(mail.digest), sender, now, known=known)
        return turn.due

    async def _is_customer(self, address: str) -> bool:
        """No, while the directory does not answer: no mail is to wait for that."""
        try:
            found = await self._directory.identify(CHANNEL, address)
        except Exception:
            log.warning("whether a sender is known cannot be found out", exc_info=True)
            return False
        return bool(found.customers)

    async def _take_in(self) -> None:
        while True:
            try:
                pause = await self._take_due()
            except EngineStopped:
                return
            except _OUTAGES as error:
                log.warning("mails wait to be taken in: %s", error)
                pause = AFTER_TROUBLE
            except Exception:
                log.exception("a mail could not be taken in; it is tried again")
                pause = AFTER_TROUBLE
            if pause:
                await self._rest(pause)

    async def _rest(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._something_new.wait()
        except TimeoutError:
            pass
        self._something_new.clear()

    async def _take_due(self) -> float:
        """Seconds until something is due again; 0: now."""
        if len(self._early) > MOST_RECENT:
            self._early.clear()  # mails that became something else
        while self._to_put_behind:
            first = self._to_put_behind[0]  # more may come while this one is put behind
            await self._put_behind(first)
            self._to_put_behind.remove(first)
        due = await self._store.waiting(self._clock.now(), AT_ONCE)
        met = await self._met(due)
        for some in in_turn(due, lambda one: met[one.id]):
            await all_of([self._take_one(one) for one in some])
        if due:
            return 0.0
        upcoming = await self._store.next_due()
        wait = LOOK_EVERY if upcoming is None else upcoming - self._clock.now()
        return min(max(wait, SECOND // 50), LOOK_EVERY) / SECOND

    async def _met(self, due: Sequence[Incoming]) -> Mapping[str, frozenset[tuple[str, str]]]:
        """What each of them meets, by its id; one alone meets nobody, and is not looked up."""
        if len(due) < 2:
            return {one.id: frozenset() for one in due}
        met = await asyncio.gather(*(self._meets(one) for one in due))
        return {one.id: keys for one, keys in zip(due, met, strict=True)}

    async def _meets(self, one: Incoming) -> frozenset[tuple[str, str]]:
        """Nobody, if something of ours fails with it: taking it in tells of that."""
        try:
            return await self._taking_in.meets(one)
        except _OUTAGES:
            raise
        except Exception:
            log.exception("whom mail %s meets cannot be found out", one.id)
            return frozenset()

    async def _take_one(self, one: Incoming) -> None:
        settled = await self._taken(one)
        if settled is None:
            return
        if settled.incoming.became is Became.CONTACT and self._of_flood(one):
            await self._put_behind(settled.incoming.contact)
        waited = self._clock.now() - one.at
        self._watch.came(one.mailbox, settled.incoming.became, waited)
        box = self._boxes.get(one.mailbox)
        if settled.acknowledge and box is not None and isinstance(one.mail, Mail):
            await self._thank(settled.incoming, one.mail, box.acknowledgement)

    async def _taken(self, one: Incoming) -> Settled | None:
        """None for a mail with which something of ours fails: the others do not wait for it."""
        try:
            return await self._taking_in.take(one)
        except _OUTAGES:
            raise
        except Exception:
            log.exception("mail %s could not be taken in; it is tried again later", one.id)
            await self._taking_in.put_off(one)
            return None

    def _of_flood(self, one: Incoming) -> bool:
        """It had to wait for its turn, and not for a way in; or a flood showed meanwhile."""
        early = contact_of(one) in self._early
        self._early.discard(contact_of(one))
        return early or (one.due > one.at and not one.reason)

    async def _put_behind(self, contact: str) -> None:
        """One of a flood: whoever writes in the next hours goes first. It may be with an agent
        already.
        """
        if contact not in self._replica.state.contacts:
            self._early.add(contact)
            return
        behind = Reprioritise(id=f"{contact}/behind", by=CHANNEL, contact=contact, boost=BEHIND)
        await submit_surely(self._sink, behind)

    async def _thank(self, incoming: Incoming, mail: Mail, text: str) -> None:
        if not text or incoming.form is not None:
            return
        now, to = self._clock.now(), acknowledge_to(mail)
        own = [one for known in self._boxes.values() for one in known.addresses]
        if self._thanks.refused(mail, incoming.thread, own, incoming.at, now):
            return
        self._thanks.note(Acknowledged(thread=incoming.thread, senders=senders(mail), at=now))
        try:
            await self.replies.acknowledge(incoming, mail, to, text)
        except CannotBeSent as error:
            log.info("a mail is not acknowledged: %s", error)
