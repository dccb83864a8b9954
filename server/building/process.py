"""What Prometheus reads of the process beside what happens in it."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Gauge

from router.cluster.node import Node
from router.core.durations import SECOND
from router.files import FileFolder
from server.stores import Stores


def measure_process(
    registry: CollectorRegistry, stores: Stores, files: FileFolder, writes: Callable[[], bool]
) -> None:
    """``writes``: whether this process decides."""
    engine, clock, history = stores.engine, stores.clock, stores.history
    _gauge(
        registry,
        "patchbay_node_ready",
        "1 while what people do here can be decided and stored, as far as is known.",
        lambda: engine.health().ready,
    )
    if isinstance(engine, Node):
        _gauge(
            registry,
            "patchbay_redis_silent_seconds",
            "Since Redis last did what this node asked.",
            lambda: engine.silent,
        )
    _gauge(
        registry,
        "patchbay_history_failing",
        "1 while past contacts wait for the database.",
        lambda: bool(history.problem),
    )
    _gauge(
        registry,
        "patchbay_node_writes",
        "1 while this process decides; of a cluster one node does.",
        writes,
    )
    _gauge(
        registry,
        "patchbay_files_bytes",
        "What mails and files take up, as last counted; PATCHBAY_FILES_LIMIT is the most.",
        lambda: files.counted,
    )
    _gauge(
        registry,
        "patchbay_clock_ahead_seconds",
        "Patchbay's time less the system's: it follows slowly when that is set anew.",
        lambda: clock.ahead_of_wall / SECOND,
    )


def _gauge(registry: CollectorRegistry, name: str, says: str, read: Callable[[], float]) -> None:
    Gauge(name, says, registry=registry).set_function(read)
