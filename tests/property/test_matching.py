"""Every offer the core makes, against a chooser that is slow, obvious and shares none of its code.

The chooser looks at every agent and every waiting contact. It reads the entities (who waits since
when, who has what in hand) and nothing of the matching index or of the strategies.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    SECOND,
    AgentDefinition,
    Catalog,
    OverflowRule,
    Profile,
    ProfileQueue,
    Queue,
    ToQueue,
)
from router.core.machine import RoutingCore
from router.core.model import Agent, AgentState, Contact, ContactState
from router.core.requirements import (
    AllOf,
    AnyOf,
    AttributeIs,
    Condition,
    Not,
    SiteIs,
    SkillAtLeast,
    Step,
    TeamIs,
    Traits,
)
from router.core.state import State

START = 1_700_000_000 * SECOND
CHANNELS = ("voice", "chat", "email")
STRATEGIES = (
    "longest_idle",
    "least_occupied",
    "most_skilled",
    "least_skilled",
    "fewest_contacts",
    "round_robin",
    "linear",
    "ring_all",
    "random",
    "weighted",
)
LOTS = {"random", "weighted"}


# -- the chooser ------------------------------------------------------------------------------


def meets(condition: Condition, traits: Traits) -> bool:
    match condition:
        case SkillAtLeast():
            return dict(traits.skills).get(condition.skill, 0) >= condition.level
        case TeamIs():
            return traits.team == condition.team
        case SiteIs():
            return traits.site == condition.site
        case AttributeIs():
            return dict(traits.attributes).get(condition.name) == condition.value
        case AllOf():
            return False not in [meets(part, traits) for part in condition.of]
        case AnyOf():
            return True in [meets(part, traits) for part in condition.of]
        case Not():
            return not meets(condition.of, traits)


class Chooser:
    """What should happen in ``state`` at ``at``; ``stamped`` is when each agent's work changed."""

    def __init__(self, state: State, at: int, stamped: dict[str, int]) -> None:
        self.state = state
        self.at = at
        self.stamped = stamped

    def profile(self, agent: Agent) -> Profile:
        return self.state.catalog.profiles[agent.definition.profile]

    def waits(self, contact: Contact) -> bool:
        if contact.state is ContactState.CALLBACK_PROMISED:
            return contact.callback is not None and contact.callback.not_before == 0
        return contact.state is ContactState.QUEUED

    def takes_work(self, agent: Agent, contact: Contact) -> bool:
        """State, room and what the agent may not see; skills and queues aside."""
        if agent.state is not AgentState.READY or agent.next_state is not None:
            return False
        if contact.id in agent.slots or agent.id in contact.wrapping:
            return False
        if contact.excluded.get(agent.id, 0) > self.at:
            return False
        profile = self.profile(agent)
        in_hand = [slot.channel for slot in agent.slots.values()]
        if in_hand.count(contact.channel) >= profile.capacity.get(contact.channel, 0):
            return False
        for other in in_hand:
            if other == contact.channel:
                continue
            if other in profile.alone:
                return False
            if contact.channel in profile.alone and other not in profile.interruptible:
                return False
        return True

    def term(self, agent: Agent, contact: Contact) -> ProfileQueue | None:
        for term in self.profile(agent).queues:
            if term.queue == contact.queue:
                return term
        return None

    def able(self, agent: Agent, contact: Contact) -> bool:
        """Queue and demands, whatever the agent is doing."""
        condition = contact.steps[contact.step].condition
        return self.term(agent, contact) is not None and meets(condition, agent.traits)

    def may_take(self, agent: Agent, contact: Contact) -> bool:
        if not self.takes_work(agent, contact):
            return False
        if contact.preferred_until > 0:
            return agent.id in contact.preferred
        term = self.term(agent, contact)
        if term is None or not self.able(agent, contact):
            return False
        return term.delay == 0 or self.at - contact.waiting_since >= term.delay

    # which contact an agent takes

    def first_for(self, agent: Agent) -> Contact | None:
        mine = [
            contact
            for contact in self.state.contacts.values()
            if self.waits(contact) and self.may_take(agent, contact)
        ]
        return min(mine, key=lambda contact: self.rank(agent, contact), default=None)

    def rank(self, agent: Agent, contact: Contact) -> tuple[Any, ...]:
        if contact.preferred_until > 0:
            return (0, 0, contact.waiting_since, contact.number)
        term = self.term(agent, contact)
        assert term is not None
        waited = self.at - contact.waiting_since
        if self.profile(agent).order == "objective":
            within = self.state.catalog.queues[contact.queue].service_within
            return (1, term.band, -Fraction(waited, within), contact.number)
        return (1, term.band, -waited, contact.number)

    # which agent a contact goes to

    def free_for(self, contact: Contact) -> list[Agent]:
        return [one for one in self.state.agents.values() if self.may_take(one, contact)]

    def best_for(self, contact: Contact) -> list[Agent]:
        """Who may be chosen: one agent, or everybody with a chance when it goes by lot."""
        free = self.free_for(contact)
        strategy = self.state.catalog.queues[contact.queue].strategy
        if not free or strategy in LOTS:
            return free
        return [min(free, key=lambda agent: self.standing(strategy, agent, contact))]

    def standing(self, strategy: str, agent: Agent, contact: Contact) -> tuple[Any, ...]:
        idle = (len(agent.slots), agent.idle_since, agent.number)
        match strategy:
            case "longest_idle" | "ring_all":
                return idle
            case "least_occupied":
                span = max(self.stamped[agent.id] - agent.signed_in_at, 1)
                share = agent.busy_total * 1_000_000 // span
                return (len(agent.slots), share, agent.idle_since, agent.number)
            case "fewest_contacts":
                return (len(agent.slots), agent.handled, agent.idle_since, agent.number)
            case "round_robin":
                return (len(agent.slots), agent.turn, agent.number)
            case "linear":
                return (agent.definition.order, agent.number)
            case "most_skilled":
                return (-self.level(agent, contact), *idle)
            case "least_skilled":
                total = sum(level for _, level in agent.traits.skills)
                return (self.level(agent, contact), total, *idle)
        raise AssertionError(strategy)

    def level(self, agent: Agent, contact: Contact) -> int:
        asked = named_skills(contact.steps[contact.step].condition)
        return sum(level for skill, level in agent.traits.skills if not asked or skill in asked)


