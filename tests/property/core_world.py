"""A small centre, every command over it, and the rules that must hold after each one.

The rules are written against the events and the entities alone: nothing here asks the matcher
what it thinks.
"""

from __future__ import annotations

from collections import Counter
from random import Random

import msgspec
from hypothesis import strategies as st

from router.core import commands as c
from router.core import events as e
from router.core.catalog import (
    MINUTE,
    SECOND,
    AgentDefinition,
    Announcement,
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
    ValueCredit,
)
from router.core.explain import explain_contact, explain_offer, standing
from router.core.machine import RoutingCore
from router.core.model import (
    TERMINAL,
    AgentState,
    Contact,
    ContactState,
    CustomerRef,
    FlowVersions,
    OfferState,
    Passed,
    SlotState,
)
from router.core.requirements import (
    AllOf,
    AnyOf,
    AttributeIs,
    Not,
    SkillAtLeast,
    Step,
    TeamIs,
    Traits,
)
from router.core.state import REMEMBERED_COMMANDS, WAITING, State, held_back
from router.core.strategies import STRATEGIES

START = 1_700_000_000 * SECOND
CHANNELS = ("voice", "chat", "email")
CONTACTS = tuple(f"c{n}" for n in range(6))
AGENTS = ("ann", "ben", "chi", "dora")
QUEUES = ("billing", "support", "sales")
CUSTOMERS = (
    None,
    CustomerRef(id="1", name="Gold", tier="gold", value=500),
    CustomerRef(id="2", name="Plain", value=5_000),
)

CONDITIONS = (
    AllOf(),
    SkillAtLeast(skill="es", level=3),
    SkillAtLeast(skill="es", level=1),
    AllOf(of=(SkillAtLeast(skill="es"), TeamIs(team="north"))),
    AnyOf(of=(SkillAtLeast(skill="tax", level=5), AttributeIs(name="vip", value="yes"))),
    Not(of=TeamIs(team="north")),
    SkillAtLeast(skill="nobody", level=10),
)


def catalog_of(strategy: str, variant: int, version: int) -> Catalog:
    """Variants differ in steps, credits, skills and rules; queues, profiles and capacity stay."""
    relaxing = (Step(condition=CONDITIONS[1], lasts=20 * SECOND), Step(condition=CONDITIONS[2]))
    billing = Queue(
        id="billing",
        label="Billing",
        steps=relaxing if variant % 2 else (Step(condition=CONDITIONS[6], lasts=MINUTE), Step()),
        strategy=strategy,
        credit=variant * SECOND,
        overflow=(
            OverflowRule(when="length", at=2, to=ToQueue(queue="support")),
            OverflowRule(when="wait", at=2 * MINUTE, to=ToMessage(text="sorry")),
        ),
        callback=CallbackOffer(attempts=2, retry_after=MINUTE),
    )
    support = Queue(
        id="support",
        label="Support",
        strategy=strategy,
        offer_for=10 * SECOND,
        wrap_up=0 if variant == 2 else 15 * SECOND,
        wrap_up_limit=MINUTE,
        missed_offer="ready" if variant == 1 else "not_ready",
        overflow=(
            OverflowRule(when="unstaffed", at=30 * SECOND, to=ToQueue(queue="billing")),
            OverflowRule(when="estimated_wait", at=MINUTE, to=ToCallback()),
        ),
    )
    sales = Queue(
        id="sales",
        label="Sales",
        strategy="ring_all" if variant == 3 else strategy,
        hours="office",
        auto_accept=variant == 1,
        wrap_up=20 * SECOND,
        overflow=(OverflowRule(when="closed", to=ToMessage(text="closed")),),
    )
    capacity = {"voice": 1, "chat": 2, "email": 3}
    profiles = (
        Profile(
            id="all",
            label="All",
            queues=(
                ProfileQueue(queue="billing", band=1),
                ProfileQueue(queue="support", band=2, delay=5 * SECOND),
                ProfileQueue(queue="sales", band=1),
            ),
            capacity=capacity,
        ),
        Profile(
            id="some",
            label="Some",
            queues=(ProfileQueue(queue="support"), ProfileQueue(queue="sales", delay=SECOND)),
            capacity=capacity,
            order="objective",
        ),
    )
    agents = (
        _agent("ann", "all", {"es": 5, "tax": 7}, "north"),
        _agent("ben", "all", {"es": 1 + variant}, "south"),
        _agent("chi", "some", {"tax": 5}, "north"),
        _agent("dora", "some", {}, "south", vip="yes"),
    )
    day = 24 * 3600 * SECOND
    office = Hours(id="office", spans=((START - day, START + 10 * MINUTE),), until=START + day)
    return Catalog(
        version=version,
        queues={queue.id: queue for queue in (billing, support, sales)},
        profiles={profile.id: profile for profile in profiles},
        agents={agent.id: agent for agent in agents},
        skills={"es": "Spanish", "tax": "Tax", "nobody": "Nobody"},
        hours={"office": office},
        credits=Credits(
            tiers={"gold": 90 * SECOND},
            values=(ValueCredit(at_least=1_000, credit=30 * SECOND),),
        ),
    )


