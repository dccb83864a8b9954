"""Fifty live calls on a real Asterisk, and whether what is recorded of them is what is so."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterable, Mapping

import msgspec

from router.core.events import Entry, Terminal
from router.core.model import TERMINAL, WITH_AGENT, Contact, ContactState
from router.core.state import State
from tests.asterisk.manager import Message
from tests.asterisk.server import AsteriskServer
from tests.faults.checker import judge

TALKING, WAITING = 40, 10
AGENTS = tuple(f"agent{n:02}" for n in range(TALKING))
CAPACITY = {"voice": 1}
RECONCILED = 5  # seconds


class Picture(msgspec.Struct, frozen=True):
    """Asterisk's channels at one moment: callers by Uniqueid, agents' by agent."""

    callers: Mapping[str, Message]
    phones: Mapping[str, Message]

    @property
    def talking(self) -> list[str]:
        """Uniqueids of callers."""
        return [unique for unique, channel in self.callers.items() if channel["BridgeId"]]

    @property
    def waiting(self) -> list[str]:
        return [unique for unique, channel in self.callers.items() if not channel["BridgeId"]]

    @property
    def conversations(self) -> dict[str, tuple[str, str]]:
        """By a caller's Uniqueid, the bridge and the channel of the agent's telephone."""
        phones = {channel["BridgeId"]: channel["Channel"] for channel in self.phones.values()}
        bridges = {unique: self.callers[unique]["BridgeId"] for unique in self.talking}
        return {unique: (bridge, phones.get(bridge, "")) for unique, bridge in bridges.items()}


def picture(server: AsteriskServer) -> Picture:
    with server.judge() as judge:
        channels = judge.list("CoreShowChannels")
    return Picture(
        callers={one["Uniqueid"]: one for one in channels if _owner(one) == "trunk"},
        phones={_owner(one): one for one in channels if _owner(one) != "trunk"},
    )


def _owner(channel: Message) -> str:
    return channel["Channel"].removeprefix("PJSIP/").rpartition("-")[0]


def hang_up(server: AsteriskServer, channels: Iterable[str]) -> None:
    """As if those telephones were hung up; returns when the channels are gone."""
    names = set(channels)
    with server.judge() as judge:
        for name in names:
            judge.do("Hangup", Channel=name)
    end = time.monotonic() + 5
    while names & set(server.channels()):
        assert time.monotonic() < end, "calls go on"
        time.sleep(0.05)


def hang_up_callers(server: AsteriskServer, uniques: Iterable[str]) -> None:
    callers = picture(server).callers
    hang_up(server, [callers[unique]["Channel"] for unique in uniques])


def hang_up_agents(server: AsteriskServer, callers: Iterable[str]) -> None:
    """Those who talk with these callers, by Uniqueid."""
    conversations = picture(server).conversations
    hang_up(server, [conversations[unique][1] for unique in callers])


def hang_up_everybody(server: AsteriskServer) -> None:
    hang_up(server, server.channels())


# -- the records ----------------------------------------------------------------------------------


def disagreements(state: State, seen: Picture) -> list[str]:
    """Everything that the records say otherwise than Asterisk, one sentence each."""
    records = [contact for contact in state.contacts.values() if _is_on_the_line(contact)]
    recorded = {_caller_of(contact) for contact in records}
    return [
        *(f"{caller} is on the line and unknown" for caller in set(seen.callers) - recorded),
        *([f"{len(records)} records of {len(recorded)} callers"] * (len(records) > len(recorded))),
        *(wrong for contact in records if (wrong := _wrong(contact, seen))),
        *_stuck(state),
    ]


def _is_on_the_line(contact: Contact) -> bool:
    return contact.state not in TERMINAL | {ContactState.WRAPPING}


def _caller_of(contact: Contact) -> str:
    """The Uniqueid of the call that the contact's id names."""
    return contact.id.split(":")[1]


def _wrong(contact: Contact, seen: Picture) -> str:
    caller = seen.callers.get(_caller_of(contact))
    if caller is None:
        return f"{contact.id} is {contact.state} and its caller has gone"
    if caller["ChannelStateDesc"] != "Up":
        return f"{contact.id} is {contact.state} and was never answered"
    if contact.state not in WITH_AGENT:
        return f"{contact.id} waits and talks" if caller["BridgeId"] else ""
    phone = seen.phones.get(contact.agent)
    together = phone is not None and phone["BridgeId"] == caller["BridgeId"] != ""
    return "" if together else f"{contact.id} does not talk with {contact.agent}"


def _stuck(state: State) -> list[str]:
    """Agents who are busy with what is no more."""
    held = ((agent.id, contact) for agent in state.agents.values() for contact in agent.slots)
    return [f"{agent} is stuck with {one}" for agent, one in held if one not in state.contacts]


def numbers(state: State) -> tuple[int, int]:
    """How many callers talk and how many wait, by the records."""
    live = [contact for contact in state.contacts.values() if _is_on_the_line(contact)]
    talking = sum(contact.state in WITH_AGENT for contact in live)
    return talking, len(live) - talking


# -- the journal ----------------------------------------------------------------------------------


def verdict(entries: Collection[Entry]) -> list[str]:
    """What the independent checker finds wrong with a journal of calls that are all over."""
    return judge([msgspec.to_builtins(entry) for entry in entries], [], CAPACITY, {})


def endings(entries: Collection[Entry]) -> int:
    """How many contacts have ended."""
    return sum(isinstance(event, Terminal) for entry in entries for event in entry.events)
