"""Channels that belong to no call we know: new calls, and what is found after an interruption.

Pure. Whatever a channel turns out to be, it gets a call, is handed to the dialplan's next
command, or is hung up; none is forgotten.
"""

from __future__ import annotations

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.exchange import Channel
from cti_adapters.asterisk.legs import (
    CUSTOMER,
    OURS,
    Call,
    Leg,
    TakeFax,
    is_far_half,
    owner_of,
)
from cti_adapters.asterisk.outbound import Refused, allowed, safe_name, safe_word
from cti_adapters.asterisk.queue_announcements import LANGUAGE
from cti_adapters.asterisk.settings import CHANNEL, PbxSettings
from cti_adapters.asterisk.steps import UNDER_CONTROL, command
from cti_adapters.asterisk.switchboard import Switchboard
from router.ports import Arrival
from router.replica import Replica

# The dialplan may have set one for callers whom no router takes.
NO_LIMIT = agi.command("SET", "VARIABLE", "TIMEOUT(absolute)", "0")
UNSET_LANGUAGE = "en"  # Asterisk's of a channel that was given none


class TakingIn:
    """``hear`` a channel's event, or ``take_up`` one that stands in the list of all channels."""

    def __init__(self, settings: PbxSettings, replica: Replica, board: Switchboard) -> None:
        self._settings = settings
        self._replica = replica
        self._board = board

    def hear(self, channel: Channel, message: Message, at: int) -> None:
        """While stock is taken nothing is done: Asterisk tells a new connection what was before,
        and whoever it is about is about to be taken up.
        """
        if is_far_half(channel.unique) or self._board.exchange.is_listed_anew:
            return
        if channel.unique.startswith(OURS):
            if message.name in ("Newchannel", "AsyncAGIStart"):  # its call has ended meanwhile
                self._board.hang_up(channel.name)
        elif message.name == "AsyncAGIExec":
            if channel.context == self._settings.context:  # the router is done with whoever it is
                self._board.hang_up(channel.name)
        elif message.name == "AsyncAGIStart" and not _comes_in(channel):
            self._board.hang_up(channel.name)
        elif message.name == "AsyncAGIStart":
            contact = self._contact_of(channel)
            if self._was_here(contact):  # a later contact of one call says when it began
                contact = f"{contact}:{at:x}"
            self._arrive(channel, contact, at)

    def take_up(self, channel: Channel, at: int) -> None:
        """After a (re)connection."""
        owner = owner_of(channel.unique)
        if is_far_half(channel.unique):
            return
        if owner is not None:
            self._take_up_ours(channel, *owner, at)
        elif channel.context == self._settings.context:
            self._take_up_customer(channel, at)

    def _take_up_ours(self, channel: Channel, agent: str, contact: str, at: int) -> None:
        call = self._board.calls.get(contact)
        if call is None or agent in call.legs:
            self._board.hang_up(channel.name)
            return
        leg = Leg(unique=channel.unique, agent=agent, since=at, was_up=channel.up)
        self._board.join(call, leg)

    def _take_up_customer(self, channel: Channel, at: int) -> None:
        """Who has been served already, and still leaves a message or talks to whom they were put
        through to, is hung up when that is over: the next command waits behind it.
        """
        call = self._without_customer(channel)
        if call is not None:
            leg = Leg(unique=channel.unique, since=at, found=True, was_up=channel.up)
            self._board.join(call, leg)
        elif self._is_new(channel):
            self._arrive(channel, self._contact_of(channel), at)
        elif not channel.bridge:
            leg = Leg(unique=channel.unique)
            self._board.add(command(leg, channel, "come out", "NOOP"))

    def _is_new(self, channel: Channel) -> bool:
        """Whether it came in while nobody could listen."""
        waits = channel.controlled and _comes_in(channel)
        return waits and not self._was_here(self._contact_of(channel))

    def _without_customer(self, channel: Channel) -> Call | None:
        """The call whose customer this channel is: it bears the call's Linkedid."""
        name = self._contact_of(channel)
        for contact, call in self._board.calls.items():
            if CUSTOMER not in call.legs and (contact == name or contact.startswith(f"{name}:")):
                return call
        return None

    def _contact_of(self, channel: Channel) -> str:
        return f"{self._settings.id}:{channel.linked or channel.unique}"

    def _was_here(self, contact: str) -> bool:
        """What the router has taken in once, it takes for the same when it hears of it again."""
        return contact in self._board.calls or f"{contact}/arrive" in self._replica.state.commands

    # -- a new call -------------------------------------------------------------------------------

    def _arrive(self, channel: Channel, contact: str, at: int) -> None:
        call = Call(contact=contact, number=channel.number)
        leg = Leg(unique=channel.unique, since=at, was_up=channel.up)
        self._board.calls[contact] = call
        self._board.join(call, leg)
        self._board.ask(leg, command(leg, channel, "answer", agi.command("ANSWER")), at)
        self._board.add(command(leg, channel, "no limit", NO_LIMIT))
        if channel.dialled in self._settings.faxes:
            call.over, call.box = True, self._settings.faxes[channel.dialled]
            call.ending = TakeFax(call.box)
        else:
            self._board.add(self._arrival(channel, contact))

    def _arrival(self, channel: Channel, contact: str) -> Arrival:
        language = "" if channel.language == UNSET_LANGUAGE else safe_word(channel.language)
        known = {"name": safe_name(channel.caller), LANGUAGE: language}
        return Arrival(
            contact=contact,
            channel=CHANNEL,
            address=channel.number,
            entry_point=self._entry_point(channel.dialled),
            attributes={key: value for key, value in known.items() if value},
            dialable=self._may_be_called(channel.number),
        )

    def _may_be_called(self, number: str) -> bool:
        found = allowed(number, self._settings.outbound)
        return bool(self._settings.trunk) and not isinstance(found, Refused)

    def _entry_point(self, dialled: str) -> str:
        """Of a number; or the dialplan sent the call straight to an entry point, by its name."""
        if dialled in self._settings.numbers:
            return self._settings.numbers[dialled]
        known = dialled in self._replica.state.catalog.entry_points
        return dialled if known else self._settings.entry_point


def _comes_in(channel: Channel) -> bool:
    """Whether it is a call from outside: whom a telephone passes our calls on to is not one."""
    return channel.dialled != UNDER_CONTROL
