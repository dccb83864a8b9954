"""The catalog that a log shows."""

from __future__ import annotations

from router.core.catalog import HOUR, MINUTE
from simulator.replay.centre import infer_catalog

CENTRE = infer_catalog(["PS", "New Calls", "PS"], {"ann": {"PS"}, "bob": set()}, {"gold": MINUTE})


def test_each_type_is_a_queue_that_asks_for_the_skill_of_its_name():
    assert list(CENTRE.queues) == ["new_calls", "ps"]
    assert CENTRE.queues["new_calls"].label == "New Calls"
    assert CENTRE.skills == {"new_calls": "New Calls", "ps": "PS"}
    assert CENTRE.agents["ann"].traits.skills == (("ps", 1),)
    assert CENTRE.agents["bob"].traits.skills == ()


def test_offers_are_answered_at_once_and_wrap_up_lasts_as_long_as_is_drawn():
    queue = CENTRE.queues["ps"]
    assert queue.auto_accept
    assert queue.wrap_up == queue.wrap_up_limit == HOUR
    assert CENTRE.credits.tiers == {"gold": MINUTE}
