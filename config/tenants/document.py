"""The file about tenants as an operator writes it: what the reader follows and editors show.

As in ``config.catalog.document``: ``None`` means "not written", the default of
``config.tenants.tenant`` holds.
"""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from config.catalog.document import Source
from config.endpoints.document import FileName, kind

TENANT: Final = r"^[a-z0-9][a-z0-9-]*$"
MOST_TENANTS: Final = 200
MOST_HOSTS: Final = 20

TenantName = Annotated[str, Meta(pattern=TENANT, max_length=32)]
HostName = Annotated[str, kind("host name")]
Count = Annotated[int, Meta(ge=1, le=100_000)]


class LimitsSource(Source, frozen=True, kw_only=True):
    """What this tenant may ask of each process."""

    requests_per_second: Annotated[Count | None, Meta(description="40")] = None
    requests_at_once: Annotated[Count | None, Meta(description="being answered; 100")] = None
    sockets: Annotated[Count | None, Meta(description="open at once; 5000")] = None
    sockets_per_second: Annotated[Count | None, Meta(description="opened; 20")] = None
    messages_per_second: Annotated[
        Count | None, Meta(description="over all its websockets; 150")
    ] = None
    commands_per_second: Annotated[Count | None, Meta(description="to its writer; 50")] = None


class TenantSource(Source, frozen=True, kw_only=True):
    """One company, with customers, agents, queues and a log of its own."""

    hosts: Annotated[
        tuple[HostName, ...],
        Meta(min_length=1, max_length=MOST_HOSTS, description="under which its pages are served"),
    ]
    settings: Annotated[
        FileName | None, Meta(description="a file of PATCHBAY_NAME=value lines of its own")
    ] = None
    limits: LimitsSource | None = None


class OperatorSource(Source, frozen=True, kw_only=True):
    """Where /healthz, /readyz and /metrics of all tenants are told."""

    port: Annotated[int, Meta(ge=0, le=65_535)]
    host: Annotated[HostName | None, Meta(description="the address to listen on; 127.0.0.1")] = None


class TenantsSource(Source, frozen=True, kw_only=True):
    """The tenants of one installation."""

    tenants: Annotated[dict[TenantName, TenantSource], Meta(min_length=1, max_length=MOST_TENANTS)]
    operator: OperatorSource | None = None
