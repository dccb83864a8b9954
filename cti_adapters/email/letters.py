"""Mails that other channels write, and questions that were asked in a form: the e-mail channel
behind ``router.letters``.

A letter's thread and its own id are of what it is about, so that it is written once and its answers
find the thread; from then on it is a mail of ours like any other. A question is kept like a mail
that came, and everything that holds for those holds for it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from cti_adapters.email import tokens
from cti_adapters.email.composing import CannotBeSent, Draft, compose
from cti_adapters.email.loops import ENVELOPE_SENDER, headers_of_ours
from cti_adapters.email.model import Address, Mail
from cti_adapters.email.outbox import Outbox
from cti_adapters.email.ports import (
    Form,
    Incoming,
    MailStore,
    MailThread,
    Outgoing,
    Sending,
    StoreUnavailable,
)
from cti_adapters.email.replying import shown_as
from cti_adapters.email.same_address import base_of, key_of, parts
from cti_adapters.email.settings import MailboxSettings
from cti_adapters.email.subjects import about
from router.files import Files, FilesUnavailable
from router.letters import (
    Letter,
    LetterRefused,
    Letters,
    LetterStand,
    LettersUnavailable,
    Question,
    is_address,
)
from router.ports import Clock
from router.replica import Replica
from router.text import one_line

MOST_SHOWN: Final = 50  # letters about one contact


class BoxLetters(Letters):
    """``kept`` is told when a question is there to be taken in."""

    def __init__(
        self,
        store: MailStore,
        files: Files,
        replica: Replica,
        clock: Clock,
        outbox: Outbox,
        *,
        boxes: Mapping[str, MailboxSettings],
        secret: bytes,
        kept: Callable[[], None],
    ) -> None:
        self._store = store
        self._files = files
        self._replica = replica
        self._clock = clock
        self._outbox = outbox
        self._boxes = boxes
        self._secret = secret
        self._kept = kept
        self._own = frozenset(base_of(one) for box in boxes.values() for one in box.addresses)

    def sender(self, queue: str) -> str:
        box = self._box(queue)
        return "" if box is None else box.address

    async def send(self, letter: Letter) -> LetterStand:
        try:
            return _stand(await self._sent(letter))
        except CannotBeSent as error:
            raise LetterRefused(str(error)) from None
        except (StoreUnavailable, FilesUnavailable) as error:
            raise LettersUnavailable(str(error)) from error

    async def about(self, contact: str) -> Sequence[LetterStand]:
        try:
            _, outgoing = await self._store.mails_of(_thread(contact), MOST_SHOWN)
        except StoreUnavailable as error:
            raise LettersUnavailable(str(error)) from error
        return [_stand(one) for one in outgoing if one.contact == contact]

    async def ask(self, question: Question) -> None:
        box = self._box(question.queue)
        if box is None:
            raise LetterRefused("No mailbox takes questions here.")
        self._check(question.address)
        try:
            if await self._store.keep(await self._asked(question, box)):
                self._kept()
        except CannotBeSent as error:
            raise LetterRefused(str(error)) from None
        except (StoreUnavailable, FilesUnavailable) as error:
            raise LettersUnavailable(str(error)) from error

    # -- letters ------------------------------------------------------------------------------

    async def _sent(self, letter: Letter) -> Outgoing:
        name = _name(letter)
        known = await self._store.outgoing(name)
        if known is not None:
            return known
        self._check(letter.to)
        box, thread = await self._thread_of(letter)
        draft = self._draft(letter, box, thread)
        raw = await self._files.keep(compose(draft))
        # Before it can leave: its answer must not come to a thread that does not know of it.
        agent, at = letter.agent or letter.knows or thread.agent, draft.at
        # A visitor may have a transcript sent to an address that is not theirs.
        knows = [key_of(letter.to)] if letter.agent else []
        await self._store.answered(thread.id, agent, at, knows)
        outgoing = await self._store.prepare(
            Outgoing(
                id=name,
                mailbox=box.id,
                thread=thread.id,
                contact=letter.about,
                message_id=draft.message_id,
                sender=box.address if letter.agent else ENVELOPE_SENDER,
                recipients=(letter.to,),
                raw=raw,
                at=at,
                subject=draft.subject,
                agent=letter.agent,
                state=Sending.HELD,
                due=at + box.undo if letter.agent else at,
            )
        )
        self._outbox.look()
        return outgoing

    async def _thread_of(self, letter: Letter) -> tuple[MailboxSettings, MailThread]:
        box = self._box(letter.queue)
        if box is None:
            raise CannotBeSent("No mailbox writes for this queue: connect one first.")
        thread = await self._store.begin(
            MailThread(
                id=_thread(letter.about),
                mailbox=box.id,
                subject=about(letter.subject),
                participants=(key_of(letter.to),) if letter.agent else (),
                contact=letter.about,
                updated_at=self._clock.now(),
                origin=letter.origin,
            )
        )
        return self._boxes.get(thread.mailbox, box), thread

    def _draft(self, letter: Letter, box: MailboxSettings, thread: MailThread) -> Draft:
        unique = hashlib.sha256(_name(letter).encode()).hexdigest()[:24]
        signature = box.signature_of(letter.queue).strip() if letter.agent else ""
        signed = f"-- \n{signature}" if signature else ""
        written = (letter.text.rstrip(), signed, letter.quoted.rstrip())
        reply_to = box.address
        if box.plus_addressing:
            reply_to = tokens.reply_address(box.address, thread.id, self._secret)
        return Draft(
            sender=Address(address=box.address, name=shown_as(letter.agent_name, box.name)),
            to=(Address(address=letter.to, name=letter.name),),
            subject=letter.subject,
            text="\n\n".join(part for part in written if part) + "\n",
            message_id=tokens.message_id(thread.id, unique, self._secret, parts(box.address)[1]),
            at=self._clock.now(),
            reply_to=reply_to,
            headers=() if letter.agent else tuple(headers_of_ours().items()),
        )

    # -- questions ----------------------------------------------------------------------------

    async def _asked(self, question: Question, box: MailboxSettings) -> Incoming:
        """As a mail would have brought it, with its bytes, so that nothing has to be told apart."""
        now = self._clock.now()
        digest = hashlib.sha256(f"asked {box.id} {question.id}".encode()).hexdigest()
        sender = Address(address=question.address, name=one_line(question.name))
        to = Address(address=box.address, name=box.name)
        draft = Draft(
            sender=sender,
            to=(to,),
            subject=question.subject,
            text=question.text,
            message_id=f"asked.{digest[:32]}@{parts(box.address)[1]}",
            at=now,
        )
        raw = compose(draft)
        return Incoming(
            id=digest,
            mailbox=box.id,
            at=now,
            raw=await self._files.keep(raw),
            mail=Mail(
                digest=digest,
                size=len(raw),
                sender=sender,
                to=(to,),
                subject=question.subject,
                sent_at=now,
                text=question.text,
            ),
            form=Form(
                queue=question.queue,
                attributes=dict(question.attributes),
                verified=question.verified,
            ),
        )

    # -- both ---------------------------------------------------------------------------------

    def _check(self, address: str) -> None:
        """Mail to ourselves would go round in circles."""
        if not is_address(address):
            raise LetterRefused("That is no mail address: write name@example.com.")
        if base_of(address) in self._own:
            raise LetterRefused("That is our own address: write yours.")

    def _box(self, queue: str) -> MailboxSettings | None:
        """The mailbox whose mails go to ``queue``, else the first."""
        entries = self._replica.state.catalog.entry_points
        for box in self._boxes.values():
            entry = entries.get(box.entry_point)
            if entry is not None and queue in (entry.queue, *entry.choices.values()):
                return box
        return next(iter(self._boxes.values()), None)


def _thread(contact: str) -> str:
    return hashlib.sha256(f"letters about {contact}".encode()).hexdigest()[:24]


def _name(letter: Letter) -> str:
    digest = hashlib.sha256(f"{letter.about} {letter.id}".encode()).hexdigest()
    return f"{'re' if letter.agent else 'ack'}-{digest[:32]}"


def _stand(outgoing: Outgoing) -> LetterStand:
    return LetterStand(
        id=outgoing.id,
        to=outgoing.recipients,
        subject=outgoing.subject,
        at=outgoing.at,
        state=outgoing.state,
        due=outgoing.due,
        reason=outgoing.reason,
        agent=outgoing.agent,
    )
