"""``simulated.regulars``: an agent's own customers, with something the agent can help with."""

import pytest

from cti_adapters.simulated.pbx import SimulatedPbx
from cti_adapters.simulated.regulars import Regulars
from cti_adapters.simulated.settings import SimulationSettings
from router.clock import ManualClock
from router.core.catalog import (
    AgentDefinition,
    Catalog,
    EntryPoint,
    Hours,
    Profile,
    ProfileQueue,
    Queue,
)
from router.core.commands import PublishCatalog
from router.core.machine import RoutingCore
from router.core.requirements import SkillAtLeast, Step, Traits
from router.core.state import State

AT = 1_700_000_000_000_000
SPEAKS = Step(condition=SkillAtLeast(skill="spanish", level=4))


def catalog():
    serves = ("care", "ayuda", "night")
    return Catalog(
        version=1,
        queues={
            "care": Queue(id="care", label="Care"),
            "ayuda": Queue(id="ayuda", label="Ayuda", steps=(SPEAKS,)),
            "night": Queue(id="night", label="Night", hours="never"),
            "sales": Queue(id="sales", label="Sales"),
        },
        hours={"never": Hours(id="never", spans=(), until=AT * 2)},
        profiles={
            "all": Profile(
                id="all",
                label="All",
                queues=tuple(ProfileQueue(queue=queue) for queue in serves),
                capacity={"voice": 1},
            )
        },
        agents={
            "ann": AgentDefinition(
                id="ann", name="Ann", profile="all", traits=Traits(skills=(("spanish", 5),))
            ),
            "ben": AgentDefinition(id="ben", name="Ben", profile="all"),
        },
        entry_points={
            "line": EntryPoint(
                id="line",
                channel="voice",
                queue="sales",
                choices={"1": "care", "2": "ayuda", "3": "night"},
            ),
            "website": EntryPoint(id="website", channel="chat", queue="care"),
        },
    )


@pytest.fixture
def state():
    core = RoutingCore(State())
    core.handle(PublishCatalog(id="catalog", catalog=catalog(), replaces=0), AT)
    return core.state


def ways(state, agent):
    regulars = Regulars(SimulationSettings())
    found = {regulars.way_in(state.agents[agent], "voice", state.catalog, AT) for _ in range(50)}
    return sorted(found)


def test_the_way_leads_to_an_open_queue_the_agent_serves_and_is_skilled_for(state):
    assert ways(state, "ann") == [("line", "1"), ("line", "2")]
    assert ways(state, "ben") == [("line", "1")]


def test_without_such_a_way_there_is_none(state):
    regulars = Regulars(SimulationSettings())
    assert regulars.way_in(state.agents["ben"], "fax", state.catalog, AT) == ("", "")


def test_customers_take_turns(state):
    regulars = Regulars(SimulationSettings(regulars={"ann": ("+1", "+2")}))
    assert [regulars.caller_for("ann", state) for _ in range(3)] == ["+1", "+2", "+1"]
    assert regulars.caller_for("ben", state) == ""


async def test_who_is_calling_already_is_passed_over(centre):
    settings = SimulationSettings(calls_per_minute=0, regulars={"ann": ("+1", "+2")})
    pbx = SimulatedPbx(centre, centre.intake, centre.replica, ManualClock(AT), settings)
    calls = [await pbx.place_call("+1", "line"), await pbx.place_call(agent="ann")]
    assert [centre.contact(call).address for call in calls] == ["+1", "+2"]
    assert Regulars(settings).caller_for("ann", centre.replica.state) == ""


async def test_a_call_for_nobody_known_is_left_to_chance(centre):
    settings = SimulationSettings(calls_per_minute=0)
    pbx = SimulatedPbx(centre, centre.intake, centre.replica, ManualClock(AT), settings)
    assert centre.contact(await pbx.place_call(agent="nobody")).entry_point == "line"
