"""The file of telephone systems as an admin writes it: what the reader follows and editors show.

As in ``config.catalog.document``: ``None`` means "not written", the default of ``settings`` holds,
and ``Meta.extra`` tells the reader how a text is read and which names it refers to.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from config.catalog.document import Duration, Name, Source, Text
from config.catalog.values import NAME
from cti_adapters.asterisk.settings_file.values import MAX_ID
from router.edge.naming import NAME as BRANCH


def _kind(kind: str) -> Meta:
    return Meta(extra={"kind": kind}, extra_json_schema={"kind": kind})


def _refers(kind: str) -> Meta:
    return Meta(extra={"refers": kind}, extra_json_schema={"kind": kind})


PbxName = Annotated[str, Meta(pattern=NAME, max_length=MAX_ID)]
Branch = Annotated[str, Meta(pattern=BRANCH)]
Word = Annotated[str, _kind("word")]
Host = Annotated[str, _kind("host")]
Port = Annotated[int, Meta(ge=1, le=65_535)]
Secret = Annotated[str, Meta(min_length=1, max_length=200)]
FileName = Annotated[str, Meta(min_length=1, max_length=1_000)]
Variable = Annotated[str, _kind("variable")]
Dialled = Annotated[str, _kind("dialled")]
CallerId = Annotated[str, _kind("caller_id")]
Prefix = Annotated[str, _kind("prefix")]
Country = Annotated[str, _kind("country")]
Channel = Annotated[str, _kind("channel")]
Phone = Annotated[str, _kind("phone")]
Trunk = Annotated[str, _kind("trunk")]
Place = Annotated[str, _kind("place")]
Recorded = Annotated[str, _kind("recorded")]
Language = Annotated[str, _kind("language")]
Key = Annotated[str, _kind("key")]
Websocket = Annotated[str, _kind("websocket")]
Ice = Annotated[str, _kind("ice")]
EntryRef = Annotated[str, _refers("entry point")]
AgentRef = Annotated[str, _refers("agent")]
Calls = Annotated[int, Meta(ge=1, le=10_000)]


class OutboundSource(Source, frozen=True, kw_only=True):
    """What may be dialled through the trunk. Without ``allow`` nothing may."""

    country: Annotated[
        Country | None, Meta(description="of numbers that are written without a country code")
    ] = None
    allow: Annotated[
        tuple[Prefix, ...] | None, Meta(description="how numbers begin that may be dialled: +44")
    ] = None
    deny: Annotated[
        tuple[Prefix, ...] | None, Meta(description="exceptions; the longest that fits decides")
    ] = None
    international: Annotated[bool | None, Meta(description="also into other countries")] = None
    premium: Annotated[
        bool | None, Meta(description="also premium, shared-cost, satellite and personal numbers")
    ] = None
    per_agent: Annotated[Calls | None, Meta(description="transfers of one agent in 'per'")] = None
    per_flow: Annotated[Calls | None, Meta(description="transfers of one flow in 'per'")] = None
    per: Duration | None = None


class AnnouncingSource(Source, frozen=True, kw_only=True):
    """What callers who wait are told besides the catalog's announcements."""

    position_every: Annotated[Duration | None, Meta(description="their place; 0: never")] = None
    wait_every: Annotated[Duration | None, Meta(description="the estimate; 0: never")] = None
    first_after: Annotated[Duration | None, Meta(description="how long before either")] = None
    callback_every: Annotated[
        Duration | None, Meta(description="until a callback is offered anew; 0: offered once")
    ] = None
    callback_key: Key | None = None


class IceSource(Source, frozen=True, kw_only=True):
    """Helps browsers behind a firewall to be reached (STUN), or passes their sound on (TURN)."""

    urls: tuple[Ice, ...]
    username: Secret | None = None
    credential: Secret | None = None


