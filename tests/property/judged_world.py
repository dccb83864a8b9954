"""A world in which every decision is judged, and centres drawn at random for it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from random import Random

from core_world import AGENTS, AIMED, CHANNELS, CUSTOMERS, QUEUES, START, STRATEGY_NAMES, World

from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    MINUTE,
    SECOND,
    AgentDefinition,
    CallbackOffer,
    Catalog,
    Credits,
    Hours,
    OverflowRule,
    Profile,
    ProfileQueue,
    Queue,
    ToCallback,
    ToMessage,
    ToQueue,
)
from router.core.explain import explain_contact
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
from simulator.judging.decisions import Disagreement, Judge
from simulator.judging.explanations import judge_explanation

STAFF = (*AGENTS, "eve", "fin", "gus", "hal")
PROFILES = ("first", "second", "third")
MOVES = ("contact", "agent", "aim", "time", "wind up")
PACES = ((4, 3, 16, 5, 0), (3, 8, 6, 6, 8), (3, 10, 2, 6, 12))  # the world's own, and quieter ones
MOVES_OF_A_LIFE = 120
WIND_UP = ("accept", "end", "finish")


OFFERS = (
    "strategy",
    "strategy along",
    "next_waiting",
    "preferred",
    "named",
    "pulled",
)


class JudgedWorld(World):
    """Its decisions and explanations are judged, instead of being checked against invariants."""

    def __init__(self, strategy: str, seed: int) -> None:
        self.random = Random(seed)
        self.judge = Judge()
        self.found: list[Disagreement] = []
        self.explained = 0
        super().__init__(strategy)

    @property
    def offers(self) -> int:
        return sum(self.judge.judged[reason] for reason in OFFERS)

    def check(self) -> None:
        """Once after each move of ``busy_stretch``."""

    def _handle(self, command: c.Command) -> list[e.Event] | e.Rejected:
        result = super()._handle(command)
        if not isinstance(result, e.Rejected):
            self.found += self.judge.judge(result, self.at)
        return result

    def advance(self, by: int) -> None:
        """Time alone may leave something undone as well, also when nothing comes of it."""
        super().advance(by)
        self.found += self.judge.left_undone(self.at)

    def explain_all(self) -> None:
        """Ask why of every contact, and judge the answers by what the judge knows itself."""
        for contact in list(self.state.contacts):
            said = explain_contact(self.state, contact, self.at)
            if said is not None:
                self.found += judge_explanation(self.judge.state, said, self.at)
                self.explained += 1

    def publish_another(self) -> None:
        version = self.state.catalog.version
        catalog = random_catalog(self.random, self.strategy, version + 1)
        self.submit(c.PublishCatalog(id="", catalog=catalog, replaces=version))

    def contact_comes(self) -> None:
        """With favourites more often than in the world's own traffic, and more of them."""
        contact, random = f"k{self.numbers}", self.random
        channel = random.choice(CHANNELS)
        self.submit(c.Arrive(id="", contact=contact, channel=channel, address="+100"))
        customer = random.choice(CUSTOMERS)
        self.submit(c.IdentifyCustomer(id="", contact=contact, customer=customer))
        self.submit(
            c.Enqueue(
                id="",
                contact=contact,
                queue=random.choice(QUEUES),
                steps=random.choice(((), (), random_steps(random))),
                boost=random.choice((0, 0, 25, -25)) * SECOND,
                preferred=tuple(random.sample(STAFF, random.choice((0, 0, 0, 1, 2, 3)))),
                preferred_for=random.choice((None, None, 0)),
            )
        )

    def live_through(self, moves: int) -> None:
        """A centre drawn at random, and what happens in it, at a pace of its own."""
        self.publish_another()
        pace = self.random.choice(PACES)
        for _ in range(moves):
            self._move(self.random.choices(MOVES, pace)[0], self.random.randrange(10_000))

    def _move(self, kind: str, pick: int) -> None:
        match kind:
            case "contact":
                self.contact_comes()
            case "agent":
                self.agent_ready(STAFF[pick % len(STAFF)])
            case "aim":
                self.aim(self.random.choices(list(AIMED), list(AIMED.values()))[0], pick)
            case "wind up":
                self.aim(self.random.choice(WIND_UP), pick)
            case "time":
                seconds = self.random.choice((0.000001, 1, 3, 9, 9, 30, 65))
                self.advance(round(seconds * SECOND))
        if pick % 200 == 0:
            self.publish_another()
        if pick % 20 == 0:
            self.tick()
            self.explain_all()


def lives(strategy: str) -> Iterator[JudgedWorld]:
    """Worlds one after the other; each fourth has the small world's own centre and traffic."""
    for seed in count():
        world = JudgedWorld(strategy, seed)
        if seed % 4 == 3:
            world.busy_stretch(Random(seed), MOVES_OF_A_LIFE)
        else:
            world.live_through(MOVES_OF_A_LIFE)
        yield world


