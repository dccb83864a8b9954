"""Draws ``docs/states.md`` from the transition tables: ``python docs/make_states.py``."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

from router.core.events import EventBase
from router.core.model import AgentState, ContactState, OfferState, SlotState
from router.core.transitions import AGENT, CONTACT, OFFER, SLOT

TARGET = Path(__file__).with_name("states.md")

INTRODUCTION = """# States and legal moves

Drawn from the tables in `router/core/transitions.py` by `docs/make_states.py`; a test fails when
this page is out of date. A move that is not drawn is impossible: the core refuses it.
"""


def diagram(
    table: Mapping[tuple[StrEnum, type[EventBase]], StrEnum],
    first: StrEnum,
    final: tuple[StrEnum, ...],
) -> str:
    """The table as a Mermaid state diagram; moves between the same two states share an arrow."""
    arrows: dict[tuple[str, str], list[str]] = {}
    for (state, event), following in table.items():
        arrows.setdefault((state, following), []).append(event.__name__)
    lines = ["```mermaid", "stateDiagram-v2", f"    [*] --> {first}"]
    lines += [f"    {a} --> {b}: {', '.join(names)}" for (a, b), names in arrows.items()]
    lines += [f"    {state} --> [*]" for state in final]
    return "\n".join([*lines, "```"])


def page() -> str:
    contact_ends = (
        ContactState.COMPLETED,
        ContactState.ABANDONED,
        ContactState.OVERFLOWED,
        ContactState.TRANSFERRED,
    )
    offer_ends = tuple(state for state in OfferState if state is not OfferState.PENDING)
    parts = (
        ("Contact", diagram(CONTACT, ContactState.ARRIVING, contact_ends)),
        ("Offer", diagram(OFFER, OfferState.PENDING, offer_ends)),
        (
            "Slot: an agent's share in one contact",
            diagram(SLOT, SlotState.RESERVED, (SlotState.WRAPPING,)),
        ),
        ("Agent", diagram(AGENT, AgentState.SIGNED_OUT, ())),
    )
    return "\n".join([INTRODUCTION, *(f"## {title}\n\n{drawing}\n" for title, drawing in parts)])


if __name__ == "__main__":
    TARGET.write_text(page())
