"""``router.edge.withholding``: what nobody decided to tell is not told."""

from __future__ import annotations

import json
from typing import get_args

import msgspec
import pytest

from router.core import events as e
from router.edge.naming import TYPES
from router.edge.settings import Privacy
from router.edge.withholding import NEVER, PERSONAL, is_told, told
from tests.unit.router.edge.filled import filled, leaves

ALL = Privacy(personal_data=True, attributes=frozenset({"key-attributes"}))
OUT = """
patchbay.contact.arrived: channel dialable direction entry_point parent preferred preferred_for
  present
patchbay.contact.flow_entered: flow
patchbay.contact.flow_advanced: node passed.again passed.exit passed.node turn
patchbay.contact.customer_identified: customer.id customer.tier
patchbay.contact.enqueued: announcements.after announcements.audio announcements.every
  announcements.language boost credit.credit credit.source
  excluded.key-excluded named offer_callback preferred preferred_until queue reason step_until
  steps.condition.name steps.condition.type steps.condition.value steps.lasts waited
  waiting_since
patchbay.contact.step_entered: reason step step_until
patchbay.contact.preference_ended: reason
patchbay.contact.requirements_edited: preferred preferred_until step step_until
  steps.condition.name steps.condition.type steps.condition.value steps.lasts
patchbay.contact.attributes_edited:
patchbay.contact.credit_changed: boost credit.credit credit.source waiting_since
patchbay.contact.staffing_changed: staffed
patchbay.contact.message_posted: message.agent message.at message.author message.id
patchbay.contact.abandoned: queue waited
patchbay.contact.callback_promised: callback.attempts callback.not_before callback.promised_at
  cause
patchbay.contact.callback_resumed: callback.attempts callback.not_before callback.promised_at
  excluded.key-excluded reason
patchbay.contact.callback_due:
patchbay.contact.overflowed: cause queue to.type
patchbay.contact.offered: auto_accept expires_at offer why.band why.free_agents why.idle_for
  why.load why.reason why.runner_up why.strategy why.waiting_contacts
patchbay.contact.offer_accepted: offer waited waited_in_queue
patchbay.contact.offer_rejected: excluded_until offer reason
patchbay.contact.offer_timed_out: excluded_until offer
patchbay.contact.offer_rescinded: offer reason
patchbay.contact.returned: excluded.key-excluded reason waiting_since
patchbay.contact.held: interrupted_by
patchbay.contact.retrieved:
patchbay.contact.ended: ended_by
patchbay.contact.transferred_out:
patchbay.contact.agent_released: wrap_limit wrap_until
patchbay.contact.wrap_up_extended: wrap_until
patchbay.contact.wrap_up_finished: disposition reason
patchbay.contact.completed: reason
patchbay.contact.consult_started: consult
patchbay.contact.consult_ended: consult reason
patchbay.contact.agent_joined: consult role
patchbay.contact.holder_changed:
patchbay.contact.monitored: mode supervisor
patchbay.agent.signed_in:
patchbay.agent.ready:
patchbay.agent.not_ready: reason
patchbay.agent.signed_out:
patchbay.agent.next_state_set: reason state
patchbay.agent.reachability_changed: channel reachable reason
patchbay.agent.skills_lent: traits.attributes traits.site traits.skills traits.team until
patchbay.catalog.published: note version
patchbay.flow.published: flow note version
patchbay.flow.alias_pointed: alias flow version
"""


def told_by_default(kind: type[e.EventBase]) -> str:
    usual = {"contact", "sequence", "agent"}
    return " ".join(sorted(leaves(told(filled(kind), Privacy())) - usual))


def test_every_field_that_goes_out_was_judged():
    """A new one is put down here once it is clear that it says nothing about a customer."""
    judged = OUT.replace("\n  ", " ").strip().splitlines()
    assert [f"{TYPES[kind]}: {told_by_default(kind)}".strip() for kind in TYPES] == judged


@pytest.mark.parametrize("kind", [*NEVER, *PERSONAL], ids=lambda kind: kind.__name__)
def test_what_is_withheld_stands_nowhere_in_what_goes_out(kind):
    text = json.dumps(told(filled(kind), Privacy()))
    for place in (*NEVER.get(kind, ()), *PERSONAL.get(kind, ())):
        assert f'"{place[-1]}"' not in text
        assert f"said-{'.'.join(place)}" not in text


@pytest.mark.parametrize("kind", list(PERSONAL), ids=lambda kind: kind.__name__)
def test_an_operator_may_want_personal_data(kind):
    for place in PERSONAL[kind]:
        assert f'"{place[-1]}"' in json.dumps(told(filled(kind), ALL))


@pytest.mark.parametrize("kind", list(NEVER), ids=lambda kind: kind.__name__)
def test_what_is_never_told_is_not_told_to_those_who_want_everything(kind):
    text = json.dumps(told(filled(kind), ALL))
    for place in NEVER[kind]:
        assert f"said-{'.'.join(place)}" not in text


@pytest.mark.parametrize("kind", [e.ContactArrived, e.Enqueued, e.AttributesEdited])
@pytest.mark.parametrize("personal", [False, True])
def test_attributes_go_out_by_name_alone(kind, personal):
    event = msgspec.structs.replace(
        filled(kind), attributes={"service": "SMS", "card": "4111111111111111"}
    )
    privacy = Privacy(personal_data=personal, attributes=frozenset({"service"}))
    assert told(event, privacy)["attributes"] == {"service": "SMS"}
    assert told(event, Privacy(personal_data=personal))["attributes"] == {}


def test_nobody_outside_hears_that_a_supervisor_listens():
    assert [kind for kind in get_args(e.Event) if not is_told(filled(kind))] == [e.Monitored]


def test_of_a_catalog_only_its_version_is_told():
    assert told(filled(e.CatalogPublished), ALL) == {"version": 7, "note": "said-note"}


def test_the_event_itself_is_left_as_it_is():
    event = filled(e.FlowAdvanced)
    told(event, Privacy())
    assert event == filled(e.FlowAdvanced)
