"""What must hold for a centre on an Asterisk in memory, when it has come to rest.

What is checked is what people on telephones hear, and what the log says; of the channel only
``wanted`` is believed, which says who should hear whom.
"""

from __future__ import annotations

from collections import Counter

from cti_adapters.asterisk import legs
from cti_adapters.asterisk.wanted import wanted
from router.core import events as e
from router.core.durations import SECOND
from router.core.model import TERMINAL as CLOSED
from router.core.model import WITH_AGENT, Contact, SlotState
from tests.asterisk.centre import AGENTS, Centre
from tests.asterisk.fake_channel import Channel

OUTSIDE = "+442079460999"  # who is not spoken with from here
SUPERVISOR = "sue"
ENDINGS = frozenset({"Playback", "RECORD", "Dial", "ReceiveFAX"})
TERMINAL = (e.Abandoned, e.Overflowed, e.TransferredOut, e.Completed)
TOO_LONG = 14 * SECOND  # for a phone whose agent has accepted at the desk


def check(centre: Centre) -> None:
    """Raises ``AssertionError``."""
    check_log(centre)
    Telephones(centre).check()


def check_log(centre: Centre) -> None:
    """Each contact has exactly one end, or none yet."""
    ended = Counter(event.contact for event in centre.said if isinstance(event, TERMINAL))
    twice = [contact for contact, times in ended.items() if times > 1]
    assert twice == [], "ended twice"
    contacts = centre.replica.state.contacts
    live = {id_ for id_, contact in contacts.items() if contact.state not in CLOSED}
    for event in centre.said:
        if isinstance(event, e.ContactArrived):
            assert (event.contact in ended) != (event.contact in live), event.contact


class Telephones:
    """Everybody hears whom they should, and whoever is on the telephone belongs to a contact."""

    def __init__(self, centre: Centre) -> None:
        self._state = centre.replica.state
        self._contacts = [one for one in centre.contacts if one.channel == "voice"]
        self._channels = centre.asterisk.channels
        self._now = centre.clock.now()

    def check(self) -> None:
        accounted: set[str] = set()
        for contact in self._contacts:
            accounted |= self._check_call(contact)
        for unique, channel in self._channels.items():
            known = unique in accounted or self._is_ending(channel) or self._listens(channel)
            assert known, f"nobody knows {channel}"
        for agent in AGENTS:
            self._check_agent(agent)

    def _check_call(self, contact: Contact) -> set[str]:
        """The channels that belong to it."""
        consult = self._state.contacts.get(contact.consult) if contact.consult else None
        plan = wanted(contact, consult)
        there = {agent: self._channel_of(agent, contact) for agent in plan}
        for agent, activity in plan.items():
            channel = there[agent]
            where = f"{contact.id} ({contact.state}): {agent or 'customer'} {activity} {channel}"
            if channel is None:
                assert not agent or contact.state in WITH_AGENT, f"missing: {where}"
                assert agent or contact.callback is not None, f"missing: {where}"
            elif channel.state != "Ringing":
                self._check_leg(channel, activity, there, where)
            elif agent and not isinstance(activity, legs.Ring):
                assert self._rings_since(channel) < TOO_LONG, f"rings for ever: {where}"
        return {channel.unique for channel in there.values() if channel is not None}

    def _check_leg(
        self,
        channel: Channel,
        activity: legs.Activity,
        there: dict[str, Channel | None],
        where: str,
    ) -> None:
        heard = channel.talks_with
        match activity:
            case legs.Wait():
                assert heard == [], where
                assert channel.music or channel.application == "Playback", where
            case legs.Quiet():
                assert heard == [], where
            case legs.Talk(partner=partner):
                other = there.get(partner)
                is_there = other is not None and other.state == "Up"
                assert heard == ([other.party] if other is not None and is_there else []), where
            case legs.Meet(room=room):
                assert channel.bridge is not None, where
                assert channel.bridge.room == room, where
            case legs.Ring():
                raise AssertionError(f"answered, and not accepted: {where}")
            case _:
                raise AssertionError(where)

    def _check_agent(self, agent: str) -> None:
        for slot in self._state.agents[agent].slots.values():
            contact = self._state.contacts.get(slot.contact)
            assert contact is not None, f"{agent} is busy with {slot.contact}, which has ended"
            if slot.state in (SlotState.ACTIVE, SlotState.HELD):
                assert contact.state in WITH_AGENT, f"{agent} is busy with {slot.contact}"

    def _rings_since(self, channel: Channel) -> int:
        """Microseconds: the name we gave it says when."""
        return self._now - int(channel.unique.split(":")[1], 16)

    def _channel_of(self, agent: str, contact: Contact) -> Channel | None:
        """The agent's for this contact; the customer's by the contact's own name."""
        for channel in self._channels.values():
            owner = legs.owner_of(channel.unique)
            if owner == (agent, contact.id):
                return channel
            if owner is None and agent == legs.CUSTOMER and _is_customer(channel, contact):
                return channel
        return None

    def _listens(self, channel: Channel) -> bool:
        """A supervisor, beside a conversation that goes on."""
        who, contact = legs.owner_of(channel.unique) or ("", "")
        live = self._state.contacts.get(contact)
        is_listener = who == legs.listener(SUPERVISOR)
        return is_listener and live is not None and live.state in WITH_AGENT

    def _is_ending(self, channel: Channel) -> bool:
        """It hears a last text, leaves a message, or is put through."""
        if channel.party == OUTSIDE or channel.application in ENDINGS:
            return True
        running = channel.running
        return running is not None and running.application in ENDINGS


def _is_customer(channel: Channel, contact: Contact) -> bool:
    name = f"main:{channel.unique}"
    return contact.id == name or contact.id.startswith(f"{name}:")