def named_skills(condition: Condition) -> set[str]:
    match condition:
        case SkillAtLeast():
            return {condition.skill}
        case AllOf() | AnyOf():
            return {name for part in condition.of for name in named_skills(part)}
        case Not():
            return named_skills(condition.of)
        case _:
            return set()


# -- checking a core against it ---------------------------------------------------------------

WORK_CHANGES = (
    e.Offered,
    e.OfferAccepted,
    e.OfferRejected,
    e.OfferTimedOut,
    e.OfferRescinded,
    e.AgentReleased,
    e.WrapUpFinished,
    e.AgentSignedIn,
    e.AgentReady,
    e.AgentNotReady,
    e.AgentSignedOut,
    e.NextStateSet,
    e.SkillsLent,
)


class Checked:
    """A core, and a second state that follows event by event and judges each offer."""

    def __init__(self, catalog: Catalog) -> None:
        self.core = RoutingCore(State(), seed=1)
        self.at = START
        self.shadow = State()
        self.stamped: dict[str, int] = {}
        self.judged: Counter[str] = Counter()
        self.numbers = 0
        self.do(c.PublishCatalog(id="", catalog=catalog, replaces=0))

    def do(self, command: c.Command) -> None:
        self.tick()
        self.numbers += 1
        self._handle(type(command)(**{**_fields(command), "id": f"n{self.numbers}"}))
        self.tick()

    def advance(self, by: int) -> None:
        self.at += by
        self.tick()

    def tick(self) -> None:
        while (due := self.core.next_deadline()) is not None and due <= self.at:
            self._handle(c.Tick(id=""))

    def _handle(self, command: c.Command) -> None:
        result = self.core.handle(command, self.at)
        if isinstance(result, e.Rejected):
            return
        for event in result:
            if isinstance(event, e.Offered):
                self._judge(event)
            self.shadow.apply(event, self.at)
            self._stamp(event)
        due = self.core.next_deadline()
        if due is None or due > self.at:
            self._nobody_is_left_idle()

    def _stamp(self, event: e.Event) -> None:
        if isinstance(event, e.CatalogPublished):
            self.stamped = dict.fromkeys(event.catalog.agents, self.at)
        elif isinstance(event, WORK_CHANGES):
            self.stamped[event.agent] = self.at

    def _judge(self, event: e.Offered) -> None:
        chooser = Chooser(self.shadow, self.at, self.stamped)
        contact = self.shadow.contacts[event.contact]
        agent = self.shadow.agents[event.agent]
        reason = event.why.reason
        joins = contact.state is ContactState.OFFERED
        self.judged[f"{reason}{' along' if joins else ''}"] += 1
        if joins:
            self._judge_ringing_along(chooser, contact, agent)
            return
        assert chooser.waits(contact)
        if reason == "preferred" and contact.preferred_until == 0:
            self._judge_favourite(chooser, contact, agent)
            return
        assert chooser.may_take(agent, contact)
        first = chooser.first_for(agent)
        assert first is not None
        assert first.id == contact.id, "somebody else came before it for this agent"
        if contact.preferred_until == 0:
            self._judge_agent(chooser, contact, agent, reason)

    def _judge_agent(self, chooser: Chooser, contact: Contact, agent: Agent, reason: str) -> None:
        best = chooser.best_for(contact)
        if reason == "strategy":
            assert agent in best, f"the strategy chooses {[one.id for one in best]}"
        elif agent not in best:
            # Only when the strategy's choice has another contact to take first.
            (other,) = best
            elsewhere = chooser.first_for(other)
            assert elsewhere is not None
            assert elsewhere.id != contact.id

    def _judge_favourite(self, chooser: Chooser, contact: Contact, agent: Agent) -> None:
        """Asked first, when the others may take it as well: the first of them who can."""
        agents = self.shadow.agents
        can = [
            name
            for name in contact.preferred
            if chooser.able(agents[name], contact) and chooser.takes_work(agents[name], contact)
        ]
        assert can[0] == agent.id

    def _judge_ringing_along(self, chooser: Chooser, contact: Contact, agent: Agent) -> None:
        queue = self.shadow.catalog.queues[contact.queue]
        assert queue.strategy == "ring_all"
        assert len(contact.offers) < queue.ring_all_limit
        assert contact.preferred_until == 0
        assert chooser.may_take(agent, contact)
        assert chooser.first_for(agent) is None, "they should have taken one who waits"
        pending = [self.shadow.offers[offer] for offer in contact.offers.values()]
        assert all(one.why.reason in {"strategy", "next_waiting"} for one in pending)

    def _nobody_is_left_idle(self) -> None:
        chooser = Chooser(self.shadow, self.at, self.stamped)
        for contact in self.shadow.contacts.values():
            if chooser.waits(contact):
                assert chooser.free_for(contact) == [], f"{contact.id} waits beside a free agent"


