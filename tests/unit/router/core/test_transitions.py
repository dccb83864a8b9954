"""The tables of legal moves, and the page drawn from them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from router.core import events as e
from router.core.model import TERMINAL, AgentState, ContactState, OfferState, SlotState
from router.core.transitions import (
    AGENT,
    CONTACT,
    OFFER,
    SLOT,
    IllegalTransition,
    after,
    allows,
)

DOCS = Path(__file__).parents[4] / "docs"


def test_nothing_leads_out_of_a_terminal_state():
    assert not [state for state, _ in CONTACT if state in TERMINAL]


def test_every_contact_state_can_be_reached():
    assert set(CONTACT.values()) | {ContactState.ARRIVING} == set(ContactState)


def test_every_terminal_event_leads_to_a_terminal_state():
    for (_, event), following in CONTACT.items():
        assert issubclass(event, e.Terminal) == (following in TERMINAL)


def test_an_offer_is_closed_once():
    assert {state for state, _ in OFFER} == {OfferState.PENDING}


def test_an_agent_is_signed_in_before_anything_else():
    leaving = {event for state, event in AGENT if state is AgentState.SIGNED_OUT}
    assert leaving == {e.AgentSignedIn}


def test_a_reserved_slot_becomes_active_by_acceptance_alone():
    ways = {event for state, event in SLOT if state is SlotState.RESERVED}
    assert ways == {e.OfferAccepted}


def test_a_missing_move_is_illegal():
    assert not allows(CONTACT, ContactState.COMPLETED, e.Offered)
    with pytest.raises(IllegalTransition, match="Offered is not possible when completed"):
        after(CONTACT, ContactState.COMPLETED, e.Offered)


def test_the_diagrams_show_the_tables_as_they_are():
    spec = importlib.util.spec_from_file_location("make_states", DOCS / "make_states.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (DOCS / "states.md").read_text() == module.page(), "run: python docs/make_states.py"
