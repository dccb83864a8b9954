"""Questions that visitors leave in a form while nobody can chat.

Where a mailbox writes for the queue, a question is a mail's contact and answered by mail; else it
is a message's, and says where it is to be answered. Its ids are of the visitor's own id for it, so
that sending it again has one effect.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

import msgspec

from cti_adapters.webchat.claims import Known
from cti_adapters.webchat.messages import MAX_NAME
from cti_adapters.webchat.opening import CHANNEL, is_open, queue_of, staffed_queues
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webchat.speaking import Refused, plain
from cti_adapters.webchat.transcripts import words_in
from router.core.catalog import EntryPoint
from router.core.durations import SECOND
from router.core.events import Rejected
from router.insisting import submit_surely
from router.letters import (
    LetterRefused,
    Letters,
    LettersUnavailable,
    NoLetters,
    Question,
    is_address,
)
from router.limits import Bucket, Buckets
from router.ports import Arrival, Clock, CommandSink, ContactIntake, Said
from router.replica import Replica
from router.text import one_line

LOOKED_EVERY: Final = 2 * SECOND  # at who is signed in
_ID: Final = re.compile(r"[A-Za-z0-9_.:-]{16,64}")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")


class Left(msgspec.Struct, frozen=True, kw_only=True):
    """What a visitor left; ``id`` is theirs, the same when it is sent again."""

    id: str
    entry_point: str
    name: str
    address: str
    text: str
    choice: str = ""
    language: str = ""


class Questions:
    """``letters`` is set by whoever knows who writes mails."""

    def __init__(
        self,
        sink: CommandSink,
        intake: ContactIntake,
        replica: Replica,
        clock: Clock,
        settings: ChatSettings,
    ) -> None:
        self.letters: Letters = NoLetters()
        self._sink = sink
        self._intake = intake
        self._replica = replica
        self._clock = clock
        self._settings = settings
        self._of_source = Buckets(settings.questions_of_source)
        self._of_address = Buckets(settings.questions_of_address)
        self._all = Bucket(settings.questions, clock.now())
        self._staffed: frozenset[str] = frozenset()
        self._looked = 0

    def is_open(self, entry: EntryPoint, choice: str = "") -> bool:
        """Whether visitors may chat there now."""
        when, at = self._settings.form_when, self._clock.now()
        state = self._replica.state
        if when == "unstaffed" and not 0 <= at - self._looked < LOOKED_EVERY:
            self._staffed = staffed_queues(state.catalog, state.agents.values())
            self._looked = at
        return is_open(state.catalog, queue_of(entry, choice), at, when, self._staffed)

    async def leave(self, left: Left, source: str, known: Known | None) -> str:
        """Kept when it returns; where it will be answered. ``known``: whom the site vouches for.

        Raises ``Refused``, ``Overloaded`` or ``JournalUnavailable``.
        """
        entry = self._replica.state.catalog.entry_points.get(left.entry_point)
        if self._settings.form_when == "never" or entry is None or entry.channel != CHANNEL:
            raise Refused("unknown_entry_point")
        if not _ID.fullmatch(left.id):
            raise Refused("refused")
        question = self._question(left, entry, known)
        self._spend(source, question.address.casefold())
        if self.letters.sender(question.queue):
            await self._by_mail(question)
        else:
            await self._as_message(question, entry)
        return question.address

    def _question(self, left: Left, entry: EntryPoint, known: Known | None) -> Question:
        address = (known.address if known else "") or left.address.strip()
        if not is_address(address):
            raise Refused("bad_address")
        text = plain(left.text)
        name = (known.name if known else "") or one_line(left.name)[:MAX_NAME]
        label = entry.choice_labels.get(left.choice, "") or entry.label or entry.id
        given = {
            "name": name,
            "choice_label": entry.choice_labels.get(left.choice, ""),
            "verified_by": known.site.partition("://")[2] if known else "",
            "language": left.language if _LANGUAGE.fullmatch(left.language) else "",
        }
        # Who sends another's id must not be taken for them: what was said belongs to it.
        said = f"{left.id}\n{left.entry_point}\n{left.choice}\n{name}\n{address}\n{text}"
        return Question(
            id=hashlib.sha256(said.encode("utf-8", "replace")).hexdigest(),
            queue=queue_of(entry, left.choice),
            address=address,
            name=name,
            subject=words_in(left.language).asked.format(about=label),
            text=text,
            attributes={key: value for key, value in given.items() if value},
            verified=known.subject if known else "",
        )

    def _spend(self, source: str, address: str) -> None:
        at = self._clock.now()
        waits = (self._of_source.wait_for(source, at), self._of_address.wait_for(address, at))
        if any(waits) or not self._all.take(at):
            raise Refused("too_many_questions")
        self._of_source.take(source, at)
        self._of_address.take(address, at)

    async def _by_mail(self, question: Question) -> None:
        try:
            await self.letters.ask(question)
        except LetterRefused:
            raise Refused("bad_address") from None
        except LettersUnavailable:
            raise Refused("overloaded") from None

    async def _as_message(self, question: Question, entry: EntryPoint) -> None:
        contact = f"question-{question.id[:32]}"
        said = Said(id="question", text=question.text)
        outcome = await self._intake.receive(
            Arrival(
                contact=contact,
                channel=CHANNEL,
                address=question.address,
                entry_point=entry.id,
                queue=question.queue,
                verified=question.verified,
                attributes={**question.attributes, "came_from": "form"},
                dialable=False,
                present=False,
                said=said,
            )
        )
        if isinstance(outcome, Rejected):
            raise Refused("unknown_entry_point")
        # What a crash left at the door was brought in without its words.
        await submit_surely(self._sink, said.posted(contact, by=CHANNEL))