def _fields(command: c.Command) -> dict[str, Any]:
    return {name: getattr(command, name) for name in command.__struct_fields__}


# -- random centres and what happens in them --------------------------------------------------


def random_condition(random: Random, depth: int = 0) -> Condition:
    kind = random.choice(("skill", "skill", "team", "all", "any", "not", "anyone"))
    if depth == 2 or kind == "skill":
        return SkillAtLeast(skill=random.choice("xyz"), level=random.randint(1, 6))
    match kind:
        case "team":
            return TeamIs(team=random.choice(("north", "south")))
        case "all" | "any":
            parts = tuple(random_condition(random, depth + 1) for _ in range(2))
            return AllOf(of=parts) if kind == "all" else AnyOf(of=parts)
        case "not":
            return Not(of=random_condition(random, depth + 1))
    return AllOf()


def random_steps(random: Random) -> tuple[Step, ...]:
    lasting = random.choice((5, 20, 60)) * SECOND
    first = Step(condition=random_condition(random), lasts=lasting)
    return random.choice(
        ((Step(),), (first, Step()), (first, Step(condition=TeamIs(team="north"))))
    )


def random_catalog(random: Random, strategy: str, version: int = 1) -> Catalog:
    names = ["a", "b", "c"]
    queues = {
        name: Queue(
            id=name,
            label=name,
            steps=random_steps(random),
            strategy=random.choice((strategy, strategy, random.choice(STRATEGIES))),
            service_within=random.choice((5, 20, 60)) * SECOND,
            credit=random.choice((0, 0, 30)) * SECOND,
            offer_for=random.choice((5, 20)) * SECOND,
            missed_offer=random.choice(("ready", "not_ready")),
            reoffer_after=random.choice((1, 30)) * SECOND,
            ring_all_limit=random.choice((2, 8)),
            wrap_up=random.choice((0, 10)) * SECOND,
            auto_accept=random.random() < 0.1,
            overflow=(OverflowRule(when="wait", at=90 * SECOND, to=ToQueue(queue="a")),),
        )
        for name in names
    }
    profiles = {name: random_profile(random, name, names) for name in ("p", "q")}
    agents = {
        f"g{number}": AgentDefinition(
            id=f"g{number}",
            name=f"G {number}",
            profile=random.choice(("p", "q")),
            traits=Traits(
                skills=tuple(
                    (skill, random.randint(1, 6)) for skill in "xyz" if random.random() < 0.5
                ),
                team=random.choice(("north", "south")),
            ),
            weight=random.randint(1, 3),
            order=random.randint(0, 3),
        )
        for number in range(6)
    }
    skills = {skill: skill for skill in "xyz"}
    return Catalog(version=version, queues=queues, profiles=profiles, agents=agents, skills=skills)


