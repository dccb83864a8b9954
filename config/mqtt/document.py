"""The file about the broker as an admin writes it: what the reader follows and editors show.

As in ``config.catalog.document``: ``None`` means "not written", the default of
``router.edge.settings`` holds.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from config.catalog.document import Duration, Source
from config.endpoints.document import FileName, Variable, kind
from router.edge.naming import NAME

EdgeName = Annotated[str, kind("edge name")]
ClientName = Annotated[str, Meta(pattern=NAME, max_length=32)]
Command = Annotated[str, kind("command")]
Word = Annotated[str, kind("word")]
AttributeName = Annotated[str, Meta(min_length=1, max_length=128)]
Attributes = Annotated[tuple[AttributeName, ...], Meta(max_length=64)]


class ClientSource(Source, frozen=True, kw_only=True):
    """Who may send commands on its topic; the broker's access rules say who may write there."""

    commands: Annotated[tuple[Command, ...], Meta(min_length=1, max_length=50)]
    per_second: Annotated[
        Annotated[int, Meta(ge=1, le=1_000)] | None,
        Meta(description="commands; 50"),
    ] = None


class MqttSource(Source, frozen=True, kw_only=True):
    """One broker. Secrets are named, never written here."""

    url: Annotated[Annotated[str, kind("broker")], Meta(description="mqtts://broker.example:8883")]
    tenant: Annotated[EdgeName | None, Meta(description="stands in every topic; main")] = None
    node: Annotated[
        EdgeName | None, Meta(description="names this Patchbay among others; patchbay")
    ] = None
    username: Word | None = None
    password_env: Annotated[Variable | None, Meta(description="an environment variable")] = None
    password_file: Annotated[FileName | None, Meta(description="whose first line it is")] = None
    ca_file: Annotated[
        FileName | None, Meta(description="certificates; left out: the machine's own authorities")
    ] = None
    certificate_file: Annotated[
        FileName | None, Meta(description="ours, for brokers that know clients by it")
    ] = None
    key_file: Annotated[FileName | None, Meta(description="of certificate_file")] = None
    personal_data: Annotated[
        bool | None, Meta(description="also who customers are, and what was said; false")
    ] = None
    attributes: Annotated[
        Attributes | None, Meta(description="of contacts, that go out; others never do")
    ] = None
    in_flight: Annotated[
        Annotated[int, Meta(ge=1, le=10_000)] | None,
        Meta(description="messages that the broker has not confirmed yet; 100"),
    ] = None
    figures_every: Annotated[
        Duration | None, Meta(description="at most so often, and only when they changed; 2s")
    ] = None
    clients: Annotated[dict[ClientName, ClientSource], Meta(max_length=500)] | None = None


class MqttFileSource(Source, frozen=True, kw_only=True):
    """The MQTT broker, and who may do what through it."""

    mqtt: MqttSource
