"""What becomes of a mail that is kept: a new contact, a message in one that is under way, news of a
mail of ours, or nothing that anybody has to read.

Every id is of the mail itself, and it is written last that it is settled: what was interrupted is
done again and has had one effect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from typing import Final
from weakref import WeakValueDictionary

import msgspec
from msgspec.structs import replace

from cti_adapters.email import loops
from cti_adapters.email.model import Mail, Report, Unreadable
from cti_adapters.email.outbox import Outbox
from cti_adapters.email.ports import (
    MOST_PARTICIPANTS,
    Became,
    Form,
    Incoming,
    MailStore,
    MailThread,
    Outgoing,
)
from cti_adapters.email.same_address import base_of, key_of
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.threads import Candidates, Joined, Keys, choose, keys
from router.core.durations import DAY, MINUTE
from router.core.events import Rejected
from router.core.model import Contact, ContactState
from router.insisting import stands_already, submit_surely
from router.ports import Arrival, Clock, CommandSink, ContactIntake, Said
from router.replica import Replica

CHANNEL: Final = "email"
SAME_SUBJECT_WITHIN: Final = 14 * DAY  # an answer without references is of this thread
TRY_AGAIN_AFTER: Final = MINUTE  # where the catalog has no way in
MOST_SAID: Final = 8_000  # characters of a message in the log; the whole mail is kept beside it

MAILBOX_GONE: Final = Rejected(
    code="no_mailbox", reason="Its mailbox is no longer in the settings: put it back there."
)
FAULT: Final = Rejected(
    code="fault", reason="A fault of Patchbay's came up with it: see the log. It is tried again."
)

_TAKES_MORE: Final = frozenset(
    {
        ContactState.ARRIVING,
        ContactState.IN_FLOW,
        ContactState.QUEUED,
        ContactState.OFFERED,
        ContactState.CONNECTED,
        ContactState.HELD,
    }
)

log = logging.getLogger(__name__)


class Settled(msgspec.Struct, frozen=True, kw_only=True):
    """``acknowledge``: a machine may thank for it, as far as the mail itself goes."""

    incoming: Incoming
    acknowledge: bool = False


class TakingIn:
    """``same_agent_for`` (microseconds) is how long who answered last has an answer to that for
    themselves, once it has come.
    """

    def __init__(
        self,
        store: MailStore,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        clock: Clock,
        *,
        boxes: Mapping[str, MailboxSettings],
        outbox: Outbox,
        secret: bytes,
    ) -> None:
        self._store = store
        self._sink = sink
        self._intake = intake
        self._replica = replica
        self._clock = clock
        self._boxes = boxes
        self._outbox = outbox
        self._secret = secret
        self._own = frozenset(base_of(one) for box in boxes.values() for one in box.addresses)
        self._threads: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def take(self, incoming: Incoming) -> Settled:
        """Settle one mail that is new; several at once, as ``meets`` allows. Raises
        ``StoreUnavailable``, ``Overloaded`` or ``JournalUnavailable`` when it has to be repeated.
        """
        mail = incoming.mail
        if isinstance(mail, Unreadable):
            return await self._settle(incoming, Became.UNREADABLE, reason=mail.reason)
        if incoming.form is not None:  # anybody can type a name and a subject: a thread of its own
            return await self._new_contact(incoming, mail, None, None)
        if settled := await self._of_ours(incoming, mail):
            return settled
        thread, joined = await self._thread_of(mail)
        async with self._alone_with(thread):
            if thread is not None:  # as it is now: another mail may have had it
                thread = await self._store.thread(thread.id)
            return await self._put(incoming, mail, thread, joined)

    async def _put(
        self, incoming: Incoming, mail: Mail, thread: MailThread | None, joined: Joined | None
    ) -> Settled:
        live = self._live(thread.contact) if thread is not None else None
        if live is not None and live.id == contact_of(incoming):
            live = None  # its own, from before a crash: what is missing of it is done again
        if thread is not None and live is not None and await self._posted(live, incoming, mail):
            changed = self._joined(thread, mail, joined)
            return await self._settle(incoming, Became.REPLY, changed, contact=live.id)
        if thread is not None and await self._was_said(thread, incoming, mail):
            changed = self._joined(thread, mail, joined)
            return await self._settle(incoming, Became.REPLY, changed, contact=thread.contact)
        if why := self._nobody_reads(mail):
            return await self._settle(incoming, Became.SET_ASIDE, thread, reason=why)
        return await self._new_contact(incoming, mail, thread, joined)

    async def release(self, incoming: Incoming) -> Settled:
        """Make a contact of a mail that was set aside: a person says that it is to be read."""
        mail = incoming.mail
        if isinstance(mail, Unreadable):
            return Settled(incoming=incoming)
        thread, joined = await self._thread_of(mail)
        async with self._alone_with(thread):
            if thread is not None:  # as it is now: another mail may have had it
                thread = await self._store.thread(thread.id)
            return await self._new_contact(incoming, mail, thread, joined)

    async def meets(self, incoming: Incoming) -> frozenset[tuple[str, str]]:
        """Two mails that have one of these in common are taken in one after the other."""
        mail = incoming.mail
        if isinstance(mail, Unreadable) or incoming.form is not None:
            return frozenset()
        wanted = keys(mail, self._secret)
        joined = await self._joins(mail, wanted)
        met = frozenset(wanted.meet(mail.message_id))
        return met if joined is None else met | {("thread", joined.thread)}

    # -- mails of ours ------------------------------------------------------------------------

    async def _of_ours(self, incoming: Incoming, mail: Mail) -> Settled | None:
        """A copy of what we sent, or what a mail server says of it."""
        ours = await self._store.outgoing_with(mail.message_id) if mail.message_id else None
        if ours is not None and base_of(mail.sender.address) in self._own:
            await self._outbox.left(ours)
            return await self._settle(incoming, Became.COPY, contact=ours.contact)
        for report in mail.reports:
            about = await self._reported(report)
            if about is not None:
                if report.action == "failed":
                    await self._outbox.failed(about, _undelivered(report))
                return await self._settle(incoming, Became.REPORT, contact=about.contact)
        return None

    async def _reported(self, report: Report) -> Outgoing | None:
        return await self._store.outgoing_with(report.about) if report.about else None

    def _nobody_reads(self, mail: Mail) -> str:
        """Why a mail that goes to no contact under way is not worth a new one; empty when it is."""
        if base_of(mail.sender.address) in self._own:
            return "It comes from one of our own addresses."
        if mail.reports or mail.return_path == "":
            return "It is a report of a mail server that is about none of our mails."
        sent_by = (mail.headers.get("auto-submitted", ("",))[0]).strip().lower()
        if loops.MARK.lower() in mail.headers or sent_by.startswith("auto-replied"):
            return "It is an automatic answer."
        return ""

    # -- threads ------------------------------------------------------------------------------

    async def _thread_of(self, mail: Mail) -> tuple[MailThread | None, Joined | None]:
        joined = await self._joins(mail, keys(mail, self._secret))
        thread = await self._store.thread(joined.thread) if joined is not None else None
        return thread, joined

    async def _joins(self, mail: Mail, wanted: Keys) -> Joined | None:
        since = self._clock.now() - SAME_SUBJECT_WITHIN
        named = [await self._store.thread(one) for one in (*wanted.signed, *wanted.addressed)]
        about = (
            await self._store.threads_about(wanted.subject, wanted.sender, since)
            if wanted.subject
            else []
        )
        found = Candidates(
            of_messages=await self._store.threads_of(wanted.message_ids),
            named=[one for one in named if one is not None],
            about=about,
        )
        return choose(mail, wanted, found)

    def _alone_with(self, thread: MailThread | None) -> AbstractAsyncContextManager[None]:
        """So that two mails of a thread at once do not make a contact each."""
        if thread is None:
            return nullcontext()
        return self._threads.setdefault(thread.id, asyncio.Lock())

    def _joined(self, thread: MailThread, mail: Mail, joined: Joined | None) -> MailThread:
        """A stranger takes part only once one of us has written to them."""
        known = thread.participants
        if joined is not None and not joined.stranger:
            known = _with(known, mail)
        return replace(thread, participants=known, updated_at=self._clock.now())

    # -- contacts -----------------------------------------------------------------------------

    def _live(self, contact: str) -> Contact | None:
        """None for what is no mail's: an answer to what a chat's agent wrote is a mail."""
        live = self._replica.state.contacts.get(contact)
        if live is None or live.channel != CHANNEL:
            return None
        return live if live.state in _TAKES_MORE else None

    async def _was_said(self, thread: MailThread, incoming: Incoming, mail: Mail) -> bool:
        """In the contact that was live when we were interrupted, and has ended since."""
        if thread.contact in {"", contact_of(incoming)}:
            return False
        post = said_by(incoming, mail).posted(thread.contact, by=CHANNEL)
        return await stands_already(self._sink, self._replica, post)

    async def _posted(self, live: Contact, incoming: Incoming, mail: Mail) -> bool:
        """False when it ended meanwhile, or holds no more."""
        command = said_by(incoming, mail).posted(live.id, by=CHANNEL)
        return not isinstance(await submit_surely(self._sink, command), Rejected)

    async def _new_contact(
        self, incoming: Incoming, mail: Mail, thread: MailThread | None, joined: Joined | None
    ) -> Settled:
        box = self._boxes.get(incoming.mailbox)
        if box is None:
            return await self._wait(incoming, MAILBOX_GONE)
        thread = thread or _begun(incoming, mail)
        contact = contact_of(incoming)
        arrival = Arrival(
            contact=contact,
            channel=CHANNEL,
            address=mail.sender.address,
            entry_point=box.entry_point,
            attributes=self._attributes(mail, box, thread, incoming.form),
            verified=incoming.form.verified if incoming.form is not None else "",
            queue=incoming.form.queue if incoming.form is not None else "",
            dialable=False,
            present=False,
            said=said_by(incoming, mail),
            preferred=(thread.agent,) if self._is_recent(thread, box) else (),
            preferred_for=box.same_agent_for,
        )
        changed = replace(self._joined(thread, mail, joined), contact=contact)
        # Who is offered the contact looks at its thread at that moment.
        await self._store.settle(replace(incoming, thread=thread.id), changed)
        outcome = await self._intake.receive(arrival)
        if isinstance(outcome, Rejected):
            return await self._wait(incoming, outcome)
        await submit_surely(self._sink, said_by(incoming, mail).posted(contact, by=CHANNEL))
        settled = await self._settle(incoming, Became.CONTACT, changed, contact=contact)
        # Who asks in a form has read there that we have it, and may have typed another's address.
        return replace(settled, acknowledge=incoming.form is None)

    def _is_recent(self, thread: MailThread, box: MailboxSettings) -> bool:
        """Whether who answered last is still the one to ask."""
        age = self._clock.now() - thread.answered_at
        return bool(thread.agent) and age <= box.reopens_within

    def _attributes(
        self, mail: Mail, box: MailboxSettings, thread: MailThread, form: Form | None
    ) -> dict[str, str]:
        origin = "form" if form is not None else thread.origin
        known = {"thread": thread.id, "earlier": thread.contact, "came_from": origin}
        said = attributes_of(mail, mail_to=box.address, own=self._own)
        given = form.attributes if form is not None else {}
        return {**given, **said, **{name: value for name, value in known.items() if value}}

    async def put_off(self, incoming: Incoming) -> None:
        """A fault of ours comes up with it: it is tried again later, and others go on now."""
        await self._wait(incoming, FAULT)

    async def _wait(self, incoming: Incoming, refused: Rejected) -> Settled:
        """There is no way in for it today: nothing is lost over that."""
        if incoming.reason != refused.reason:
            log.warning("mails to %s wait: %s", incoming.mailbox, refused.reason)
        due = self._clock.now() + TRY_AGAIN_AFTER
        waiting = replace(incoming, due=due, reason=refused.reason)
        await self._store.settle(waiting, None)
        return Settled(incoming=waiting)

    async def _settle(
        self,
        incoming: Incoming,
        became: Became,
        thread: MailThread | None = None,
        *,
        contact: str = "",
        reason: str = "",
    ) -> Settled:
        name = thread.id if thread is not None else ""
        settled = replace(
            incoming, became=became, thread=name, contact=contact, reason=reason, due=0
        )
        await self._store.settle(settled, thread)
        return Settled(incoming=settled)


def attributes_of(mail: Mail, *, mail_to: str, own: Collection[str]) -> dict[str, str]:
    """What the contact of a mail comes with, but for its thread; ``own`` are our addresses."""
    known = {
        "subject": mail.subject,
        "mail_to": mail_to,
        "automatic": loops.automatic(mail, own),
        "spam": _spam(mail),
        "files": str(len(mail.attachments)) if mail.attachments else "",
    }
    return {name: value for name, value in known.items() if value}


def contact_of(incoming: Incoming) -> str:
    """The contact that is made of it, if one is."""
    return contact_named(incoming.id)


def contact_named(digest: str) -> str:
    """The same, by the mail's digest."""
    return f"mail-{digest[:32]}"


def said_by(incoming: Incoming, mail: Mail) -> Said:
    """The mail as a message in its contact's thread."""
    text = mail.text.strip() or mail.subject or "(This mail has no text.)"
    return Said(id=f"mail-{incoming.id[:32]}", text=text[:MOST_SAID])


def _begun(incoming: Incoming, mail: Mail) -> MailThread:
    wanted = keys(mail, b"")
    return MailThread(
        id=incoming.id[:24],
        mailbox=incoming.mailbox,
        subject=wanted.subject,
        participants=_with((), mail),
        contact="",
        updated_at=incoming.at,
    )


def _with(participants: tuple[str, ...], mail: Mail) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*participants, key_of(mail.sender.address))))[:MOST_PARTICIPANTS]


def _spam(mail: Mail) -> str:
    flagged = mail.headers.get("x-spam-flag", ("",))[0].strip().lower()
    status = mail.headers.get("x-spam-status", ("",))[0].strip().lower()
    return "yes" if flagged.startswith("yes") or status.startswith("yes") else ""


def _undelivered(report: Report) -> str:
    why = f": {report.reason}" if report.reason else ""
    return f"The mail to {report.recipient[:100] or 'its recipient'} was not delivered{why}"[:400]