def _agent(
    agent: str, profile: str, skills: dict[str, int], team: str, **attributes: str
) -> AgentDefinition:
    traits = Traits(
        skills=tuple(sorted(skills.items())),
        team=team,
        attributes=tuple(sorted(attributes.items())),
    )
    return AgentDefinition(
        id=agent, name=agent.title(), profile=profile, traits=traits, weight=len(agent)
    )


# -- every command ----------------------------------------------------------------------------

_contact = st.sampled_from(CONTACTS)
_agent_id = st.sampled_from(AGENTS)
_queue = st.sampled_from(QUEUES)
_steps = st.lists(
    st.builds(
        Step,
        condition=st.sampled_from(CONDITIONS),
        lasts=st.sampled_from([None, 5 * SECOND, MINUTE]),
    ),
    max_size=3,
).map(tuple)
_offer = st.builds(lambda contact, n: f"{contact}.{n}", _contact, st.integers(1, 3))
_boost = st.sampled_from([0, 60 * SECOND, -30 * SECOND])
_preferred = st.lists(_agent_id, max_size=2).map(tuple)


def _build(kind: type[c.CommandBase], **fields: st.SearchStrategy) -> st.SearchStrategy:
    return st.builds(kind, id=st.just(""), **fields)


BLIND = st.one_of(
    _build(
        c.Arrive,
        contact=_contact,
        channel=st.sampled_from(CHANNELS),
        address=st.just("+100"),
        preferred=_preferred,
        preferred_for=st.sampled_from([None, 0, 20 * SECOND]),
    ),
    _build(
        c.Enqueue,
        contact=_contact,
        queue=_queue,
        steps=_steps,
        preferred=_preferred,
        preferred_for=st.sampled_from([None, 0, 15 * SECOND]),
        boost=_boost,
    ),
    _build(c.SignIn, agent=_agent_id),
    _build(c.SetReady, agent=_agent_id),
    _build(c.Accept, offer=_offer),
    _build(c.EndContact, contact=_contact, ended_by=st.sampled_from(["customer", "agent"])),
    _build(c.EnterFlow, contact=_contact, flow=st.just("main")),
    _build(c.IdentifyCustomer, contact=_contact, customer=st.sampled_from(CUSTOMERS)),
    _build(
        c.EditContact,
        contact=_contact,
        steps=st.none() | _steps,
        preferred=st.none() | _preferred,
        attributes=st.none() | st.just({"topic": "x"}),
    ),
    _build(
        c.PostMessage,
        contact=_contact,
        message=st.just("m"),
        author=st.sampled_from(["customer", "agent"]),
        text=st.sampled_from(["hello", " "]),
    ),
    _build(c.Abandon, contact=_contact),
    _build(c.PromiseCallback, contact=_contact, address=st.sampled_from(["+1", ""])),
    _build(c.FailCallback, contact=_contact),
    _build(c.Reject, offer=_offer, reason=st.just("no")),
    _build(c.FailConnection, contact=_contact),
    _build(c.Hold, contact=_contact),
    _build(c.Retrieve, contact=_contact),
    _build(c.Requeue, contact=_contact),
    _build(c.TransferToQueue, contact=_contact, queue=_queue, keep_wait=st.booleans()),
    _build(c.TransferToAgent, contact=_contact, agent=_agent_id),
    _build(c.TransferOut, contact=_contact, address=st.just("+2")),
    _build(
        c.Consult,
        contact=_contact,
        consult=_contact.map(lambda contact: contact + "-c"),
        queue=st.just("") | _queue,
        agent=st.just("") | _agent_id,
    ),
    _build(c.Accept, offer=_offer.map(lambda offer: offer.replace(".", "-c."))),
    _build(c.CompleteTransfer, contact=_contact),
    _build(c.Conference, contact=_contact),
    _build(c.CancelConsult, contact=_contact),
    _build(c.LeaveConference, contact=_contact, agent=_agent_id),
    _build(c.ExtendWrapUp, contact=_contact, agent=_agent_id, extend_by=st.just(20 * SECOND)),
    _build(c.FinishWrapUp, contact=_contact, agent=_agent_id, disposition=st.just("done")),
    _build(c.SignOut, agent=_agent_id),
    _build(c.SetNotReady, agent=_agent_id, reason=st.sampled_from(["break", "lunch"])),
    _build(c.LoseAgent, agent=_agent_id),
    _build(
        c.SetReachable,
        agent=_agent_id,
        channel=st.sampled_from([*CHANNELS, "fax", "No Channel"]),
        reachable=st.booleans(),
        reason=st.sampled_from(["", "phone not registered", "busy with a private call"]),
    ),
    _build(
        c.LendSkills,
        agent=_agent_id,
        skills=st.dictionaries(st.sampled_from(["es", "tax", "nobody"]), st.integers(0, 10)),
        until=st.sampled_from([0, START + MINUTE, START + 5 * MINUTE]),
    ),
    _build(
        c.ForceState,
        agent=_agent_id,
        state=st.sampled_from(["ready", "not_ready", "signed_out"]),
    ),
    _build(c.Reassign, contact=_contact, agent=_agent_id),
    _build(c.Pull, contact=_contact, agent=_agent_id),
    _build(c.Reprioritise, contact=_contact, boost=_boost),
    _build(c.Monitor, contact=_contact, mode=st.sampled_from(("listen", "whisper", "barge"))),
)

