"""``simulated.agents``: colleagues do their work, and never that of a person who is there."""

import pytest

from cti_adapters.simulated.agents import SimulatedAgents
from cti_adapters.simulated.settings import ColleagueBehaviour, SimulationSettings
from router.core.commands import Arrive, Enqueue, ForceState, PostMessage, SetReady, SignOut
from router.core.durations import MINUTE, SECOND
from router.core.model import AgentState, ContactState
from router.ports import Overloaded

STEADY = ColleagueBehaviour(misses=0, between_breaks=10_000 * MINUTE)


@pytest.fixture
async def crew(centre, world):
    """Simulated agents who are at work."""

    async def hire(*agents, behaviour=STEADY):
        typing = []
        crew = SimulatedAgents(
            centre,
            centre.replica,
            centre.clock,
            SimulationSettings(colleague=behaviour),
            agents=agents,
            agent_typing=lambda contact, on: typing.append(contact),
        )
        world.add(crew)
        await crew.start()
        await crew.stop()  # the world moves it from here on, not its own task
        await world.run(30)
        crew.typing = typing
        return crew

    return hire


def call(centre, contact="k", channel="voice", queue="care"):
    centre.apply(Arrive(id=f"{contact}/arrive", contact=contact, channel=channel))
    centre.apply(Enqueue(id=f"{contact}/enqueue", contact=contact, queue=queue))


def said(centre, contact, text, ident):
    centre.apply(
        PostMessage(id=ident, contact=contact, message=ident, author="customer", text=text)
    )


def state(centre, agent):
    return centre.replica.state.agents[agent].state


async def test_they_sign_in_and_are_ready(centre, crew):
    await crew("ann", "ben")
    assert state(centre, "ann") is state(centre, "ben") is AgentState.READY


async def test_a_call_is_accepted_ended_and_written_up_with_a_disposition(centre, world, crew):
    await crew("ann")
    call(centre)
    await world.run(600)
    assert centre.names("k")[-3:] == ["AgentReleased", "WrapUpFinished", "Completed"]
    assert centre.events("k")[-2].disposition in ("solved", "open", "")
    assert "OfferTimedOut" not in centre.names("k")


async def test_a_chat_is_answered_line_by_line_with_typing_shown(centre, world, crew):
    team = await crew("ann")
    call(centre, channel="chat")
    said(centre, "k", "Hello, can somebody help me with my contract?", "1")
    await world.run(40)
    said(centre, "k", "my own words", "2")
    await world.run(40)
    thread = [(m.author, m.agent) for m in centre.contact("k").messages]
    assert thread == [("customer", ""), ("agent", "ann"), ("customer", ""), ("agent", "ann")]
    assert centre.contact("k").messages[1].text == "Hello! Of course. What would you like to know?"
    assert team.typing == ["k", "k"]


async def test_a_silent_chat_is_ended(centre, world, crew):
    await crew("ann")
    call(centre, channel="chat", queue="sales")
    await world.run(400)
    assert centre.names("k")[-1] == "Completed"


async def test_some_offers_are_missed_or_rejected_and_they_come_back(centre, world, crew):
    careless = ColleagueBehaviour(misses=1, between_breaks=10_000 * MINUTE)
    await crew("ann", behaviour=careless)
    call(centre)
    await world.run(600)
    names = centre.names("k")
    assert "OfferTimedOut" in names
    assert "OfferRejected" in names
    assert names.count("Offered") > 3


async def test_they_take_breaks_and_return(centre, world, crew):
    lazy = ColleagueBehaviour(misses=0, between_breaks=MINUTE, break_for=30 * SECOND)
    await crew("ann", behaviour=lazy)
    await world.run(900)
    kinds = [type(e).__name__ for x in centre.entries for e in x.events if hasattr(e, "agent")]
    assert kinds.count("AgentNotReady") >= 2
    assert kinds.count("AgentReady") >= 2


async def test_an_agent_a_person_has_signed_in_as_is_never_driven(centre, world, crew):
    team = await crew("ann")
    call(centre)
    await centre.deliver()
    team.claim("ann")
    by_simulation = len([x for x in centre.entries if x.by.startswith("simulation")])
    await world.run(600)
    assert len([x for x in centre.entries if x.by.startswith("simulation")]) == by_simulation
    assert "OfferAccepted" not in centre.names("k")


async def test_a_claimed_agents_conversation_is_left_to_the_person(centre, world, crew):
    team = await crew("ann")
    call(centre)
    await world.run(10)
    assert centre.contact("k").state is ContactState.CONNECTED
    team.claim("ann")
    await world.run(1_200)
    assert centre.contact("k").state is ContactState.CONNECTED


async def test_released_agents_go_on_with_what_they_have_in_hand(centre, world, crew):
    team = await crew("ann")
    team.claim("ann")
    call(centre)
    centre.accept("k")
    await world.run(60)
    team.release("ann")
    await world.run(900)
    assert centre.names("k")[-1] == "Completed"


async def test_a_released_agent_who_signed_out_comes_back_to_work(centre, world, crew):
    team = await crew("ann")
    team.claim("ann")
    centre.apply(SignOut(id="out", agent="ann"))
    team.release("ann")
    await world.run(30)
    assert state(centre, "ann") is AgentState.READY


async def test_only_agents_that_were_simulated_can_be_released_to_the_simulation(
    centre, world, crew
):
    team = await crew("ann")
    team.release("ben")
    await world.run(60)
    assert state(centre, "ben") is AgentState.SIGNED_OUT


async def test_an_agent_whom_a_supervisor_signed_out_stays_out(centre, world, crew):
    await crew("ann")
    centre.apply(ForceState(id="force", agent="ann", state="signed_out"))
    await world.run(300)
    assert state(centre, "ann") is AgentState.SIGNED_OUT


async def test_a_busy_engine_is_tried_again(centre, world, crew):
    await crew("ann")
    call(centre)
    await world.run(10)
    centre.trouble = Overloaded("full")
    await world.run(900)
    centre.trouble = None
    await world.run(60)
    assert centre.names("k")[-1] == "Completed"


async def test_starting_again_goes_on_where_it_was(centre, world, crew):
    await crew("ann")
    call(centre)
    await world.run(10)
    world.parties.clear()
    centre.adapters.clear()
    await crew("ann")
    await world.run(900)
    assert centre.names("k")[-1] == "Completed"


async def test_a_person_who_is_ready_is_not_disturbed_by_the_start(centre, world, crew):
    centre.ready("ben")
    centre.apply(SetReady(id="again", agent="ben"))
    await crew("ann")
    assert state(centre, "ben") is AgentState.READY
    assert not [x for x in centre.entries if x.by.startswith("simulation ben")]
