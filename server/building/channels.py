"""The channels, and what each is made of."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypeVar

import msgspec
from prometheus_client import CollectorRegistry

from config.settings import Settings
from cti_adapters.asterisk.channel import AsteriskChannel
from cti_adapters.email.channel import EmailChannel, MailParts
from cti_adapters.email.ports import MailStore
from cti_adapters.email.reader_pool import ReaderPool
from cti_adapters.email.servers import MailServers
from cti_adapters.registry import ADAPTERS, AdapterContext
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from cti_adapters.webhook.channel import HookParts, WebhookChannel
from cti_adapters.webhook.posting import HttpPost, Post
from cti_adapters.webhook.settings import HookSettings
from reporting.hooks import HookMetrics
from reporting.mails import MailMetrics
from router.core.durations import MINUTE
from router.files import Files
from router.limits import Rate
from router.outgoing.resolving import Resolver
from router.ports import ChannelAdapter, CustomerDirectory
from server.hook_store import SqlHookStore
from server.secret import derived
from server.stores import Stores

CHAT_LINES_AT_ONCE: Final = 10
SIMULATED: Final = "simulated"

ChannelT = TypeVar("ChannelT")


class Channels(msgspec.Struct, frozen=True, kw_only=True):
    """``all`` of them by name, and those that more is asked of than a channel's port has."""

    all: Mapping[str, ChannelAdapter]
    chat: ChatHub
    calls: AsteriskChannel
    mail: EmailChannel
    hooks: WebhookChannel


def channels_of(context: AdapterContext, *, simulated: bool) -> Channels:
    """Every channel of the registry; the ``simulated`` one only when customers are played."""
    used = {name: make for name, make in ADAPTERS.items() if simulated or name != SIMULATED}
    made = {name: make(context) for name, make in used.items()}
    return Channels(
        all=made,
        chat=_of_kind(ChatHub, made["webchat"]),
        calls=_of_kind(AsteriskChannel, made["asterisk"]),
        mail=_of_kind(EmailChannel, made["email"]),
        hooks=_of_kind(WebhookChannel, made["webhook"]),
    )


def _of_kind(kind: type[ChannelT], channel: ChannelAdapter) -> ChannelT:
    if not isinstance(channel, kind):
        raise TypeError(f"the registry's {type(channel).__name__} is not of {kind.__name__}")
    return channel


def chat_settings(settings: Settings, secret: bytes) -> ChatSettings:
    """``secret`` is the service's."""
    sites = settings.chat_site_secrets.items()
    return ChatSettings(
        secret=derived(secret, "chat"),
        connections=settings.chat_connections,
        site_secrets={site: own.get_secret_value().encode() for site, own in sites},
        chats_per_source=settings.chats_per_address,
        time_zone=settings.time_zone,
        form_when=settings.chat_form,
        file_size=settings.chat_file_size,
        files_per_chat=settings.chat_files,
        file_types=frozenset(settings.chat_file_types),
        lines=Rate(burst=CHAT_LINES_AT_ONCE, every=MINUTE // settings.chat_lines_per_minute),
    )


def mail_parts(
    stores: Stores,
    store: MailStore,
    files: Files,
    directory: CustomerDirectory,
    registry: CollectorRegistry,
) -> MailParts:
    return MailParts(
        boxes=stores.boxes,
        store=store,
        files=files,
        reader=ReaderPool(),
        connections=MailServers(),
        directory=directory,
        secret=derived(stores.secret, "mail"),
        watch=MailMetrics(registry),
    )


def hook_parts(stores: Stores, resolver: Resolver, registry: CollectorRegistry) -> HookParts:
    metrics = HookMetrics(registry)

    def post_of(hook: HookSettings) -> Post:
        if hook.outgoing is None:
            raise LookupError(f"nothing is sent to {hook.id}")
        return HttpPost(hook.outgoing, resolver, stores.clock)

    return HookParts(
        hooks=stores.hooks,
        store=SqlHookStore(stores.database),
        post_of=post_of,
        received=metrics.received,
        sent=metrics.sent,
        stand=metrics.stand,
    )
