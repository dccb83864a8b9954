"""``router.edge.naming``: any id makes one level of a topic, and topics say what is told."""

from __future__ import annotations

from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from router.core import events as e
from router.edge.naming import TYPES, Topics, from_level, is_name, level, name_of
from tests.unit.router.edge.filled import filled

TOPICS = Topics("main")
IDS = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=128)


@given(IDS)
def test_an_id_is_one_level_of_a_topic_and_is_found_again(name):
    text = level(name)
    assert not {"/", "+", "#", "\x00", " ", "$"} & set(text)
    assert text.isascii()
    assert from_level(text) == name


@given(st.text(max_size=128))
def test_half_a_character_harms_nobody(name):
    assert level(name).isascii()


@given(IDS, IDS)
def test_two_ids_never_share_a_topic(one, other):
    assert (level(one) == level(other)) == (one == other)


def test_every_kind_of_event_has_a_type_and_a_topic_of_its_own():
    kinds = get_args(e.Event)
    assert set(TYPES) == set(kinds)
    assert len(set(TYPES.values())) == len(kinds)
    topics = {TOPICS.event(filled(kind)) for kind in kinds}
    assert len(topics) == len(kinds)
    assert all(topic.startswith("patchbay/main/") for topic in topics)


def test_no_event_is_told_where_presence_is_retained():
    assert not {"presence", "figures", "status"} & {name_of(kind) for kind in TYPES}


@pytest.mark.parametrize(
    ("event", "topic", "kind"),
    [
        (filled(e.ContactArrived), "contacts/said-contact/arrived", "contact.arrived"),
        (filled(e.Offered), "contacts/said-contact/offered", "contact.offered"),
        (filled(e.OfferAccepted), "contacts/said-contact/offer_accepted", "contact.offer_accepted"),
        (filled(e.ContactEnded), "contacts/said-contact/ended", "contact.ended"),
        (filled(e.AgentNotReady), "agents/said-agent/not_ready", "agent.not_ready"),
        (filled(e.FlowPublished), "flows/said-flow/published", "flow.published"),
        (filled(e.CatalogPublished), "catalog/published", "catalog.published"),
    ],
    ids=lambda value: value if isinstance(value, str) and "." in value else "",
)
def test_events_are_told_where_the_documentation_says(event, topic, kind):
    assert TOPICS.event(event) == f"patchbay/main/{topic}"
    assert TYPES[type(event)] == f"patchbay.{kind}"


@pytest.mark.parametrize(
    ("topic", "client"),
    [
        ("patchbay/main/commands/leeds", "leeds"),
        ("patchbay/other/commands/leeds", None),
        ("patchbay/main/commands/leeds/more", None),
        ("patchbay/main/commands/Leeds", None),
        ("patchbay/main/commands/", None),
        ("patchbay/main/answers/leeds", None),
        ("commands/leeds", None),
    ],
)
def test_whose_commands_come_is_read_from_the_topic(topic, client):
    assert TOPICS.client_of(topic) == client


@given(st.text(max_size=40))
def test_a_name_stands_in_a_topic_as_it_is(text):
    assert not is_name(text) or level(text) == text