PAUSES = st.sampled_from([0, 1, SECOND, 7 * SECOND, 31 * SECOND, 2 * MINUTE, 11 * MINUTE])

# -- commands aimed at what is there, so that histories get deep ---------------------------------

AIMED = {
    "accept": 8,
    "reject": 2,
    "end": 4,
    "finish": 3,
    "extend": 1,
    "hold": 2,
    "retrieve": 2,
    "consult": 5,
    "complete": 2,
    "conference": 6,
    "leave": 6,
    "cancel": 1,
    "to_queue": 2,
    "to_agent": 2,
    "out": 1,
    "requeue": 2,
    "fail_connection": 1,
    "promise": 2,
    "fail_callback": 5,
    "abandon": 1,
    "post": 1,
    "edit": 1,
    "not_ready": 1,
    "sign_out": 1,
    "lose": 1,
    "out_of_reach": 1,
    "phone_lost": 1,
    "phone_back": 2,
    "lend": 1,
    "force": 1,
    "pull": 2,
    "reassign": 2,
    "reprioritise": 1,
    "monitor": 1,
    "flow": 5,
    "publish_flow": 1,
    "point": 1,
    "demands": 1,
    "move": 1,
}
AIMS = st.sampled_from([aim for aim, weight in AIMED.items() for _ in range(weight)])


FLOW_ENDS = (
    None,
    c.IntoQueue(queue=QUEUES[0], boost=5 * SECOND, attributes={"topic": "x"}),
    None,
    c.IntoQueue(queue=QUEUES[1], call_back="+100"),
    c.IntoQueue(
        queue=QUEUES[1],
        announcements=(Announcement(text="Nearly there.", every=9 * SECOND),),
        offer_callback=True,
    ),
    c.IntoQueue(queue=QUEUES[0], announcements=(), offer_callback=False),
    c.IntoVoicemail(box="box"),
    c.OutTo(address="+2"),
    c.SaidGoodbye(text="Goodbye."),
)


def _next_turn(state: State, contact: str, pick: int) -> c.AdvanceFlow:
    turn = state.contacts[contact].flow_turn + 1 if contact else 1
    return c.AdvanceFlow(
        id="",
        contact=contact,
        turn=turn,
        node=f"main/1/n{pick % 5}",
        session=b"s" * (pick % 3),
        passed=(Passed(node=f"main/1/n{pick % 4}", exit="1"),),
        leads_to=FLOW_ENDS[pick % len(FLOW_ENDS)],
    )


