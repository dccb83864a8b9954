"""The calls of one telephone system: what Asterisk says and what the router decides, both heard
here, become commands for the router and actions for Asterisk. Pure: time is an argument.

Nothing is remembered about what should happen. After every event the legs of the call it concerns
are compared with what ``wanted`` says of the router's state, and brought one step nearer; what
comes twice or late finds nothing left to do, and after a restart the same comparison with a list
of the channels takes every call up again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeGuard

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.asking import Asking, is_worded, spoken
from cti_adapters.asterisk.attending import Attending
from cti_adapters.asterisk.bringing import Bringing
from cti_adapters.asterisk.departures import (
    LED_AWAY,
    LOST,
    UNREACHABLE,
    why_failed,
    why_hung_up,
)
from cti_adapters.asterisk.endings import (
    ending_of,
    ending_went_on,
    left_behind,
)
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.legs import (
    CUSTOMER,
    GONE,
    HUSH,
    LASTING,
    MUSIC,
    MUSIC_OFF,
    PROMPT,
    Ask,
    Broken,
    Call,
    Leave,
    Leg,
    Listen,
    Record,
    Speak,
    listener,
)
from cti_adapters.asterisk.outbound import Refused, allowed
from cti_adapters.asterisk.recording import MUTES
from cti_adapters.asterisk.settings import CHANNEL, PbxSettings
from cti_adapters.asterisk.steps import SIGN_OF_LIFE, command
from cti_adapters.asterisk.switchboard import Act, Switchboard, settle
from cti_adapters.asterisk.taking_in import TakingIn
from router.core.commands import Hold, Retrieve
from router.core.durations import SECOND
from router.core.events import ContactArrived, ContactEvent, FlowAdvanced, Terminal, TransferredOut
from router.core.model import TERMINAL, WITH_AGENT, Contact, ContactState, MonitorMode
from router.ports import FlowRunner, NoFlows
from router.replica import Replica

FAILED = "OutgoingSpoolFailed"  # what Asterisk runs where a dialplan takes calls it could not make
NO_CHANNEL = 10 * SECOND  # for one that was asked for to appear
_SETTLED = {"AsyncAGIStart", "BridgeEnter"}  # what was asked has happened


class Calls:
    """Feed it with ``hear`` (AMI events), ``follow`` (the router's) and ``sweep`` (now and then);
    ``drain`` what it wants done.
    """

    def __init__(
        self, settings: PbxSettings, replica: Replica, flows: FlowRunner | None = None
    ) -> None:
        self._settings = settings
        self._replica = replica
        self._flows = flows or NoFlows()
        self._board = Switchboard()
        self._bring = Bringing(settings, replica, self._board)
        self._attending = Attending(settings, replica, self._board)
        self._asking = Asking(settings, replica, self._board, self._flows)
        self._taking_in = TakingIn(settings, replica, self._board)
        self._has_stock = False  # whether it is known which channels there are

    def __len__(self) -> int:
        return len(self._board.calls)

    def drain(self) -> list[Act]:
        return self._board.drain()

    def in_use(self, agent: str, at: int) -> bool:
        return self._board.in_use(agent, at)

    # -- what Asterisk says -------------------------------------------------------------------

    def hear(self, message: Message, at: int) -> None:
        match message.name:
            case "Hangup":
                self._hung_up(message, at)
            case "AsyncAGIStart" if message.get("Channel") == FAILED:
                self._board.hang_up(FAILED)  # nobody is on the line, and Asterisk waits for its end
            case "BlindTransfer" | "AttendedTransfer":
                self._let_go(message.get("TransfereeUniqueid"), at)
            case "OriginateResponse" if message.get("Response") == "Failure":
                unique = message.get("Uniqueid")
                if unique not in self._board.exchange.channels:
                    self._gone(unique, why_failed(message.get("Reason")), at)
            case _:
                stands = self._board.exchange.is_controlled(message.get("Uniqueid"))
                channel = self._board.exchange.apply(message)
                if channel is not None and not (stands and message.name == "AsyncAGIStart"):
                    self._changed(channel, message, at)

    def stock_begins(self) -> None:
        """To be told before channels are listed for ``take_stock``."""
        self._has_stock = False
        self._board.exchange.stock_begins()

    def cut(self) -> None:
        """Nothing is heard until ``take_stock``: nobody counts as silent meanwhile."""
        self._has_stock = False
        for call in self._board.calls.values():
            self._asking.forget(call)

    def take_stock(self, listed: Iterable[Message], at: int) -> list[Exception]:
        """After a (re)connection: ``listed`` are all channels there are, as CoreShowChannel. For
        the answer see ``sweep``.
        """
        board = self._board
        board.exchange.take_stock(listed)
        for contact in self._replica.state.contacts.values():
            if self._is_ours(contact):
                call = self._adopt(contact)
                call.followed = max(call.followed, contact.sequence)
        for unique in board.legs():
            if unique not in board.exchange.channels:
                self._gone(unique, LOST, at)
        for channel in list(board.exchange.channels.values()):
            if board.find(channel.unique) is None:
                self._taking_in.take_up(channel, at)
        for call in board.calls.values():
            call.muted = None  # what was asked meanwhile was not heard
            for leg in call.legs.values():
                self._settle(call, leg)
            self._asking.begin_anew(call, at)
        self._has_stock = True
        return self.sweep(self.contacts, at)

    def _adopt(self, contact: Contact) -> Call:
        """The call of a contact that the router knows."""
        call = Call(contact=contact.id, number=contact.address, taken=True)
        return self._board.calls.setdefault(contact.id, call)

    def _settle(self, call: Call, leg: Leg) -> None:
        """Who hears a last text or leaves a message is not disturbed: when that is over they give a
        sign of life, should its end not have been heard.
        """
        channel = self._board.channel_of(leg)
        if leg.agent == CUSTOMER and call.ending is not None and leg.under_way and channel:
            self._board.add(command(leg, channel, SIGN_OF_LIFE, agi.command("NOOP")))
        else:
            settle(leg)

    def _is_ours(self, contact: Contact) -> bool:
        """A call of this telephone system that is not over; not what somebody left in a voicemail
        box here, and not one that was put through and is still being written up.
        """
        begins = contact.id.startswith(f"{self._settings.id}:")
        lives = contact.channel == CHANNEL and contact.state not in TERMINAL
        return begins and lives and not contact.parent

    @property
    def contacts(self) -> list[str]:
        """Whose calls there are."""
        return list(self._board.calls)

    def sweep(self, contacts: Iterable[str], at: int) -> list[Exception]:
        """Ask again for what was not seen to happen; give up on phones that are not answered.

        What a call raised, for whoever can log it: one of them must not cost the others their care.
        """
        calls = [self._board.calls.get(contact) for contact in contacts]
        return _each(self._look_after, calls, at)

    def _look_after(self, call: Call, at: int) -> None:
        for unique in self._board.legs_without_channel(call, at - NO_CHANNEL):
            self._gone(unique, UNREACHABLE, at)
        if call.contact in self._board.calls:
            self._on(call, at)
            self._bring.give_up(call, at)
            self._attending.look(call, at)

    @property
    def next_moment(self) -> int | None:
        """When to ``look`` again, microseconds UTC, None: not before something happens."""
        return self._board.moments.next

    def look(self, at: int) -> None:
        """At the calls whose moment has come."""
        for contact in self._board.moments.take(at):
            call = self._board.calls.get(contact)
            if call is not None:
                self._on(call, at)

    def _on(self, call: Call, at: int) -> None:
        """Anything about the call may have changed."""
        self._asking.look(call, at)
        self._attending.say_words(call, at)
        self._bring.on(call, at)

    def refused(self, ask: Ask, at: int) -> None:
        """Asterisk did not do it: mostly because the channel has gone meanwhile."""
        found = self._board.find(ask.unique)
        if ask.action == "Originate":
            self._gone(ask.unique, UNREACHABLE, at)
        elif found is not None and ask.action == MUTES:
            found[0].muted = None
        elif found is not None and found[1].asked == ask.what:
            if found[1].speaking == ask.what:
                found[1].speaking = ""  # nobody hears it
            self._refused_again(found[1], at)

    def _refused_again(self, leg: Leg, at: int) -> None:
        """Once: its hang-up is about to be heard. Long after that: it was not, and never will."""
        leg.under_way = False
        leg.refused_at = leg.refused_at or at
        if at - leg.refused_at > NO_CHANNEL:
            self._board.exchange.hang_up(leg.unique)
            self._gone(leg.unique, LOST, at)

    def is_live(self, contact: str) -> bool:
        return contact in self._board.calls

    def listen(self, contact: str, who: str, mode: MonitorMode, at: int) -> bool:
        """Call up ``who``, a supervisor, to hear the agent who holds the contact; whether there
        is such a conversation here.
        """
        call = self._board.calls.get(contact)
        live = self._replica.state.contacts.get(contact)
        if call is None or live is None or live.state not in WITH_AGENT:
            return False
        call.listeners[listener(who)] = Listen(live.agent, mode)
        self._bring.on(call, at)
        return True

    def on_the_line(self, contact: str) -> bool:
        """Whether any party of this call is on the telephone still."""
        linked = contact.removeprefix(f"{self._settings.id}:").partition(":")[0]
        there = self._board.exchange.channels.values()
        return contact in self._board.calls or any(one.linked == linked for one in there)

    # -- what is spoken -----------------------------------------------------------------------

    def playing(self, speak: Speak, sounds: Sequence[str]) -> list[Ask]:
        """The commands that play ``sounds``, none when the leg is no longer there to hear them."""
        found = self._board.find(speak.unique)
        channel = self._board.channel_of(found[1]) if found else None
        if found is None or channel is None or not channel.controlled:
            return []
        if speak.what.startswith(PROMPT):
            first = self._asking.play(*found, channel, speak.what, sounds)
            return [] if first is None else [first]
        return [command(found[1], channel, speak.what, agi.play(sounds))] if sounds else []

    def heard_out(self, unique: str, what: str, at: int) -> None:
        """The texts of a ``Speak`` had no sound: as if they had been heard."""
        found = self._board.find(unique)
        if found is not None:
            call, leg = found
            self._done(call, leg, what, agi.SILENT, at)
            self._on(call, at)

    # -- what the router decides --------------------------------------------------------------

    def follow(self, events: Iterable[ContactEvent], at: int) -> list[Exception]:
        """Take in what one entry says of contacts; the replica has all of it already. For the
        answer see ``sweep``.
        """
        concerned = {call.contact: call for event in events if (call := self._note(event))}
        return _each(self._on, concerned.values(), at)

    def _note(self, event: ContactEvent) -> Call | None:
        """The call that an event is about, with what it leaves for the customer to hear."""
        contact = self._replica.state.contacts.get(event.contact)
        about = contact.parent if contact and contact.parent else event.contact
        call = self._board.calls.get(about)
        if call is None and isinstance(event, ContactArrived) and self._is_unheard_of(contact):
            call = self._adopt(contact)
        if call is None:
            return None
        if event.contact == about:
            call.taken, call.followed = True, event.sequence
            call.over = call.over or isinstance(event, Terminal)
        if isinstance(event, FlowAdvanced) and (
            contact is None or contact.state is not ContactState.IN_FLOW
        ):
            came = contact.arrived_at if contact is not None else 0
            call.words = spoken(self._flows.last_words(event.session), self._settings, came)
        worded = bool(call.words) and is_worded(event)
        ending = ending_of(event, self._settings, worded=worded)
        if isinstance(event, TransferredOut):
            number = allowed(event.address, self._settings.outbound)
            ending = GONE if isinstance(number, Refused) else Leave(number)
        call.look_again = 0
        if ending is not None:
            call.ending, call.stage = ending, ""
            call.box = ending.box if isinstance(ending, Record) else ""
        return call

    def _is_unheard_of(self, contact: Contact | None) -> TypeGuard[Contact]:
        """Whether an arrival of before has only now reached the router, as from the outbox of a
        branch that was killed: its caller is gone, or would have been taken up.
        """
        return self._has_stock and contact is not None and self._is_ours(contact)

    def turn_away(self, contact: str, at: int) -> None:
        """The router has no place for the call."""
        call = self._board.calls.get(contact)
        if call is not None and contact not in self._replica.state.contacts:
            call.ending = GONE
            self._bring.on(call, at)

    # -- channels -----------------------------------------------------------------------------

    def _changed(self, channel: Channel, message: Message, at: int) -> None:
        found = self._board.find(channel.unique)
        if found is None:
            self._taking_in.hear(channel, message, at)
            return
        call, leg = found
        leg.was_up = leg.was_up or channel.up
        if leg.was_up:
            call.broken.pop(leg.agent, None)
        leg.refused_at = 0
        if message.name in _SETTLED:
            settle(leg)
        match message.name:
            case "AsyncAGIExec":
                answer = agi.answer(message.get("Result"))
                self._done(call, leg, message.get("CommandID"), answer, at)
            case "DTMFEnd" if leg.agent == CUSTOMER and message.get("Direction") == "Received":
                self._attending.pressed(call, message.get("Digit"), at)
                self._asking.pressed(call, message.get("Digit"), at)
            case "HangupRequest":  # said before the others of its bridge are hung up with it
                why = why_hung_up(message.get("Cause"), was_up=leg.was_up)
                self._leaves(call, leg, why, at)
            case "BridgeLeave" | "AsyncAGIEnd" if channel.context != self._settings.context:
                self._let_go(channel.unique, at)
                return
            case "Hold" | "Unhold":
                self._held_by_phone(call, leg, message.name, at)
            case _:
                pass
        self._on(call, at)

    def _done(self, call: Call, leg: Leg, what: str, answer: agi.Answer, at: int) -> None:
        """A command has come to its end."""
        if what == SIGN_OF_LIFE and leg.under_way:
            what = leg.asked  # before it
        if leg.asked == what:
            leg.under_way = False
            leg.asked = what if what.startswith(LASTING) else ""  # is not done anew at once
        if what in (MUSIC, MUSIC_OFF):
            leg.music = what == MUSIC
        elif what == HUSH:
            leg.hushed = True
        elif what and what == leg.speaking:
            stopped = answer.result != 0
            if not self._asking.plays_on(call, leg, stopped=stopped, at=at):
                leg.speaking, leg.music = "", False
        if leg.agent == CUSTOMER and call.ending is not None:
            ending_went_on(call, what, broken_off=answer.hung_up)
            self._message_left(call)

    def _message_left(self, call: Call) -> None:
        arrival = left_behind(call) if call.ending == GONE else None
        if arrival is not None:
            self._board.add(arrival)

    def _held_by_phone(self, call: Call, leg: Leg, name: str, at: int) -> None:
        """The agent pressed hold on the telephone itself: the same as on the desk."""
        contact = self._replica.state.contacts.get(call.contact)
        if contact is None or leg.agent != contact.agent:
            return
        key = f"{contact.id}/{name}/{contact.sequence}"
        if name == "Hold" and contact.state is ContactState.CONNECTED:
            self._board.tell(call, Hold(id=key, by=CHANNEL, contact=contact.id), at)
        elif name == "Unhold" and contact.state is ContactState.HELD:
            self._board.tell(call, Retrieve(id=key, by=CHANNEL, contact=contact.id), at)

    def _hung_up(self, message: Message, at: int) -> None:
        unique = message.get("Uniqueid")
        self._board.exchange.hang_up(unique)
        found = self._board.find(unique)
        if found is not None:
            why = why_hung_up(message.get("Cause"), was_up=found[1].was_up)
            self._gone(unique, why, at)

    def _leaves(self, call: Call, leg: Leg, why: str, at: int) -> None:
        """One that should stay has left, unless a line broke: then the agent is called again."""
        if call.legs.get(leg.agent) is not leg:
            return
        if leg.agent == CUSTOMER and why == LOST and not leg.was_up:
            why = UNREACHABLE
        if leg.agent != CUSTOMER and why == LOST:
            call.broken.setdefault(leg.agent, Broken(since=at, tried=at))
        elif not self._comes_back(call, leg, why, at):
            call.left.setdefault(leg.agent, why)

    def _comes_back(self, call: Call, leg: Leg, why: str, at: int) -> bool:
        """A telephone that is not there yet after its line broke: a desk that is loaded anew."""
        broken = call.broken.get(leg.agent)
        if broken is None or why != UNREACHABLE:
            return False
        return at - broken.since < self._settings.answer_within

    def _let_go(self, unique: str, at: int) -> None:
        """A customer whom somebody led elsewhere past the router, by a telephone's own key or
        another program, is not hung up there.
        """
        found = self._board.find(unique)
        if found is not None and found[1].agent == CUSTOMER:
            self._gone(unique, LED_AWAY, at)

    def _gone(self, unique: str, why: str, at: int) -> None:
        """A leg is no more."""
        found = self._board.find(unique)
        if found is None:
            return
        call, leg = found
        self._leaves(call, leg, why, at)
        self._board.drop(call, leg, at)
        if leg.agent == CUSTOMER and call.ending is not None:
            call.ending = GONE
            self._message_left(call)
        self._bring.on(call, at)


def _each(
    work: Callable[[Call, int], None], calls: Iterable[Call | None], at: int
) -> list[Exception]:
    failures: list[Exception] = []
    for call in calls:
        try:
            if call is not None:
                work(call, at)
        except Exception as error:  # noqa: BLE001 - it is logged by the shell
            failures.append(error)
    return failures