def random_catalog(random: Random, strategy: str, version: int) -> Catalog:
    """Another centre with the same queues and agents; most queues go by ``strategy``."""
    half_day = 12 * 60 * MINUTE
    opens = START - half_day
    office = Hours(
        id="office", spans=((opens, START + random.choice((10, 600)) * MINUTE),), until=half_day
    )
    return Catalog(
        version=version,
        queues={name: random_queue(random, name, strategy) for name in QUEUES},
        profiles={name: random_profile(random, name) for name in PROFILES},
        agents={name: random_agent(random, name) for name in random.sample(STAFF, len(STAFF))},
        skills={"es": "Spanish", "tax": "Tax", "nobody": "Nobody"},
        hours={"office": office},
        credits=Credits(tiers={"gold": random.choice((0, 30, 90)) * SECOND}),
    )


def random_queue(random: Random, name: str, strategy: str) -> Queue:
    return Queue(
        id=name,
        label=name.title(),
        steps=random_steps(random),
        strategy=random.choice((strategy, strategy, random.choice(STRATEGY_NAMES))),
        service_within=random.choice((0, 5, 20, 60)) * SECOND,
        credit=random.choice((0, 0, 30)) * SECOND,
        offer_for=random.choice((5, 20)) * SECOND,
        auto_accept=random.random() < 0.1,
        missed_offer=random.choice(("ready", "not_ready")),
        reoffer_after=random.choice((0, 1, 30)) * SECOND,
        ring_all_limit=random.choice((1, 2, 3, 8)),
        wrap_up=random.choice((0, 10)) * SECOND,
        hours=random.choice(("", "office")),
        overflow=tuple(random_rule(random) for _ in range(random.choice((0, 1, 2)))),
        callback=CallbackOffer(attempts=3, retry_after=random.choice((20, 60)) * SECOND),
        preferred_for=random.choice((5, 30)) * SECOND,
    )


def random_rule(random: Random) -> OverflowRule:
    to = random.choice((ToQueue(queue=random.choice(QUEUES)), ToCallback(), ToMessage(text="no")))
    when = random.choice(("wait", "length", "estimated_wait", "unstaffed", "closed"))
    at = {"wait": 90 * SECOND, "length": 4, "estimated_wait": MINUTE, "unstaffed": 40 * SECOND}
    return OverflowRule(when=when, at=at.get(when, 0), to=to)


def random_profile(random: Random, name: str) -> Profile:
    terms = tuple(
        ProfileQueue(
            queue=queue, band=random.choice((1, 1, 2)), delay=random.choice((0, 0, 0, 15)) * SECOND
        )
        for queue in QUEUES
        if random.random() < 0.85
    )
    places = {"voice": (1, 1, 1, 2), "chat": (0, 1, 3), "email": (0, 2)}
    return Profile(
        id=name,
        label=name.title(),
        queues=terms,
        capacity={channel: random.choice(counts) for channel, counts in places.items()},
        alone=random.choice((("voice",), ("voice",), (), ("voice", "chat"))),
        interruptible=random.choice((("email",), ("email",), (), ("chat", "email"))),
        order=random.choice(("wait", "objective")),
    )


def random_agent(random: Random, name: str) -> AgentDefinition:
    skills = tuple((s, random.randint(1, 9)) for s in ("es", "tax") if random.random() < 0.7)
    traits = Traits(
        skills=skills,
        team=random.choice(("north", "south")),
        site=random.choice(("", "leeds")),
        attributes=random.choice(((), (("vip", "yes"),))),
    )
    return AgentDefinition(
        id=name,
        name=name.title(),
        profile=random.choice(PROFILES),
        traits=traits,
        weight=random.randint(1, 3),
        order=random.randint(0, 3),
    )


def random_steps(random: Random) -> tuple[Step, ...]:
    stages = [
        Step(condition=random_condition(random), lasts=random.choice((5, 20, 60)) * SECOND)
        for _ in range(random.choice((0, 1, 1, 2)))
    ]
    return (*stages, Step(condition=random.choice((AllOf(), random_condition(random)))))


def random_condition(random: Random, depth: int = 0) -> Condition:
    kinds = ("skill", "skill", "skill", "team", "site", "attribute", "anyone", "all", "any", "not")
    kind = random.choice(kinds[: 7 if depth == 2 else None])
    match kind:
        case "team":
            return TeamIs(team=random.choice(("north", "south")))
        case "site":
            return SiteIs(site="leeds")
        case "attribute":
            return AttributeIs(name="vip", value="yes")
        case "all" | "any":
            parts = tuple(random_condition(random, depth + 1) for _ in range(2))
            return AllOf(of=parts) if kind == "all" else AnyOf(of=parts)
        case "not":
            return Not(of=random_condition(random, depth + 1))
        case "anyone":
            return AllOf()
    return SkillAtLeast(skill=random.choice(("es", "tax")), level=random.randint(1, 7))
