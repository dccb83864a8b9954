"""What a node of a cluster has beside what every Patchbay has: pages that are at other nodes."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from router.cluster.node import Node
from router.cluster.presence import SharedPresence
from router.cluster.whispers import Whispers
from router.elsewhere import Elsewhere, Nowhere
from server.stores import Stores


def elsewhere_of(stores: Stores, tenant: str, pages_here: Callable[[], Iterable[str]]) -> Elsewhere:
    """Who has a page open at other nodes."""
    if not isinstance(stores.engine, Node) or stores.redis is None:
        return Nowhere()
    return SharedPresence(stores.redis, tenant, stores.engine.name, pages_here)


def whispers_of(stores: Stores, tenant: str) -> Whispers | None:
    if not isinstance(stores.engine, Node) or stores.redis is None:
        return None
    return Whispers(stores.redis, tenant, stores.engine.name)