def aimed(state: State, aim: str, pick: int) -> c.Command | None:  # a table
    """A command of kind ``aim`` on something it may well apply to; None when there is nothing."""

    def one(found: list[str]) -> str:
        return found[pick % len(found)] if found else ""

    live = list(state.contacts.values())
    pending = [o.id for o in state.offers.values() if o.state is OfferState.PENDING]
    talking = [x.id for x in live if x.agent and not x.parent]
    in_flow = [x.id for x in live if x.state is ContactState.IN_FLOW]
    flow = state.flows.get("main", FlowVersions())
    held = [x.id for x in live if x.state is ContactState.HELD]
    asked = [x.id for x in live if x.consult and state.contacts[x.consult].agent]
    waiting = [x.id for x in live if x.state in WAITING]
    joint = [x.id for x in live if x.participants]
    called_back = [x.id for x in live if x.callback and x.agent]
    wrapping = [(x.id, agent) for x in live for agent in x.wrapping]
    deaf = [(x.id, channel) for x in state.agents.values() for channel in x.unreachable]
    agent, queue = AGENTS[pick % len(AGENTS)], QUEUES[pick % len(QUEUES)]
    anyone = one([x.id for x in live])
    back = deaf[pick % len(deaf)] if deaf else ("", "")
    talk, wrap = one(talking), wrapping[pick % len(wrapping)] if wrapping else ("", "")
    made: dict[str, tuple[str, c.Command]] = {
        "accept": (one(pending), c.Accept(id="", offer=one(pending))),
        "reject": (one(pending), c.Reject(id="", offer=one(pending), reason="no")),
        "end": (talk, c.EndContact(id="", contact=talk)),
        "finish": (wrap[0], c.FinishWrapUp(id="", contact=wrap[0], agent=wrap[1])),
        "extend": (wrap[0], c.ExtendWrapUp(id="", contact=wrap[0], agent=wrap[1], extend_by=9)),
        "hold": (talk, c.Hold(id="", contact=talk)),
        "retrieve": (one(held), c.Retrieve(id="", contact=one(held))),
        "consult": (
            talk,
            c.Consult(id="", contact=talk, consult=f"{talk}-{state.position}", queue=queue)
            if pick % 3 == 0
            else c.Consult(id="", contact=talk, consult=f"{talk}-{state.position}", agent=agent),
        ),
        "complete": (one(asked), c.CompleteTransfer(id="", contact=one(asked))),
        "conference": (one(asked), c.Conference(id="", contact=one(asked))),
        "leave": (
            one(joint),
            c.LeaveConference(
                id="",
                contact=one(joint),
                agent=next(
                    (one([x.agent, *x.participants]) for x in live if x.id == one(joint)),
                    "",
                ),
            ),
        ),
        "cancel": (talk, c.CancelConsult(id="", contact=talk)),
        "to_queue": (talk, c.TransferToQueue(id="", contact=talk, queue=queue)),
        "to_agent": (talk, c.TransferToAgent(id="", contact=talk, agent=agent)),
        "out": (talk, c.TransferOut(id="", contact=talk, address="+2")),
        "requeue": (talk, c.Requeue(id="", contact=talk)),
        "fail_connection": (talk, c.FailConnection(id="", contact=talk)),
        "promise": (one(waiting), c.PromiseCallback(id="", contact=one(waiting), address="+1")),
        "fail_callback": (one(called_back), c.FailCallback(id="", contact=one(called_back))),
        "abandon": (one(waiting), c.Abandon(id="", contact=one(waiting))),
        "post": (
            talk,
            c.PostMessage(id="", contact=talk, message="m", author="agent", text="hello"),
        ),
        "edit": (talk, c.EditContact(id="", contact=talk, attributes={"topic": "x"})),
        "not_ready": (agent, c.SetNotReady(id="", agent=agent, reason="break")),
        "sign_out": (agent, c.SignOut(id="", agent=agent)),
        "lose": (agent, c.LoseAgent(id="", agent=agent)),
        "out_of_reach": (agent, _out_of_reach(agent, CHANNELS[pick // 4 % 3], pick)),
        "phone_lost": (one(pending), _phone_lost(state, one(pending), pick)),
        "phone_back": (
            back[0],
            c.SetReachable(id="", agent=back[0], channel=back[1], reachable=True),
        ),
        "lend": (
            agent,
            c.LendSkills(
                id="",
                agent=agent,
                skills={"es": pick % 11, "tax": pick // 11 % 11},
                until=state.at + MINUTE if pick % 2 else 0,
            ),
        ),
        "force": (
            agent,
            c.ForceState(
                id="", agent=agent, state=("ready", "not_ready", "signed_out")[pick // 4 % 3]
            ),
        ),
        "pull": (one(waiting), c.Pull(id="", contact=one(waiting), agent=agent)),
        "reassign": (anyone, c.Reassign(id="", contact=anyone, agent=agent)),
        "reprioritise": (
            one(waiting),
            c.Reprioritise(id="", contact=one(waiting), boost=(pick % 200 - 100) * SECOND),
        ),
        "monitor": (one(talking), c.Monitor(id="", contact=one(talking), mode="listen")),
        "flow": (one(in_flow), _next_turn(state, one(in_flow), pick)),
        "publish_flow": (
            "main",
            c.PublishFlow(id="", flow="main", source="{}", replaces=flow.newest),
        ),
        "point": (
            "main",
            c.PointAlias(
                id="",
                flow="main",
                alias="live",
                version=pick % 3 + 1,
                replaces=flow.aliases.get("live", 0),
            ),
        ),
        "demands": (
            one(waiting),
            c.EditContact(
                id="",
                contact=one(waiting),
                steps=(Step(condition=CONDITIONS[pick % len(CONDITIONS)], lasts=SECOND), Step()),
                preferred=(agent,) if pick % 2 else None,
            ),
        ),
        "move": (anyone, c.TransferToQueue(id="", contact=anyone, queue=queue)),
    }
    target, command = made[aim]
    return command if target else None


def _out_of_reach(agent: str, channel: str, pick: int) -> c.SetReachable:
    reason = ("phone not registered", "busy with a private call")[pick % 2]
    return c.SetReachable(id="", agent=agent, channel=channel, reachable=False, reason=reason)


def _phone_lost(state: State, offer: str, pick: int) -> c.SetReachable:
    """While it rings."""
    if not offer:
        return _out_of_reach("", "", pick)
    rings = state.offers[offer]
    return _out_of_reach(rings.agent, state.contacts[rings.contact].channel, pick)


class World:
    """The core with its caller's duties, the log it wrote, and the rules checked against it."""

    def __init__(self, strategy: str) -> None:
        self.strategy = strategy
        self.at = START
        self.core = RoutingCore(State(), seed=7)
        self.log: list[e.Entry] = []
        self.numbers = 0
        self.last_sequence: dict[str, int] = {}
        self.terminals: Counter[str] = Counter()
        self.arrivals: Counter[str] = Counter()
        self.seen: Counter[type[e.EventBase]] = Counter()
        self.handled: Counter[str] = Counter()
        self.offered: Counter[str] = Counter()
        self.own: dict[str, tuple[object, bool | None]] = {}  # what flows gave who waits
        self.leads_to: c.FlowEnd | None = None  # of the turn under way
        self.submit(c.PublishCatalog(id="", catalog=catalog_of(strategy, 0, 1), replaces=0))

    @property
    def state(self) -> State:
        return self.core.state

    def submit(self, command: c.Command) -> list[e.Event] | e.Rejected:
        self.tick()
        self.numbers += 1
        numbered = msgspec.structs.replace(command, id=f"n{self.numbers}")
        offered = self._is_offered_a_callback(command)
        result = self._handle(numbered)
        if isinstance(command, c.PromiseCallback):
            assert offered or isinstance(result, e.Rejected), "promised what was not offered"
            if offered and isinstance(result, e.Rejected):
                assert result.code != "no_callback", "offered what is not promised"
        self._repeat(numbered, result)
        return result

    def _repeat(self, command: c.Command, result: list[e.Event] | e.Rejected) -> None:
        """I: the same command id twice has one effect."""
        if isinstance(result, list) and result:
            before = self.state.position
            if (due := self.core.next_deadline()) is None or due > self.at:
                assert self.core.handle(command, self.at) == []
                assert self.state.position == before

    def _is_offered_a_callback(self, command: c.Command) -> bool:
        """By what its flow said when it came into its queue, else by the queue."""
        if not isinstance(command, c.PromiseCallback):
            return False
        contact = self.state.contacts.get(command.contact)
        if contact is None or not contact.queue:
            return False
        _, offered = self.own.get(contact.id, (None, None))
        queue = self.state.catalog.queues[contact.queue]
        return queue.callback is not None if offered is None else offered

    def aim(self, aim: str, pick: int) -> None:
        command = aimed(self.state, aim, pick)
        if command is not None:
            self.submit(command)

    def new_contact(self, pick: int) -> None:
        """A contact arrives and is queued, with or without a customer, demands and favourites."""
        contact = f"n{self.numbers}"
        channel = CHANNELS[pick % 3]
        present = channel != "email"
        self.submit(
            c.Arrive(id="", contact=contact, channel=channel, address="+100", present=present)
        )
        if pick % 2:
            self.submit(c.EnterFlow(id="", contact=contact, flow="main"))
        if pick % 6 == 1:
            return  # stays in its flow, see the aim "flow"
        self.submit(c.IdentifyCustomer(id="", contact=contact, customer=CUSTOMERS[pick // 3 % 3]))
        steps = (Step(condition=CONDITIONS[pick % len(CONDITIONS)], lasts=9 * SECOND), Step())
        self.submit(
            c.Enqueue(
                id="",
                contact=contact,
                queue=QUEUES[pick // 9 % 3],
                steps=steps if pick % 4 == 0 else (),
                preferred=(AGENTS[pick % 4],) if pick % 5 == 0 else (),
            )
        )

    def agent_ready(self, agent: str) -> None:
        self.submit(c.SignIn(id="", agent=agent))
        self.submit(c.SetReady(id="", agent=agent))

    def busy_stretch(self, random: Random, moves: int = 40) -> None:
        """Ordinary traffic, which draws from nothing rarely build up step by step."""
        for _ in range(moves):
            pick = random.randrange(10_000)
            match random.choices(("contact", "agent", "aim", "time"), (4, 3, 16, 5))[0]:
                case "contact":
                    self.new_contact(pick)
                case "agent":
                    self.agent_ready(AGENTS[pick % len(AGENTS)])
                case "aim":
                    self.aim(random.choices(list(AIMED), list(AIMED.values()))[0], pick)
                case "time":
                    self.advance(random.choice((1, SECOND, 3 * SECOND, 9 * SECOND, 65 * SECOND)))
            self.check()

    def publish(self, variant: int) -> None:
        version = self.state.catalog.version
        catalog = catalog_of(self.strategy, variant, version + 1)
        self.submit(c.PublishCatalog(id="", catalog=catalog, replaces=version))

    def advance(self, by: int) -> None:
        self.at += by
        self.tick()

    def tick(self) -> None:
        rounds = 0
        while (due := self.core.next_deadline()) is not None and due <= self.at:
            self._handle(c.Tick(id=""))
            rounds += 1
            assert rounds < 100, "the core asks to be woken for ever (L)"

    def _handle(self, command: c.Command) -> list[e.Event] | e.Rejected:
        position = self.state.position
        self.leads_to = command.leads_to if isinstance(command, c.AdvanceFlow) else None
        result = self.core.handle(command, self.at)
        if isinstance(result, e.Rejected):
            assert self.state.position == position, "a refused command changed something"
            assert result.reason.endswith(".")
            assert result.code
            return result
        if result:
            entry = e.Entry(
                position=position + 1,
                at=self.at,
                cause=command.id,
                by="",
                events=tuple(result),
            )
            self.log.append(entry)
            for event in result:
                self._note(event)
        return result

    def _note(self, event: e.Event) -> None:
        self.seen[type(event)] += 1
        if isinstance(event, e.ContactArrived):
            assert self.arrivals[event.contact] == self.terminals[event.contact]
            self.arrivals[event.contact] += 1
            self.last_sequence[event.contact] = 0
        if isinstance(event, e.ContactEvent):
            assert event.sequence == self.last_sequence[event.contact] + 1, "M: a gap"
            self.last_sequence[event.contact] = event.sequence
        if isinstance(event, e.Terminal):
            self.terminals[event.contact] += 1
        if isinstance(event, e.ContactArrived | e.Enqueued):
            self.own.pop(event.contact, None)
        if isinstance(event, e.Enqueued) and self.leads_to is not None:
            end, self.leads_to = self.leads_to, None
            if isinstance(end, c.IntoQueue):
                self.own[event.contact] = (end.announcements, end.offer_callback)
        if isinstance(event, e.OfferAccepted):
            assert event.waited >= event.waited_in_queue >= 0, "M: a negative duration"
            self.handled[event.agent] += 1
        if isinstance(event, e.Offered):
            self.offered[event.agent] += 1
        if isinstance(event, e.AgentSignedIn):
            self.handled[event.agent] = self.offered[event.agent] = 0

    # -- the rules ---------------------------------------------------------------------------

    def check(self) -> None:
        self.check_conservation()
        self.check_exclusive()
        self.check_consultations()
        self.check_capacity()
        self.check_interruptions()
        self.check_liveness()
        self.check_counters()
        self.check_bounds()
        self.check_own_words()
        self.check_nobody_waits_in_vain()
        self.check_nobody_is_idle_beside_ringing()

    def check_conservation(self) -> None:
        """C: every contact is in exactly one state and gets exactly one terminal event."""
        for contact, arrived in self.arrivals.items():
            live = self.state.contacts.get(contact)
            open_now = live is not None and live.state not in TERMINAL
            assert arrived - self.terminals[contact] == (1 if open_now else 0), contact
            if live is not None and live.state in TERMINAL:
                assert live.wrapping, "a finished contact stays only while it is written up"

    def check_exclusive(self) -> None:
        """X: one holder at most, and the agents on a contact are those whose slots say so."""
        on: dict[str, set[str]] = {}
        for agent in self.state.agents.values():
            for contact_id, slot in agent.slots.items():
                contact = self.state.contacts[contact_id]
                match slot.state:
                    case SlotState.RESERVED:
                        assert contact.offers[agent.id] == slot.offer
                    case SlotState.WRAPPING:
                        assert agent.id in contact.wrapping
                    case SlotState.ACTIVE | SlotState.HELD:
                        on.setdefault(contact_id, set()).add(agent.id)
        for contact in self.state.contacts.values():
            present = {contact.agent, *contact.participants} - {""}
            assert on.get(contact.id, set()) == present
            assert contact.agent or not contact.participants
            if contact.state in {ContactState.CONNECTED, ContactState.HELD}:
                assert contact.agent
            elif contact.state in WAITING:
                assert not present
                assert not contact.offers

    def check_consultations(self) -> None:
        """A consultation and the contact it is about know each other, and end together."""
        for contact in self.state.contacts.values():
            if contact.consult:
                assert self.state.contacts[contact.consult].parent == contact.id
            if contact.parent:
                assert self.state.contacts[contact.parent].consult == contact.id

    def check_capacity(self) -> None:
        """K: nobody has more in hand than their profile allows, or is rung out of reach."""
        for agent in self.state.agents.values():
            profile = self.state.catalog.profiles[agent.definition.profile]
            used = Counter(slot.channel for slot in agent.slots.values())
            for channel, count in used.items():
                assert count <= profile.capacity[channel], (agent.id, used)
            if used["voice"]:
                assert not used["chat"], "voice is handled alone, e-mail apart"
            for slot in agent.slots.values():
                rings = slot.state is SlotState.RESERVED
                assert not rings or slot.channel not in agent.unreachable, agent.id

    def check_interruptions(self) -> None:
        """What a call interrupted waits while the call is in hand, and not a moment longer."""
        for agent in self.state.agents.values():
            calls = {
                slot.contact
                for slot in agent.slots.values()
                if slot.channel == "voice" and slot.state is not SlotState.RESERVED
            }
            for slot in agent.slots.values():
                assert slot.away >= 0
                if slot.interrupted_by:
                    contact = self.state.contacts[slot.contact]
                    assert slot.state is SlotState.HELD
                    assert contact.state is ContactState.HELD
                    assert not contact.present, "a chat goes on"
                    assert calls, "the call is over, the mail still waits"

    def check_liveness(self) -> None:
        """L: nothing outlives its deadline."""
        due = self.core.next_deadline()
        if due is not None and due <= self.at:
            return  # the caller ticks before the next command
        for offer in self.state.offers.values():
            assert offer.state is not OfferState.PENDING or offer.expires_at > self.at
        for agent in self.state.agents.values():
            for slot in agent.slots.values():
                assert slot.state is not SlotState.WRAPPING or slot.wrap_until > self.at
            assert agent.next_state is None or agent.slots, "a requested state that never comes"
            assert not 0 < agent.traits_until <= self.at
        for contact in self.state.contacts.values():
            if contact.state in WAITING:
                assert not 0 < contact.step_until <= self.at
                assert not 0 < contact.preferred_until <= self.at

    def check_counters(self) -> None:
        """R: every counter equals a count of the log."""
        for agent in self.state.agents.values():
            if agent.state is not AgentState.SIGNED_OUT:
                assert agent.handled == self.handled[agent.id]
                assert agent.offered == self.offered[agent.id]
        for queue in QUEUES:
            assert self.state.index.length(queue) == sum(
                1 for contact in self.state.waiting(queue) if not held_back(contact)
            )

    def check_bounds(self) -> None:
        """B: what is remembered is bounded by what is alive."""
        assert len(self.state.commands) <= REMEMBERED_COMMANDS
        offers = sum(contact.offer_count for contact in self.state.contacts.values())
        assert len(self.state.offers) == offers

    def check_own_words(self) -> None:
        """What a flow gave a contact to hear holds for that stay in that queue, and no other."""
        for contact in self.state.contacts.values():
            given = self.own.get(contact.id, (None, None))
            assert (contact.announcements, contact.offer_callback) == given, contact.id

    def check_nobody_waits_in_vain(self) -> None:
        """A contact waits only while no agent is free for it: asked agent by agent."""
        ready = [one for one in self.state.agents.values() if one.state is AgentState.READY]
        for contact in self.state.contacts.values():
            if not ready or contact.state not in WAITING or held_back(contact):
                continue
            for agent in ready:
                code = standing(self.state, agent, contact, self.at).code
                assert code != "free", (contact.id, agent.id)

    def check_nobody_is_idle_beside_ringing(self) -> None:
        """Who is free while a contact rings at several rings along, up to the queue's limit."""
        for contact in self.state.contacts.values():
            if not self._rings_together(contact):
                continue
            for agent in self.state.agents.values():
                if agent.state is not AgentState.SIGNED_OUT:
                    code = standing(self.state, agent, contact, self.at).code
                    assert code != "free" or agent.id in contact.offers, (contact.id, agent.id)

    def _rings_together(self, contact: Contact) -> bool:
        if contact.state is not ContactState.OFFERED or contact.preferred_until:
            return False
        queue = self.state.catalog.queues[contact.queue]
        offers = [self.state.offers[offer] for offer in contact.offers.values()]
        return (
            queue.strategy == "ring_all"
            and len(offers) < queue.ring_all_limit
            and not any(offer.why.reason in {"preferred", "named"} for offer in offers)
            and not any(self._may_hold(rule, contact) for rule in queue.overflow)
        )

    def _may_hold(self, rule: OverflowRule, contact: Contact) -> bool:
        match rule.when:
            case "wait":
                return self.at - contact.queued_at >= rule.at
            case "unstaffed":
                return contact.unstaffed_since > 0
            case "closed":
                return self.at >= START + 10 * MINUTE
            case _:
                return False

    def check_explanations(self) -> None:
        """Every live contact and offer can be explained at any time."""
        for contact in self.state.contacts.values():
            found = explain_contact(self.state, contact.id, self.at)
            assert (found is None) == (not contact.queue)
            if found is not None and contact.state in WAITING and not held_back(contact):
                assert not found.free
        for offer in self.state.offers:
            assert explain_offer(self.state, offer) is not None

    def check_fold(self) -> None:
        """fold(journal) == live state, and a snapshot restores it."""
        folded = State()
        for entry in self.log:
            folded.apply_entry(entry)
        live = self.state.snapshot()
        assert folded.snapshot() == live
        assert State.restore(live).snapshot() == live


STRATEGY_NAMES = tuple(STRATEGIES)