def random_profile(random: Random, name: str, queues: list[str]) -> Profile:
    terms = tuple(
        ProfileQueue(
            queue=queue, band=random.choice((1, 1, 2)), delay=random.choice((0, 0, 15)) * SECOND
        )
        for queue in queues
        if random.random() < 0.8
    )
    capacity = {"voice": 1, "chat": random.choice((1, 3))} | random.choice(({}, {"email": 2}))
    return Profile(
        id=name,
        label=name,
        queues=terms,
        capacity=capacity,
        alone=random.choice((("voice",), ())),
        order=random.choice(("wait", "objective")),
    )


def play(checked: Checked, random: Random, moves: int) -> None:
    agents = list(checked.core.state.agents)
    for name in agents[:4]:
        checked.do(c.SignIn(id="", agent=name))
        checked.do(c.SetReady(id="", agent=name))
    for number in range(moves):
        command = random_move(checked.core.state, random, number, random.choice(agents))
        if command is None:
            checked.advance(random.choice((1, SECOND, 4 * SECOND, 16 * SECOND)))
        else:
            checked.do(command)
        if isinstance(command, c.Arrive):
            checked.do(random_enqueue(random, command.contact, agents))


def random_enqueue(random: Random, contact: str, agents: list[str]) -> c.Enqueue:
    favourites = tuple(random.sample(agents, random.choice((0, 0, 0, 1, 2))))
    return c.Enqueue(
        id="",
        contact=contact,
        queue=random.choice("abc"),
        steps=random.choice(((), random_steps(random))),
        boost=random.choice((0, 0, 25, -25)) * SECOND,
        preferred=favourites,
        preferred_for=random.choice((0, 10 * SECOND)),
    )


def random_move(state: State, random: Random, number: int, agent: str) -> c.Command | None:
    """An arrival, something an agent does, or None: time passes."""
    kind = random.choices(MOVES, WEIGHTS)[0]
    contacts = list(state.contacts.values())
    ringing = [offer for contact in contacts for offer in contact.offers.values()]
    in_hand = [one.id for one in contacts if one.agent]
    waiting = [one.id for one in contacts if one.state is ContactState.QUEUED]
    offer = random.choice(ringing) if ringing else ""
    talk = random.choice(in_hand) if in_hand else ""
    wait = random.choice(waiting) if waiting else ""
    match kind:
        case "arrive":
            return c.Arrive(id="", contact=f"k{number}", channel=random.choice(CHANNELS))
        case "accept":
            return c.Accept(id="", offer=offer)
        case "reject":
            return c.Reject(id="", offer=offer)
        case "end":
            return c.EndContact(id="", contact=talk)
        case "requeue":
            return c.Requeue(id="", contact=talk)
        case "transfer":
            return c.TransferToQueue(id="", contact=talk, queue=random.choice("abc"))
        case "give":
            return c.TransferToAgent(id="", contact=talk, agent=agent)
        case "abandon":
            return c.Abandon(id="", contact=wait)
        case "boost":
            return c.Reprioritise(id="", contact=wait, boost=random.randint(-60, 60) * SECOND)
        case "edit":
            return c.EditContact(id="", contact=wait, steps=random_steps(random))
        case "in":
            return c.SignIn(id="", agent=agent)
        case "ready":
            return c.SetReady(id="", agent=agent)
        case "pause":
            return c.SetNotReady(id="", agent=agent, reason="break")
        case "out":
            return c.SignOut(id="", agent=agent)
        case "lend":
            levels = {skill: random.randint(0, 6) for skill in "xyz"}
            return c.LendSkills(id="", agent=agent, skills=levels)
        case "publish" if random.random() < 0.2:
            version = state.catalog.version
            made = random_catalog(random, "longest_idle", version + 1)
            return c.PublishCatalog(id="", catalog=made, replaces=version)
    return None


CHANCES = {
    "arrive": 10,
    "accept": 8,
    "reject": 2,
    "end": 5,
    "requeue": 1,
    "transfer": 1,
    "give": 1,
    "abandon": 1,
    "boost": 1,
    "edit": 1,
    "in": 2,
    "ready": 5,
    "pause": 1,
    "out": 1,
    "lend": 1,
    "publish": 1,
    "time": 5,
}
MOVES, WEIGHTS = list(CHANCES), list(CHANCES.values())
JUDGED: Counter[str] = Counter()


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32))
def test_every_offer_is_the_one_an_obvious_chooser_makes(strategy: str, seed: int):
    random = Random(seed)
    checked = Checked(random_catalog(random, strategy))
    play(checked, random, 60)
    JUDGED.update(checked.judged)


def test_enough_offers_of_every_kind_were_judged():
    """Runs after the histories: a judge without cases would prove nothing."""
    assert sum(JUDGED.values()) >= 2_000
    assert set(JUDGED) >= {"strategy", "next_waiting", "preferred", "named", "strategy along"}
