"""Brings customers in a flow to what it asks of them: says it, collects the keys, tells the answer.

Pure, and in the spirit of ``calls``: the prompt that there is now is compared with the one that is
being said or answered. After a restart or a cut there is none yet, and it is said again.
"""

from __future__ import annotations

from collections.abc import Sequence

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.keys import KEYS, Keys, Outcome
from cti_adapters.asterisk.legs import (
    CUSTOMER,
    PROMPT,
    Ask,
    Call,
    Leg,
    Question,
    Reply,
    Speak,
)
from cti_adapters.asterisk.settings import PbxSettings
from cti_adapters.asterisk.steps import command, lead_back, without_music
from cti_adapters.asterisk.switchboard import Switchboard
from cti_adapters.asterisk.wording import Spoken
from router.core import events as e
from router.core.durations import MILLISECOND, SECOND
from router.core.flows import CAUSE
from router.core.model import Contact, ContactState
from router.limits import Bucket, Rate
from router.ports import FlowRunner, PromptLine
from router.replica import Replica

STOPS_WITHIN = 300 * MILLISECOND  # by itself, what is said when a key is pressed
TELLS_AGAIN = 2 * SECOND  # what the flow did not act on
FLOOD = Rate(burst=100, every=50 * MILLISECOND)  # of keys; nobody presses 20 in a second
STOPPING = "".join(sorted(KEYS))


