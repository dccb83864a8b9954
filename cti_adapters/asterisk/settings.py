"""One telephone system (an Asterisk): how to reach it, who has which phone, what it may dial."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import msgspec

from cti_adapters.asterisk.ami.settings import AmiSettings
from router.core.durations import SECOND

CHANNEL = "voice"


class OutboundRules(msgspec.Struct, frozen=True, kw_only=True):
    """What may be dialled through the trunk. Without ``allow`` nothing may.

    ``allow`` and ``deny`` are prefixes of E.164 numbers (``+44``); the longest that fits decides.
    An agent may transfer outside ``per_agent`` times at once, and as often again in every ``per``
    microseconds; callbacks, whose number the agent does not choose, are not counted. A flow may
    transfer outside ``per_flow`` times in the same way, whoever calls.
    """

    country: str = "GB"  # of numbers that are written without a country code
    allow: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    international: bool = False
    premium: bool = False
    per_agent: int = 20
    per_flow: int = 100
    per: int = 3_600 * SECOND


class IceServer(msgspec.Struct, frozen=True, kw_only=True):
    """Helps a browser behind a firewall to be reached (STUN), or passes its sound on (TURN)."""

    urls: tuple[str, ...]  # stun:stun.example, turns:turn.example:5349
    username: str = ""
    credential: str = ""


class Softphone(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser needs to be an agent's phone."""

    websocket: str  # wss://pbx.example:8089/ws
    domain: str = ""  # of the agents' SIP addresses; empty: the websocket's host
    agents: tuple[
        str, ...
    ] = ()  # who talk from the browser; empty: all whose phone is the pattern's
    ice_servers: tuple[IceServer, ...] = ()


class Announcing(msgspec.Struct, frozen=True, kw_only=True):
    """What callers who wait are told besides the catalog's announcements. Durations are
    microseconds; 0 as an interval: never.
    """

    position_every: int = 60 * SECOND
    wait_every: int = 60 * SECOND
    first_after: int = 20 * SECOND  # of waiting, before either of them
    callback_every: int = 180 * SECOND  # until a callback is offered anew; 0: it is offered once
    callback_key: str = "1"  # on the telephone: 0-9, * or #


class PbxSettings(msgspec.Struct, frozen=True, kw_only=True):
    id: str = "pbx"  # begins the contacts' ids: never the same for two
    branch: str = ""  # where an adapter of its own looks after it, by its name at the MQTT broker
    ami: AmiSettings = AmiSettings()
    context: str = "patchbay"  # of the dialplan: where every extension runs AGI(agi:async)
    numbers: Mapping[str, str] = {}  # dialled number to entry point
    faxes: Mapping[str, str] = {}  # dialled number to entry point of the channel fax
    entry_point: str = ""  # of calls whose number is none of these; empty: they are turned away
    phone: str = "PJSIP/{agent}"
    phones: Mapping[str, str] = {}  # agents whose phone is not the pattern's
    trunk: str = ""  # PJSIP/{number}@trunk; empty: nothing is dialled outside
    caller_id: str = ""  # shown to those who are called
    outbound: OutboundRules = OutboundRules()
    music: str = "default"  # class of music on hold
    sounds: Path | None = None  # folder for prompts, as this machine sees it
    sounds_there: str = ""  # the same folder as Asterisk sees it; empty: the same path
    recordings: Path | None = None  # folder of recordings and voicemail, as this machine sees it
    recordings_there: str = ""
    record: tuple[str, ...] = ()  # queues whose conversations are recorded; "*" is all
    callback_promised: str = "Thank you. We will call you back. Goodbye."
    voicemail_greeting: str = "Please leave a message after the tone."
    language: str = "en"  # of what is spoken to callers who have not chosen
    voices: Mapping[str, str] = {}  # language to a voice of espeak-ng, instead of the usual one
    announcing: Announcing = Announcing()
    softphone: Softphone | None = None
    answer_within: int = 10 * SECOND  # for a phone to answer what its agent accepted on the desk

    def phone_of(self, agent: str) -> str:
        """What Asterisk dials to ring an agent, e.g. ``PJSIP/ann``."""
        return self.phones.get(agent) or self.phone.replace("{agent}", agent)

    def talks_from_browser(self, agent: str) -> bool:
        """Whether the agent's telephone is the softphone of the desk."""
        if self.softphone is None:
            return False
        return agent in self.softphone.agents if self.softphone.agents else agent not in self.phones
