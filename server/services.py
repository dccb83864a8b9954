"""What the routes and sockets work with: the running parts, built by ``server.bootstrap``."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from crm.store import CustomerStore
from cti_adapters.email.channel import EmailChannel
from cti_adapters.email.ports import MailStore
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webhook.channel import WebhookChannel
from ivr.published import PublishedFlows
from reporting.flow_figures import FlowFigures
from reporting.statistics import Statistics
from reporting.timeline import Timeline
from router.core.state import State
from router.files import Files
from router.ports import Clock, CommandSink
from router.replica import Replica
from server.accounts import AccountStore
from server.catalog_publishing import CatalogPublisher
from server.catalog_versions import CatalogVersions
from server.drafts import Drafts
from server.fax_pages import FaxPages
from server.flow_publishing import FlowPublisher
from server.flow_rehearsal import Rehearsals
from server.flow_versions import FlowVersions
from server.idempotency import OnceOnly
from server.origins import Origins
from server.phones import Phones
from server.recordings import RecordingStore
from server.session_watch import SessionWatch
from server.sign_in import SignIn
from server.simulated_calls import StartCall
from server.telephony import Telephony


class SocketSession(Protocol):
    """One end of a conversation over a websocket, without the websocket."""

    async def receive(self, frame: bytes) -> None:
        """Take in one message. Never raises for what is in it."""

    def outgoing(self) -> AsyncIterator[bytes]:
        """What to send, until the session is closed from either side."""

    def close(self) -> None: ...


class CustomerPops(Protocol):
    """Who shows a customer's record and must hear that it changed."""

    def customer_changed(self, customer: str) -> None: ...


@dataclass(frozen=True, kw_only=True)
class Services:
    """See the module. ``connect_*`` begin a session for one websocket."""

    clock: Clock
    sink: CommandSink
    replica: Replica
    customers: CustomerStore
    pops: CustomerPops
    accounts: AccountStore
    sign_in: SignIn
    watch: SessionWatch
    once: OnceOnly
    publisher: CatalogPublisher
    versions: CatalogVersions
    catalog_drafts: Drafts
    flow_publisher: FlowPublisher
    flow_versions: FlowVersions
    flow_drafts: Drafts
    flow_figures: FlowFigures
    flow_library: PublishedFlows
    rehearsals: Rehearsals
    recordings: RecordingStore
    origins: Origins
    chat_origins: Origins
    chat: ChatHub
    mail: EmailChannel
    hooks: WebhookChannel
    mail_store: MailStore
    mail_drafts: Drafts
    files: Files
    connect_desk: Callable[[str], SocketSession]  # by agent
    connect_board: Callable[[], SocketSession]
    statistics: Statistics
    timeline: Callable[[str], Timeline | None]  # by contact
    simulated_call: StartCall | None
    not_ready_because: Callable[[], Awaitable[Sequence[str]]]
    warnings: Callable[[], Sequence[str]]
    metrics: Callable[[], tuple[bytes, str]]  # the text and its content type
    fax_pages: FaxPages = field(default_factory=FaxPages)
    phones: Phones = field(default_factory=Phones)
    telephony: Telephony = field(default_factory=Telephony)

    @property
    def state(self) -> State:
        """What is durable now."""
        return self.replica.state
