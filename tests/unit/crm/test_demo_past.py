"""The demo's past contacts fit its catalog, its customers' languages and the routing."""

from __future__ import annotations

from pathlib import Path

import config
from config.catalog import check_file
from crm.demo_past import DAY, LONG_AGO, PastCustomer, past_of
from crm.lookup import LAST_AGENT_FOR

NOW = 20_000 * DAY
CUSTOMERS = [
    PastCustomer(number, f"c{number}", language, "ann" if number % 3 == 0 else "")
    for number, language in enumerate(["en", "es", "zh"] * 40)
]
PAST = list(past_of(CUSTOMERS, NOW))


def test_queues_agents_and_outcomes_are_those_of_the_demos_catalog() -> None:
    catalog = check_file(Path(config.__file__).parent / "demo.yaml").catalog
    assert catalog is not None
    for contact in PAST:
        assert contact.disposition in catalog.queues[contact.queue].dispositions
        assert contact.agent in catalog.agents


def test_everybody_was_in_touch_before_and_some_wrote() -> None:
    assert {contact.customer for contact in PAST} == {customer.id for customer in CUSTOMERS}
    assert len({contact.contact for contact in PAST}) == len(PAST)
    written = [contact for contact in PAST if contact.transcript]
    assert {contact.channel for contact in written} == {"chat"}
    assert len(written) > len(CUSTOMERS) / 3
    assert all(line.at < NOW for contact in written for line in contact.transcript)


def test_only_an_account_manager_is_remembered_as_the_last_agent() -> None:
    assert LONG_AGO * DAY > LAST_AGENT_FOR
    recent = [contact for contact in PAST if NOW - contact.ended_at < LAST_AGENT_FOR]
    assert recent
    assert {contact.agent for contact in recent} == {"ann"}
