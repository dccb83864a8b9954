"""Recorded beside simulated, before beside after, and logs with little in them."""

from __future__ import annotations

from math import isinf

import msgspec
import pytest

from router.core.catalog import SECOND, AgentDefinition, Catalog, Profile, ProfileQueue, Queue
from simulator.replay import CentreChange, ChangeError, Wishes, replay, study
from tests.unit.simulator.replay.logs import DAY, recorded
from tests.unit.simulator.staffing.recorded import abandoned, answered, log


def test_a_replay_comes_near_the_recording():
    found = replay(study(recorded(), 1))
    wait = found.fidelity.changes["all"]["mean_wait"]
    assert wait.after == pytest.approx(wait.before, rel=0.25)
    assert found.fidelity.calls["all"] == 240
    assert {"tier gold", "type help", "hour 08"} <= set(found.fidelity.changes)
    assert found.effect is None


def test_equal_seeds_find_equal_things():
    recording = study(recorded(), 1)
    change = CentreChange(credits={"gold": 0})
    assert replay(recording, change=change) == replay(recording, change=change)


def test_without_credit_its_tier_loses_and_not_the_others():
    found = replay(study(recorded(), 1), change=CentreChange(credits={"gold": 0}))
    assert found.effect is not None
    changes = found.effect.changes
    lost = changes["other credit"]["mean_wait"].difference.mean
    assert lost > 0
    assert lost > changes["others"]["mean_wait"].difference.mean
    assert found.tiers_changed == ("gold",)


def test_longer_conversations_and_missing_people_make_waits_longer():
    recording = study(recorded(), 1)
    for change in (CentreChange(handling=1.3), CentreChange(without=("bob",))):
        found = replay(recording, change=change)
        assert found.effect is not None
        assert found.effect.changes["all"]["mean_wait"].difference.mean > 0


def test_another_agent_makes_waits_shorter():
    found = replay(study(recorded(), 1), change=CentreChange(extra=("Ann",)))
    assert found.effect is not None
    assert found.effect.changes["all"]["mean_wait"].difference.mean < 0


def test_another_catalog_is_matched_by_ids():
    recording = study(recorded(), 1)
    queues = {
        name: msgspec.structs.replace(queue, strategy="random")
        for name, queue in recording.centre.queues.items()
    }
    other = msgspec.structs.replace(recording.centre, queues=queues)
    found = replay(recording, change=CentreChange(catalog=other))
    assert found.effect is not None


def test_a_change_that_cannot_be_made_is_refused_before_anything_is_run():
    told: list[str] = []
    with pytest.raises(ChangeError):
        replay(
            study(recorded(), 1),
            change=CentreChange(strategy="none"),
            progress=lambda what, _: told.append(what),
        )
    assert told == []


def test_progress_tells_each_virtual_day():
    told: list[tuple[str, float]] = []
    replay(study(recorded(), 1), progress=lambda what, share: told.append((what, share)))
    assert [what for what, _ in told] == [
        "as it was: Mon 2 Mar 2026",
        "as it was: Tue 3 Mar 2026",
        "as it was: Wed 4 Mar 2026",
    ]
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert 0 <= shares[0] < shares[-1] <= 1


def test_sampled_decisions_are_judged_and_agree():
    found = replay(study(recorded(), 1), wishes=Wishes(explanations=50))
    assert found.inspected is not None
    assert found.inspected.decisions >= 40
    assert found.inspected.disagree == 0


def test_estimates_are_judged_beside_the_formulas_of_others():
    found = replay(study(recorded(), 1), wishes=Wishes(estimates=True))
    assert found.estimates is not None
    assert found.estimates.contacts > 50
    assert {"Patchbay", "Asterisk app_queue"} <= {a.formula for a in found.estimates.accuracies}


def test_a_log_with_one_call():
    found = replay(study(log(answered("ann", 100, 60)), 1), change=CentreChange(handling=2))
    wait = found.fidelity.changes["all"]["mean_wait"]
    assert (wait.before, wait.after) == (0, 0)
    assert isinf(wait.difference.half_width)


def test_an_agent_without_a_moment_of_work_serves_nobody_and_nothing_hangs():
    found = replay(study(log(answered("ann", 100, 0)), 1))
    assert found.unfinished == 1


def test_empty_days_and_work_past_midnight():
    midnight = DAY // SECOND
    calls = [
        answered("ann", midnight - 60, 120),
        answered("ann", midnight + 100, 50, waited=40),
        abandoned(midnight + 90, 20),
        answered("ann", 9 * midnight, 30),
    ]
    found = replay(study(log(*calls), 1))
    assert found.days == 3
    assert found.fidelity.calls["all"] == 4


def test_people_of_a_catalog_serve_a_log_without_agents():
    names = ("sales", "help")
    people = Catalog(
        queues={name: Queue(id=name, label=name, auto_accept=True, wrap_up=0) for name in names},
        profiles={
            "p": Profile(
                id="p",
                label="p",
                queues=tuple(ProfileQueue(queue=name) for name in names),
                capacity={"voice": 1},
            )
        },
        agents={
            name: AgentDefinition(id=name, name=name, profile="p") for name in ("ann", "bob", "cy")
        },
    )
    found = replay(study(recorded(agents=False), 1, people))
    assert found.people.source == "catalog"
    wait = found.fidelity.changes["all"]["mean_wait"]
    assert wait.after < wait.before