class SoftphoneSource(Source, frozen=True, kw_only=True):
    """What a browser needs to be an agent's phone."""

    websocket: Annotated[Websocket, Meta(description="wss://pbx.example:8089/ws")]
    domain: Annotated[
        Host | None, Meta(description="of SIP addresses; left out: the websocket's host")
    ] = None
    agents: Annotated[
        tuple[AgentRef, ...] | None,
        Meta(description="who talk from the browser; left out: all whose phone is the pattern's"),
    ] = None
    ice_servers: tuple[IceSource, ...] | None = None


class PbxSource(Source, frozen=True, kw_only=True):
    """One Asterisk: how to reach it, who has which phone, what it may dial."""

    host: Annotated[Host | None, Meta(description="of the manager interface")] = None
    port: Port | None = None
    username: Annotated[Word | None, Meta(description="of manager.conf")] = None
    secret: Annotated[Secret | None, Meta(description="better: secret_file or secret_env")] = None
    secret_file: Annotated[FileName | None, Meta(description="whose first line is it")] = None
    secret_env: Annotated[Variable | None, Meta(description="an environment variable")] = None
    tls: bool | None = None
    ca_file: Annotated[
        FileName | None, Meta(description="certificates; left out: the machine's own authorities")
    ] = None
    challenge: Annotated[
        bool | None, Meta(description="log in without sending the secret (default)")
    ] = None
    ping_every: Duration | None = None
    action_timeout: Duration | None = None

    branch: Annotated[
        Branch | None,
        Meta(description="an adapter of its own looks after it: its user at the MQTT broker"),
    ] = None

    context: Annotated[Word | None, Meta(description="of the dialplan")] = None
    numbers: Annotated[
        dict[Dialled, EntryRef] | None, Meta(description="dialled number: entry point")
    ] = None
    faxes: Annotated[
        dict[Dialled, EntryRef] | None, Meta(description="dialled number: entry point for faxes")
    ] = None
    entry_point: Annotated[
        EntryRef | None, Meta(description="of all other numbers; left out: turned away")
    ] = None

    phone: Annotated[Phone | None, Meta(description="PJSIP/{agent}")] = None
    phones: Annotated[
        dict[Name, Channel] | None,
        Meta(description="agents whose phone is another, and supervisors who listen, by user name"),
    ] = None
    softphone: SoftphoneSource | None = None
    answer_within: Annotated[
        Duration | None, Meta(description="for a phone, once its agent has accepted on the desk")
    ] = None

    trunk: Annotated[
        Trunk | None, Meta(description="PJSIP/{number}@trunk; left out: nothing is dialled")
    ] = None
    caller_id: Annotated[CallerId | None, Meta(description="shown to those called")] = None
    outbound: OutboundSource | None = None

    music: Annotated[Word | None, Meta(description="class of music on hold")] = None
    sounds: Annotated[FileName | None, Meta(description="folder for spoken prompts")] = None
    sounds_there: Annotated[Place | None, Meta(description="the same as Asterisk sees it")] = None
    recordings: Annotated[FileName | None, Meta(description="folder, voicemail included")] = None
    recordings_there: Annotated[Place | None, Meta(description="the same as Asterisk sees it")] = (
        None
    )
    record: Annotated[
        tuple[Recorded, ...] | None, Meta(description="queues that are recorded; ['*']: all")
    ] = None

    language: Annotated[
        Language | None, Meta(description="of what is spoken to callers who chose none")
    ] = None
    voices: Annotated[
        dict[Language, Word] | None, Meta(description="language: a voice of espeak-ng")
    ] = None
    announcing: AnnouncingSource | None = None
    callback_promised: Annotated[Text | None, Meta(description="said to who chose it")] = None
    voicemail_greeting: Text | None = None


class PbxsSource(Source, frozen=True, kw_only=True):
    """The telephone systems that calls come from, by id."""

    pbxs: Annotated[dict[PbxName, PbxSource], Meta(max_length=50)]
