"""What agents write: from their words to a mail that waits to be sent, and back while it can be.

The mail is written down first, then its words go into the contact's thread, and only then may it
leave. Done again with the same id, all of it has one effect.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Final

import msgspec
from msgspec.structs import replace

from cti_adapters.email import tokens
from cti_adapters.email.composing import Draft, Enclosure, compose
from cti_adapters.email.loops import ENVELOPE_SENDER, headers_of_ours
from cti_adapters.email.model import Address, Mail
from cti_adapters.email.outbox import Outbox
from cti_adapters.email.ports import Incoming, MailStore, MailThread, Outgoing, Sending
from cti_adapters.email.same_address import key_of, parts
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.subjects import reply_subject
from cti_adapters.email.threads import references
from router.core.commands import PostMessage
from router.core.events import Rejected
from router.core.model import Contact
from router.files import Files
from router.insisting import submit_surely
from router.ports import Clock, CommandSink

BY: Final = "email"
MAX_ID: Final = 100
MAX_SAID: Final = 8_000
LOOKED_BACK: Final = 50  # mails of a thread


class Enclosed(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was kept before; ``sha256`` names it."""

    sha256: str
    name: str
    content_type: str = "application/octet-stream"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What an agent sends. ``id`` is theirs, the same when it is sent again. Without ``to`` it goes
    to who wrote last, without ``subject`` it has the thread's.
    """

    id: str
    text: str
    to: tuple[str, ...] = ()
    cc: tuple[str, ...] = ()
    subject: str = ""
    files: tuple[Enclosed, ...] = ()


class _About(msgspec.Struct, frozen=True, kw_only=True):
    """What an answer is about; ``last`` came last."""

    contact: Contact
    thread: MailThread
    box: MailboxSettings
    last: Mail | None


class NoThread(ValueError):
    """The contact has no mail to answer."""


class Replies:
    def __init__(
        self,
        store: MailStore,
        files: Files,
        sink: CommandSink,
        clock: Clock,
        outbox: Outbox,
        *,
        boxes: Mapping[str, MailboxSettings],
        secret: bytes,
    ) -> None:
        self._store = store
        self._files = files
        self._sink = sink
        self._clock = clock
        self._outbox = outbox
        self._boxes = boxes
        self._secret = secret

    async def send(
        self, contact: Contact, agent: str, name: str, reply: Reply
    ) -> Outgoing | Rejected:
        """Written down, in the thread, and held for as long as it can be taken back. ``name`` is
        what customers call the agent.

        Raises ``CannotBeSent``, ``NoThread``, ``StoreUnavailable``, ``FilesUnavailable``.
        """
        about = await self._about(contact)
        outgoing = await self._store.outgoing(_name(contact, reply))
        if outgoing is None:
            outgoing = await self._written(about, agent, name, reply)
        said = PostMessage(
            id=f"{contact.id}/mail/{reply.id}",
            by=agent,
            contact=contact.id,
            message=outgoing.id,
            author="agent",
            text=(reply.text.strip() or "(A mail with files only.)")[:MAX_SAID],
            agent=agent,
        )
        outcome = await submit_surely(self._sink, said)
        if isinstance(outcome, Rejected):
            await self._store.advance(
                replace(outgoing, state=Sending.UNDONE, reason=outcome.reason),
                was=(Sending.PREPARED,),
            )
            return outcome
        now = self._clock.now()
        held = replace(outgoing, state=Sending.HELD, due=now + about.box.undo)
        if await self._store.advance(held, was=(Sending.PREPARED,)):
            await self._store.answered(
                about.thread.id, agent, now, [key_of(one) for one in outgoing.recipients]
            )
            self._outbox.look()
        return await self._store.outgoing(outgoing.id) or held

    async def take_back(self, outgoing: Outgoing) -> bool:
        """Whether it has not left and will not."""
        undone = replace(outgoing, state=Sending.UNDONE, reason="It was taken back.")
        return await self._store.advance(undone, was=(Sending.HELD, Sending.PREPARED))

    async def send_again(self, outgoing: Outgoing) -> bool:
        """What failed, or of which nobody knew, because a person says so."""
        now = self._clock.now()
        again = replace(outgoing, state=Sending.HELD, due=now, attempts=0, at=now)
        done = await self._store.advance(again, was=(Sending.FAILED, Sending.UNKNOWN))
        self._outbox.look()
        return done

    async def acknowledge(self, incoming: Incoming, mail: Mail, to: str, text: str) -> None:
        """A machine's thanks for ``mail``: it can be answered by people only."""
        box = self._boxes[incoming.mailbox]
        unique = hashlib.sha256(f"acknowledged {incoming.id}".encode()).hexdigest()[:24]
        draft = Draft(
            sender=Address(address=box.address, name=box.name),
            to=(Address(address=to),),
            subject=reply_subject(mail.subject),
            text=text,
            message_id=self._message_id(incoming.thread, unique, box),
            at=self._clock.now(),
            reply_to=self._reply_address(incoming.thread, box),
            in_reply_to=mail.message_id,
            references=references(mail),
            headers=tuple(headers_of_ours(mail).items()),
        )
        await self._store.prepare(
            Outgoing(
                id=f"ack-{incoming.id[:32]}",
                mailbox=box.id,
                thread=incoming.thread,
                contact=incoming.contact,
                message_id=draft.message_id,
                sender=ENVELOPE_SENDER,
                recipients=(to,),
                raw=await self._files.keep(compose(draft)),
                at=draft.at,
                subject=draft.subject,
                state=Sending.HELD,
                due=draft.at,
            )
        )
        self._outbox.look()

    # -- what it is made of -------------------------------------------------------------------

    async def _about(self, contact: Contact) -> _About:
        thread = await self._store.thread(contact.attributes.get("thread", ""))
        box = self._boxes.get(thread.mailbox) if thread is not None else None
        if thread is None or box is None:
            raise NoThread("This contact has no mail thread that can be answered.")
        incoming, _ = await self._store.mails_of(thread.id, LOOKED_BACK)
        mails = [one.mail for one in incoming if isinstance(one.mail, Mail)]
        return _About(contact=contact, thread=thread, box=box, last=mails[-1] if mails else None)

    async def _written(self, about: _About, agent: str, name: str, reply: Reply) -> Outgoing:
        draft = self._draft(about, name, reply)
        everybody = [one.address for one in (*draft.to, *draft.cc)]
        return await self._store.prepare(
            Outgoing(
                id=_name(about.contact, reply),
                mailbox=about.box.id,
                thread=about.thread.id,
                contact=about.contact.id,
                message_id=draft.message_id,
                sender=about.box.address,
                recipients=tuple(dict.fromkeys(everybody)),
                raw=await self._files.keep(compose(draft, await self._enclosures(reply))),
                at=draft.at,
                subject=draft.subject,
                agent=agent,
            )
        )

    def _draft(self, about: _About, name: str, reply: Reply) -> Draft:
        box, last = about.box, about.last
        unique = hashlib.sha256(_name(about.contact, reply).encode()).hexdigest()[:24]
        signature = box.signature_of(about.contact.queue).strip()
        text = reply.text.rstrip()
        return Draft(
            sender=Address(address=box.address, name=shown_as(name, box.name)),
            to=_addresses(reply.to) or _answer_to(last, about.contact),
            cc=_addresses(reply.cc),
            subject=reply.subject or reply_subject(last.subject if last is not None else ""),
            text=f"{text}\n\n-- \n{signature}\n" if signature and text else f"{text}\n",
            message_id=self._message_id(about.thread.id, unique, box),
            at=self._clock.now(),
            reply_to=self._reply_address(about.thread.id, box),
            in_reply_to=last.message_id if last is not None else "",
            references=references(last) if last is not None else (),
        )

    async def _enclosures(self, reply: Reply) -> list[Enclosure]:
        found: list[Enclosure] = []
        for one in reply.files:
            content = await self._files.content(one.sha256)
            if content is None:
                raise NoThread(f"The file {one.name[:80]!r} is no longer here: attach it again.")
            found.append(Enclosure(name=one.name, content=content, content_type=one.content_type))
        return found

    def _message_id(self, thread: str, unique: str, box: MailboxSettings) -> str:
        return tokens.message_id(thread, unique, self._secret, parts(box.address)[1])

    def _reply_address(self, thread: str, box: MailboxSettings) -> str:
        if not box.plus_addressing:
            return box.address
        return tokens.reply_address(box.address, thread, self._secret)


def _name(contact: Contact, reply: Reply) -> str:
    digest = hashlib.sha256(f"{contact.id} {reply.id}".encode()).hexdigest()
    return f"re-{digest[:32]}"


def shown_as(name: str, mailbox: str) -> str:
    return f"{name} · {mailbox}" if name and mailbox else name or mailbox


def _addresses(written: tuple[str, ...]) -> tuple[Address, ...]:
    return tuple(Address(address=one.strip()) for one in written if one.strip())


def _answer_to(last: Mail | None, contact: Contact) -> tuple[Address, ...]:
    if last is None:
        return (Address(address=contact.address),)
    return last.reply_to[:5] or (last.sender,)
