"""Topics and types: pure functions of ids and of the kinds of events."""

from __future__ import annotations

import re
from typing import Final, get_args
from urllib.parse import quote, unquote

from router.core.events import (
    AgentEvent,
    ContactEvent,
    Event,
    EventBase,
    FlowAliasPointed,
    FlowPublished,
)

ROOT: Final = "patchbay"
NAME: Final = r"^[a-z0-9][a-z0-9_-]{0,31}$"
"""Of tenants, nodes and clients: they stand in topics as they are."""

_NAME: Final = re.compile(NAME, re.ASCII)
_FLOW_EVENTS: Final = (FlowPublished, FlowAliasPointed)
_FOLDERS: Final = {"contact": "contacts", "agent": "agents", "flow": "flows", "catalog": "catalog"}


def is_name(text: str) -> bool:
    return _NAME.fullmatch(text) is not None


def level(name: str) -> str:
    """Any id as one level of a topic: what is no letter or digit of ASCII, ``-``, ``.``, ``_`` or
    ``~`` is percent-encoded as UTF-8.
    """
    return quote(name, safe="", errors="replace")


def from_level(text: str) -> str:
    """The id that ``level`` made ``text`` of."""
    return unquote(text, errors="replace")


def family_of(kind: type[EventBase]) -> str:
    """What such events are about: ``contact``, ``agent``, ``flow`` or ``catalog``."""
    if issubclass(kind, ContactEvent):
        return "contact"
    if issubclass(kind, AgentEvent):
        return "agent"
    return "flow" if kind in _FLOW_EVENTS else "catalog"


def name_of(kind: type[EventBase]) -> str:
    """``ContactArrived`` as ``arrived``, ``OfferAccepted`` as ``offer_accepted``."""
    return str(kind.__struct_config__.tag).removeprefix(f"{family_of(kind)}_")


TYPES: Final[dict[type[EventBase], str]] = {
    kind: f"{ROOT}.{family_of(kind)}.{name_of(kind)}" for kind in get_args(Event)
}
"""The CloudEvents type of each kind of event."""


def subject_of(event: EventBase) -> str:
    """The id of what ``event`` is about; empty for the catalog."""
    if isinstance(event, ContactEvent):
        return event.contact
    if isinstance(event, AgentEvent):
        return event.agent
    return str(getattr(event, "flow", ""))


class Topics:
    """Of one tenant."""

    def __init__(self, tenant: str) -> None:
        self.tenant = tenant
        self._root = f"{ROOT}/{tenant}"
        self.all_commands = f"{self._root}/commands/+"
        self.all_presence = self.presence("+", encoded=True)
        self.all_figures = self.figures("+", encoded=True)

    def event(self, event: EventBase) -> str:
        """Where ``event`` is told."""
        kind = type(event)
        family, subject = family_of(kind), subject_of(event)
        about = f"{_FOLDERS[family]}/{level(subject)}" if subject else _FOLDERS[family]
        return f"{self._root}/{about}/{name_of(kind)}"

    def presence(self, agent: str, *, encoded: bool = False) -> str:
        return f"{self._root}/agents/{agent if encoded else level(agent)}/presence"

    def figures(self, queue: str, *, encoded: bool = False) -> str:
        return f"{self._root}/queues/{queue if encoded else level(queue)}/figures"

    def status(self, node: str) -> str:
        return f"{self._root}/edge/{node}/status"

    def commands(self, client: str) -> str:
        return f"{self._root}/commands/{client}"

    def answers(self, client: str) -> str:
        return f"{self._root}/answers/{client}"

    def client_of(self, topic: str) -> str | None:
        """Whose commands come on ``topic``; None when it is no such topic, or nobody's name."""
        before, _, client = topic.rpartition("/")
        return client if before == f"{self._root}/commands" and is_name(client) else None