class Asking:
    """``look`` at each call when anything about it has changed, and when its moment has come."""

    def __init__(
        self, settings: PbxSettings, replica: Replica, board: Switchboard, flows: FlowRunner
    ) -> None:
        self._settings = settings
        self._replica = replica
        self._board = board
        self._flows = flows

    def look(self, call: Call, at: int) -> None:
        contact = self._in_flow(call)
        if contact is not None and contact.sequence > call.followed:
            return  # what happened meanwhile is about to be heard
        question = call.question = self._question(call, contact, at)
        leg = call.legs.get(CUSTOMER)
        channel = self._board.channel_of(leg)
        if question is None:
            self._board.moments.set(call.contact, None)
        elif leg is not None and channel is not None and channel.controlled:
            self._go_on(call, leg, channel, question, at)

    def pressed(self, call: Call, key: str, at: int) -> None:
        """The customer pressed a key; ``look`` at the call then."""
        if call.question is None:
            return
        if call.flood is None:
            call.flood = Bucket(FLOOD, at)
        if call.flood.take(at):
            call.question.keys.press(key, at)

    def forget(self, call: Call) -> None:
        """What was asked: keys may be missed from now on."""
        call.question = None
        self._board.moments.set(call.contact, None)

    def begin_anew(self, call: Call, at: int) -> None:
        """Nobody listened for a while: what is being said is broken off, and said again."""
        contact = self._in_flow(call)
        self.forget(call)
        leg = call.legs.get(CUSTOMER)
        channel = self._board.channel_of(leg)
        if contact is None or leg is None or channel is None:
            return
        if channel.controlled and channel.up and self._flows.prompt(contact.id) is not None:
            self._board.ask(leg, lead_back(leg, channel, self._settings), at)

    # -- what is asked ------------------------------------------------------------------------

    def _in_flow(self, call: Call) -> Contact | None:
        contact = self._replica.state.contacts.get(call.contact)
        asked = contact is not None and contact.state is ContactState.IN_FLOW
        return contact if asked and call.ending is None else None

    def _question(self, call: Call, contact: Contact | None, at: int) -> Question | None:
        now = call.question
        if contact is None or (now is not None and now.sequence == contact.sequence):
            return now if contact is not None else None
        prompt = self._flows.prompt(contact.id)
        if prompt is None:
            return None
        if now is not None and now.prompt.turn == prompt.turn:
            now.sequence = contact.sequence
            return now
        if now is not None and self._is_waiting_words(call, now):
            return now
        return Question(prompt=prompt, sequence=contact.sequence, keys=Keys(prompt, at))

    def _is_waiting_words(self, call: Call, question: Question) -> bool:
        """Words for a wait that is over already are said to their end."""
        leg = call.legs.get(CUSTOMER)
        said = leg is not None and leg.speaking != "" and leg.speaking == question.what
        return question.prompt.kind == "wait" and said

    # -- one step -----------------------------------------------------------------------------

    def _go_on(self, call: Call, leg: Leg, channel: Channel, question: Question, at: int) -> None:
        keys = question.keys
        if not question.what and not leg.speaking:
            self._say(call, leg, question, at)
        if question.what and not leg.speaking:
            keys.end(at)
        stops = leg.speaking and (not question.what or keys.cut)
        if stops:
            self._stop(leg, channel, question, at)
        outcome = keys.outcome(at)
        if outcome is not None:
            self._reply(call, question, outcome, at)
        moments = [keys.next_moment, question.stops_by if stops else None]
        later = [moment for moment in moments if moment is not None and moment > at]
        self._board.moments.set(call.contact, min(later, default=None))

    def _say(self, call: Call, leg: Leg, question: Question, at: int) -> None:
        """Who has answered already need not hear it."""
        contact = self._replica.state.contacts.get(call.contact)
        came = contact.arrived_at if contact is not None else at
        texts = () if question.keys.cut else spoken(question.prompt.say, self._settings, came)
        what = f"{PROMPT} {question.prompt.turn} {at:x}"
        if not texts:
            question.what = what
        elif self._board.ask(leg, Speak(what=what, unique=leg.unique, texts=texts), at):
            question.what = leg.speaking = what

    def _stop(self, leg: Leg, channel: Channel, question: Question, at: int) -> None:
        """The key itself has done it, unless it was pressed just before this began to be said."""
        question.stops_by = question.stops_by or at + STOPS_WITHIN
        if at >= question.stops_by:
            self._board.ask(leg, lead_back(leg, channel, self._settings), at)

    def _reply(self, call: Call, question: Question, outcome: Outcome, at: int) -> None:
        if question.told_at and at - question.told_at < TELLS_AGAIN:
            return
        question.told_at = at
        turn = question.prompt.turn
        self._board.add(Reply(contact=call.contact, turn=turn, outcome=outcome))

    # -- sounds -------------------------------------------------------------------------------

    def play(
        self, call: Call, leg: Leg, channel: Channel, what: str, sounds: Sequence[str]
    ) -> Ask | None:
        """The first of a prompt's ``sounds``, None when it is no longer to be heard. They are
        played one by one: what waits in Asterisk's queue is not stopped by a key.
        """
        question = call.question
        if question is None or not question.what == leg.speaking == what:
            return None
        if question.keys.cut or not sounds:
            return None
        question.sounds = list(sounds[1:])
        return without_music(leg, channel, what, _line(question, sounds[0]))

    def plays_on(self, call: Call, leg: Leg, *, stopped: bool, at: int) -> bool:
        """A sound that was played to the leg has come to its end: whether the next one follows."""
        question, channel = call.question, self._board.channel_of(leg)
        if question is None or channel is None or question.what != leg.speaking:
            return False
        if stopped or question.keys.cut or not question.sounds:
            return False
        line = _line(question, question.sounds.pop(0))
        return self._board.ask(leg, command(leg, channel, question.what, line), at)


def _line(question: Question, sound: str) -> str:
    return agi.stream(sound, STOPPING if question.keys.stoppable else "")


# -- words ----------------------------------------------------------------------------------------


def spoken(say: Sequence[PromptLine], settings: PbxSettings, came: int) -> tuple[Spoken, ...]:
    """With the recordings that were in force when the contact ``came``."""
    return tuple(
        Spoken(line.text, line.language or settings.language, line.audio, came)
        for line in say
        if line.text or line.audio
    )


def is_worded(event: e.ContactEvent) -> bool:
    """Whether a flow has led to what ``event`` says: its last words are all that is said then."""
    match event:
        case e.Overflowed(cause=cause) | e.CallbackPromised(cause=cause):
            return cause == CAUSE
        case _:
            return False
