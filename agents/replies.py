"""Canned replies as one agent may use them."""

from __future__ import annotations

import msgspec

from router.core.catalog import CannedReply, Catalog
from router.core.naming import told


class CannedReplies(msgspec.Struct, frozen=True, kw_only=True):
    """What the desk offers for writing. ``version`` is the catalog's; ``agent_name`` is what
    customers are told the agent is called.
    """

    version: int
    agent_name: str
    replies: tuple[CannedReply, ...]


def replies_for(catalog: Catalog, agent: str) -> CannedReplies:
    """Those that are for all queues or for one that the agent serves, in the catalog's order."""
    definition = catalog.agents.get(agent)
    profile = catalog.profiles.get(definition.profile) if definition is not None else None
    served = {entry.queue for entry in profile.queues} if profile is not None else set()
    return CannedReplies(
        version=catalog.version,
        agent_name=told(definition) if definition is not None else "",
        replies=tuple(
            reply
            for reply in catalog.canned_replies.values()
            if not reply.queues or not served.isdisjoint(reply.queues)
        ),
    )
