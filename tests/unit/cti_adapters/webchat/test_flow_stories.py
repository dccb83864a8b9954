"""Whatever a visitor does and whatever breaks: each turn is asked once and answered once."""

import asyncio
from contextlib import suppress

from hypothesis import given, settings
from hypothesis import strategies as st

from cti_adapters.texting import prompts
from cti_adapters.webchat.hub import ChatHub
from cti_adapters.webchat.settings import ChatSettings
from ivr.entry import route
from router.core.commands import IntoQueue
from router.core.durations import MINUTE, SECOND
from router.intake import Intake
from router.limits import Rate
from router.ports import Overloaded
from tests.unit.cti_adapters.conftest import Centre
from tests.unit.cti_adapters.webchat.conftest import Browser
from tests.unit.cti_adapters.webchat.fake_flows import (
    ACCOUNT,
    LOOKING,
    MENU,
    NEWS,
    PIN,
    FakeFlows,
    lead_through_a_flow,
    settle,
)

SECRET = "31415926"
SCRIPT = (NEWS, MENU, ACCOUNT, PIN, LOOKING, NEWS, NEWS, MENU, PIN)
PLENTY = Rate(burst=10_000, every=100)
TABS = st.integers(0, 1)
ACTS = st.one_of(
    st.tuples(st.just("answer"), TABS, st.sampled_from(["1", "faults", "junk", SECRET])),
    st.tuples(st.just("late"), TABS, st.sampled_from(["1", "2"])),
    st.tuples(st.just("say"), TABS, st.sampled_from(["2", "what?", SECRET])),
    st.tuples(st.just("both")),
    st.tuples(st.just("sweep")),
    st.tuples(st.just("silence")),
    st.tuples(st.just("found")),
    st.tuples(st.just("busy"), st.booleans()),
    st.tuples(st.just("hiccup"), st.integers(0, 3)),
    st.tuples(st.just("restart")),
)


class Shaky(Centre):
    """Its engine is busy once, after so many more commands."""

    hiccup_after = None

    async def submit(self, command):
        if self.hiccup_after == 0:
            self.hiccup_after = None
            raise Overloaded
        if self.hiccup_after is not None:
            self.hiccup_after -= 1
        return await super().submit(command)


class World:
    """Two tabs of one visitor, the channel, and a flow."""

    async def begin(self):
        self.centre = Shaky()
        self.flows = FakeFlows(
            self.centre, *SCRIPT, end=IntoQueue(queue="sales"), last=("I put you through.",)
        )
        lead_through_a_flow(self.centre)
        self.intake = Intake(
            self.centre,
            self.centre.replica,
            self.centre,
            flow=route,
            flows=self.flows,
            lookup_timeout=5 * SECOND,
        )
        self.hub = self._hub()
        self.tabs = [Browser(self.centre, self.hub)]
        await self.tabs[0].start()
        self.token, self.contact = self.tabs[0].token, self.tabs[0].contact
        await self._second_tab()

    def _hub(self):
        limits = ChatSettings(secret=b"s" * 32, lines=PLENTY, source_starts=PLENTY)
        centre = self.centre
        hub = ChatHub(centre, self.intake, centre.replica, centre.clock, limits, flows=self.flows)
        centre.adapters[:] = [hub]
        return hub

    async def _second_tab(self):
        self.tabs.append(Browser(self.centre, self.hub, "192.0.2.2"))
        await self.tabs[-1].resume(self.token)
        await settle(*self.tabs)

    async def restart(self):
        await self.hub.stop()
        self.hub = self._hub()
        self.centre.heard = 0  # the journal is replayed from its beginning
        await self.hub.start()
        self.tabs = [Browser(self.centre, self.hub)]
        await self.tabs[0].resume(self.token)
        await self._second_tab()

    async def act(self, kind, *how):
        if kind == "busy":
            self.centre.trouble = Overloaded() if how[0] else None
        elif kind == "hiccup":
            self.centre.hiccup_after = how[0]
        elif kind == "restart":
            await self.restart()
        elif kind in ("sweep", "silence"):
            self.centre.pass_time(5 * MINUTE if kind == "silence" else SECOND)
            await self.sweep()
        elif kind == "found":
            await self.found()
        elif kind == "both":
            await asyncio.gather(*(self.answer(i, key) for i, key in enumerate("12")))
        elif kind == "say":
            await self.tabs[how[0]].say(how[1])
        else:
            await self.answer(how[0], how[1], late=kind == "late")
        await settle(*self.tabs)

    async def answer(self, tab, text, *, late=False):
        prompt = self.tabs[tab].status["prompt"]
        if prompt is not None:
            turn = prompt["turn"] - late
            if text == SECRET and not prompt["secret"]:
                text = "4711"
            await self.tabs[tab].send("answer_prompt", turn=turn, text=text)

    async def found(self):
        """What was looked up."""
        prompt = self.flows.prompt(self.contact)
        if prompt is not None and prompt.kind == "wait":
            with suppress(Overloaded):
                await self.flows.advance(self.contact, prompt.turn)

    async def sweep(self):
        with suppress(Overloaded):
            await self.hub.sweep()

    async def finish(self):
        """Nothing is in the way any more: what is left over is done."""
        self.centre.trouble = self.centre.hiccup_after = None
        for _ in range(3):
            await self.sweep()
            await settle(*self.tabs)

    async def end(self):
        await self.hub.stop()
        await self.intake.close()
        await self.centre.intake.close()


def check(world):
    told = [turn for turn, _ in world.flows.told]
    assert told == sorted(set(told)), "a turn was answered twice"
    messages = world.centre.contact(world.contact).messages
    ids = [message.id for message in messages]
    assert len(ids) == len(set(ids)), "something was said twice"
    asked = [i.split("/")[1:] for i in ids if i.startswith("flow/") and "last" not in i]
    assert [int(turn) for turn, _ in asked] == sorted(int(turn) for turn, _ in asked)
    for tab in world.tabs:
        assert tab.lines == [message.text for message in messages], "a tab shows something else"
    flow = world.flows.prompt(world.contact)
    for tab in world.tabs:
        assert tab.status["state"] == ("waiting" if flow is None else "in_flow")
        shown = tab.status["prompt"]
        assert (shown and shown["turn"]) == (flow and flow.turn), "another question is shown"


def check_answers(world):
    """What stands there as the answer to a turn is what the flow was told, unless it was silence;
    and a secret stands nowhere.
    """
    messages = world.centre.contact(world.contact).messages
    for turn, what in world.flows.told:
        shown = [message.text for message in messages if message.id == prompts.answer_id(turn)]
        if shown and what != "(silence)":
            assert shown == [prompts.words(SCRIPT[turn - 1], what)]
    assert SECRET not in repr(world.centre.entries)


async def live(acts):
    world = World()
    await world.begin()
    try:
        for act in acts:
            await world.act(*act)
        await world.finish()
        check(world)
        if all(act[0] != "say" for act in acts):  # that is a line of its own
            check_answers(world)
    finally:
        await world.end()


@settings(max_examples=60, deadline=None)
@given(st.lists(ACTS, max_size=25))
def test_each_turn_is_asked_once_answered_once_and_shown_alike_in_every_tab(acts):
    asyncio.run(live(acts))
