"""The one next thing to ask of Asterisk so that a leg comes to do what it should. Pure.

A pair talks in a bridge that the customer's channel makes with the application ``Bridge``: when
the agent's channel leaves it, for whatever reason, the customer stays with us. To end a
conversation without ending it for the customer, therefore, the agent's channel is led away first.
Rooms let everybody come and go.
"""

from __future__ import annotations

import msgspec

from cti_adapters.asterisk import agi
from cti_adapters.asterisk.exchange import Channel, Exchange
from cti_adapters.asterisk.legs import (
    BESIDE,
    BRIDGE,
    CUSTOMER,
    HANG_UP,
    HUSH,
    LEAD_BACK,
    MEET,
    MUSIC,
    MUSIC_OFF,
    Activity,
    Ask,
    Asked,
    Call,
    Gone,
    Leave,
    Leg,
    Listen,
    Meet,
    Quiet,
    Record,
    Ring,
    TakeFax,
    Talk,
    Tell,
    Wait,
)
from cti_adapters.asterisk.settings import PbxSettings

SPIES = {"listen": "qE", "whisper": "qwE", "barge": "qBE"}  # options of the application ChanSpy
HUSHED = "CONFBRIDGE(user,quiet)"
BRIDGES = "Bridge"
BRIEF = frozenset({"ConfBridge", "Playback", "MixMonitor", "ChanSpy"})  # and then control
SIGN_OF_LIFE = "sign of life"
UNDER_CONTROL = "leg"  # extension of the context: AGI(agi:async), like every other one


def next_step(
    call: Call, leg: Leg, activity: Activity, exchange: Exchange, settings: PbxSettings
) -> Ask | None:
    """What to ask for ``leg`` now; None when it does what it should, or has to be waited for.

    A leg whose channel is not there yet is nobody's to command but ``calling``'s.
    """
    channel = exchange.channels.get(leg.unique)
    if channel is None:
        return None
    match activity:
        case Gone():
            return _ask(leg, HANG_UP, "Hangup", ("Channel", channel.name))
        case Ring():
            return None
        case Wait():
            return _wait(leg, channel, settings)
        case Asked():
            return _be_asked(leg, channel, settings)
        case Quiet():
            return _to_control(leg, channel, settings)
        case Talk(partner=partner):
            other = call.legs.get(partner)
            there = exchange.channels.get(other.unique) if other else None
            return _talk(leg, channel, there, settings)
        case Meet(room=room):
            return _meet(leg, channel, room, settings)
        case Listen(agent=agent, mode=mode):
            spied = exchange.channels.get(_unique(call, agent))
            return _listen(leg, channel, spied, mode, settings)
        case Leave() | Tell() | Record() | TakeFax():
            return _to_control(leg, channel, settings)


def _wait(leg: Leg, channel: Channel, settings: PbxSettings) -> Ask | None:
    if not channel.controlled:
        return _to_control(leg, channel, settings)
    if leg.music or leg.speaking:
        return None
    return command(leg, channel, MUSIC, agi.command("SET", "MUSIC", "ON", settings.music))


def _be_asked(leg: Leg, channel: Channel, settings: PbxSettings) -> Ask | None:
    if channel.controlled and leg.music and not leg.speaking:
        return _music_off(leg, channel)
    return _to_control(leg, channel, settings)


def _to_control(leg: Leg, channel: Channel, settings: PbxSettings) -> Ask | None:
    """Out of wherever it is. A customer in a bridge comes back when the agent is led away."""
    if channel.controlled:
        return None
    if not (channel.bridge or channel.meeting):
        return _out_of_application(leg, channel, settings)
    if leg.agent == CUSTOMER and not channel.meeting:
        return None
    return lead_back(leg, channel, settings)


def _out_of_application(leg: Leg, channel: Channel, settings: PbxSettings) -> Ask | None:
    """One that is listed in it may have come out of it. Or it is only just going in: who is led
    back on the way into a bridge ends the conversation, so they are asked for a sign of life.
    """
    if channel.last_in == BRIDGES:
        return command(leg, channel, SIGN_OF_LIFE, agi.command("NOOP"))
    return lead_back(leg, channel, settings) if channel.last_in in BRIEF else None


def lead_back(leg: Leg, channel: Channel, settings: PbxSettings) -> Ask:
    return _ask(
        leg,
        LEAD_BACK,
        "Redirect",
        ("Channel", channel.name),
        ("Context", settings.context),
        ("Exten", UNDER_CONTROL),
        ("Priority", "1"),
    )


def _talk(leg: Leg, channel: Channel, there: Channel | None, settings: PbxSettings) -> Ask | None:
    if channel.bridge and not channel.meeting:
        return None  # with the other one, who may not be seen in it yet
    if not channel.controlled:
        return _to_control(leg, channel, settings)
    if leg.agent != CUSTOMER:
        return None  # the customer's channel makes the bridge
    if there is None or not there.controlled:
        return _wait(leg, channel, settings)
    if leg.speaking:
        return lead_back(leg, channel, settings)  # nobody listens to an announcement to its end
    bridge = agi.execute("Bridge", there.name)
    return without_music(leg, channel, f"{BRIDGE} {there.unique}", bridge)


def _meet(leg: Leg, channel: Channel, room: str, settings: PbxSettings) -> Ask | None:
    if channel.meeting == room:
        return None
    if not channel.controlled:
        return _to_control(leg, channel, settings)
    if leg.speaking:
        return lead_back(leg, channel, settings)
    if not leg.hushed:
        return command(leg, channel, HUSH, agi.command("SET", "VARIABLE", HUSHED, "yes"))
    return without_music(leg, channel, f"{MEET} {room}", agi.execute("ConfBridge", room))


def _unique(call: Call, agent: str) -> str:
    leg = call.legs.get(agent)
    return leg.unique if leg is not None else ""


def _listen(
    leg: Leg, channel: Channel, agent: Channel | None, mode: str, settings: PbxSettings
) -> Ask | None:
    """Beside the agent's channel, so that what is whispered is heard there alone."""
    if agent is None:
        return None
    what = f"{BESIDE} {agent.unique} {mode}"
    if leg.asked.startswith(BESIDE) and leg.asked != what:
        return lead_back(leg, channel, settings)
    if not channel.controlled or leg.asked == what:
        return None
    return command(leg, channel, what, agi.execute("ChanSpy", agent.name, SPIES[mode]))


def without_music(leg: Leg, channel: Channel, what: str, line: str) -> Ask:
    """Music that is not stopped goes on below what is said, and no recording hears that."""
    silence = _music_off(leg, channel)
    return msgspec.structs.replace(command(leg, channel, what, line), first=(silence,))


def _music_off(leg: Leg, channel: Channel) -> Ask:
    return command(leg, channel, MUSIC_OFF, agi.command("SET", "MUSIC", "OFF"))


def command(leg: Leg, channel: Channel, what: str, line: str) -> Ask:
    """An AGI command for a channel under control; ``what`` comes back with its end."""
    return _ask(leg, what, "AGI", ("Channel", channel.name), ("Command", line), ("CommandID", what))


def _ask(leg: Leg, what: str, action: str, *headers: tuple[str, str]) -> Ask:
    return Ask(what=what, action=action, headers=headers, unique=leg.unique)
