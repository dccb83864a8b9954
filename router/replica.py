"""The durable view: the state folded from journaled entries only, which every reader shares."""

from __future__ import annotations

from router.core.events import Entry
from router.core.state import State


class Replica:
    """What is known to be so. The writer's own state runs ahead of it by the batch in hand."""

    def __init__(self, state: State) -> None:
        self.state = state

    @property
    def position(self) -> int:
        """How many entries it holds."""
        return self.state.position

    def feed(self, entry: Entry) -> None:
        """Fold the next entry. Raises ``ValueError`` when it is not the next one."""
        if entry.position != self.state.position + 1:
            raise ValueError(f"entry {entry.position} cannot follow {self.state.position}")
        self.state.apply_entry(entry)
