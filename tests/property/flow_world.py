"""Random flows, callers who do anything, and a world to walk them in."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.core.conditions import (
    AllOf,
    AnyOf,
    AttributeAtLeast,
    AttributeKnown,
    AttributeSays,
    ChannelIs,
    CustomerKnown,
    HoursOpen,
    LanguageIs,
    Not,
    QueueLengthAtLeast,
    QueueStaffed,
    QueueWaitAtLeast,
    Says,
    TierIs,
    TimeIs,
    ValueAtLeast,
)
from ivr.core.facts import Customer, LocalTime, Opening, QueueState
from ivr.core.interpreter import advance, begin, resume
from ivr.core.nodes import (
    Again,
    Announcement,
    Branch,
    Case,
    CheckHours,
    Collect,
    Flow,
    HangUp,
    Identify,
    LookUp,
    Menu,
    Node,
    OfferCallback,
    Return,
    Say,
    SetValues,
    Split,
    Stage,
    SubFlow,
    ToQueue,
    TransferOut,
    Voicemail,
    exits_of,
)
from ivr.core.session import (
    Answered,
    AskChoice,
    AskSystem,
    AskText,
    Event,
    FindCustomer,
    HungUp,
    Identified,
    LookedUp,
    Play,
    Played,
    TimedOut,
    Turn,
)
from ivr.core.values import Position, Spoken
from router.core import requirements as r
from router.core.durations import MINUTE, SECOND
from router.core.requirements import AttributeIs

LANGUAGES = ("en", "zh")
QUEUES = ("support", "sales")
KEYS = "0123456789*#"


class World:
    """Facts that tests may change, and a shelf of flows (all of them version 1, ``live``)."""

    def __init__(self, *flows: Flow) -> None:
        self.flows = {one.id: one for one in flows}
        self.openings: dict[str, Opening] = {"office": "open"}
        self.queues = {one: QueueState() for one in QUEUES}
        self.time = LocalTime()
        self.callable = True
        self.written: tuple[str, ...] = ()

    def hours(self, hours: str) -> Opening | None:
        return self.openings.get(hours)

    def queue(self, queue: str) -> QueueState | None:
        return self.queues.get(queue)

    def clock(self) -> LocalTime:
        return self.time

    def said(self) -> tuple[str, ...]:
        return self.written

    def may_call(self, number: str) -> bool:
        return self.callable and number.removeprefix("+").isdigit()

    def flow(self, flow: str, version: int) -> Flow | None:
        return self.flows.get(flow) if version == 1 else None

    def version(self, flow: str, alias: str) -> int | None:
        return 1 if flow in self.flows and alias == "live" else None


def start(world: World, flow: str = "main", **more: Any) -> Turn:
    given = {"contact": "k1", "channel": "voice", "address": "+15550100", "at": 0, **more}
    return begin(flow, 1, facts=world, **given)


def natural(turn: Turn) -> Event | None:
    """What a customer who says nothing, and systems that do not answer, amount to."""
    number = turn.session.turn
    match turn.does[-1] if turn.does else None:
        case None:
            return None
        case Play():
            return Played(turn=number)
        case AskChoice() | AskText() | FindCustomer() | AskSystem():
            return TimedOut(turn=number)


# -- texts, conditions ------------------------------------------------------------------------

names = st.sampled_from(["account", "product", "pin", "zone"])
words = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp", "Cn", "Co")),
    min_size=1,
    max_size=12,
).filter(lambda text: text.strip() != "" and not text.startswith("file:"))
texts = st.one_of(words, st.sampled_from(["Hello {customer.name}", "{account}", "{{x}} {pin}"]))
spoken = st.builds(
    Spoken, text=texts, audio=st.one_of(st.none(), st.sampled_from(["hello", "bye_2.wav"]))
)
durations = st.integers(min_value=1, max_value=600).map(lambda n: n * SECOND)


def prompts(*, whole: bool) -> st.SearchStrategy[dict[str, Spoken]]:
    if whole:
        return st.fixed_dictionaries(dict.fromkeys(LANGUAGES, spoken))
    return st.dictionaries(st.sampled_from([*LANGUAGES, "pt-BR"]), spoken, max_size=2)


labels = st.dictionaries(st.sampled_from(LANGUAGES), words, max_size=2)
phrases = st.sampled_from(["refund", "money back", "退款", "Ünal", "12"])
leaves = st.one_of(
    st.builds(AttributeIs, name=names, value=words),
    st.builds(AttributeAtLeast, name=names, at_least=st.integers(-99, 99)),
    st.builds(AttributeKnown, name=names),
    st.builds(TierIs, tier=st.sampled_from(["gold", "basic"])),
    st.builds(ValueAtLeast, at_least=st.integers(0, 9_999)),
    st.builds(CustomerKnown, known=st.booleans()),
    st.builds(LanguageIs, language=st.sampled_from(LANGUAGES)),
    st.builds(ChannelIs, channel=st.sampled_from(["voice", "chat"])),
    st.builds(HoursOpen, hours=st.just("office")),
    st.builds(QueueStaffed, queue=st.sampled_from(QUEUES)),
    st.builds(QueueLengthAtLeast, queue=st.sampled_from(QUEUES), at_least=st.integers(0, 50)),
    st.builds(QueueWaitAtLeast, queue=st.sampled_from(QUEUES), at_least=durations),
    st.builds(
        TimeIs,
        begins=st.integers(0, 24 * 60 - 1),
        ends=st.integers(0, 24 * 60),
        days=st.lists(st.integers(1, 7), unique=True, max_size=7).map(tuple),
    ).filter(lambda test: test.begins != test.ends),
    st.builds(
        Says,
        phrases=st.lists(phrases, min_size=1, max_size=3).map(tuple),
        where=st.sampled_from(["anywhere", "subject", "text", "sender"]),
    ),
    st.builds(
        AttributeSays, name=names, phrases=st.lists(phrases, min_size=1, max_size=3).map(tuple)
    ),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(AllOf, of=st.lists(inner, max_size=3).map(tuple)),
        st.builds(AnyOf, of=st.lists(inner, max_size=3).map(tuple)),
        st.builds(Not, of=inner),
    ),
    max_leaves=8,
)
demands = st.recursive(
    st.one_of(
        st.builds(
            r.SkillAtLeast, skill=st.sampled_from(["english", "chinese"]), level=st.integers(1, 10)
        ),
        st.builds(r.TeamIs, team=st.just("north")),
        st.builds(r.SiteIs, site=st.just("a")),
        st.builds(AttributeIs, name=st.just("desk"), value=st.just("9")),
    ),
    lambda inner: st.one_of(
        st.builds(r.AllOf, of=st.lists(inner, max_size=3).map(tuple)),
        st.builds(r.AnyOf, of=st.lists(inner, max_size=3).map(tuple)),
        st.builds(r.Not, of=inner),
    ),
    max_leaves=5,
)


@st.composite
def stages(draw: st.DrawFn) -> tuple[Stage, ...]:
    asked = draw(st.lists(st.one_of(st.none(), demands), max_size=3))
    return tuple(
        Stage(ask=one, lasts=draw(durations) if number < len(asked) - 1 else None)
        for number, one in enumerate(asked)
    )


# -- nodes and flows --------------------------------------------------------------------------

ENDS = ("queue", "voicemail", "transfer", "hang_up")
KINDS = (
    "say",
    "menu",
    "collect",
    "hours",
    "branch",
    "identify",
    "look_up",
    "set",
    "split",
    "callback",
    "flow",
    *ENDS,
)
ASKING = ("menu", "collect", "callback")


@st.composite
def bare_nodes(draw: st.DrawFn, kind: str, *, sound: bool, calls: tuple[str, ...]) -> Node:
    """A node without exits."""
    say = draw(prompts(whole=sound))
    again = st.builds(Again, times=st.integers(0, 3), say=prompts(whole=sound))
    match kind:
        case "say":
            return Say(say=say, barge_in=draw(st.booleans()))
        case "menu":
            keys = draw(st.lists(st.sampled_from(KEYS), min_size=1, max_size=4, unique=True))
            return Menu(
                say=say,
                choices={key: draw(labels) for key in keys},
                on_silence=draw(again),
                on_invalid=draw(again),
                answer_within=draw(durations),
            )
        case "collect":
            secret = draw(st.booleans())
            return Collect(
                say=say,
                into="pin" if secret else draw(st.sampled_from(["account", "zone"])),
                secret=secret,
                max_length=draw(st.integers(11, 30)),
                check=draw(st.sampled_from(["any", "luhn", "phone"])),
                on_silence=draw(again),
                on_invalid=draw(again),
            )
        case "hours":
            return CheckHours(hours="office")
        case "branch":
            cases = draw(st.lists(conditions, max_size=3))
            return Branch(cases=tuple(Case(name=f"c{n}", when=one) for n, one in enumerate(cases)))
        case "identify":
            return Identify(by=draw(st.sampled_from(["address", "account"])), say=say)
        case "look_up":
            return LookUp(
                connector="crm", parameters={"q": "{account}", "p": "{pin}"}, take={"zone": "area"}
            )
        case "set":
            return SetValues(
                attributes=draw(st.dictionaries(names.filter(lambda n: n != "pin"), texts)),
                language=draw(st.one_of(st.none(), st.sampled_from(LANGUAGES))),
                credit=draw(st.one_of(st.none(), durations, durations.map(lambda n: -n))),
                steps=draw(st.one_of(st.none(), stages())),
                preferred=draw(st.one_of(st.none(), st.just(("ann", "{account}")))),
            )
        case "split":
            share = draw(st.integers(0, 100))
            return Split(shares={"a": share, "b": 100 - share})
        case "callback":
            return OfferCallback(
                queue=draw(st.sampled_from(QUEUES)), say=say, on_silence=draw(again)
            )
        case "flow" if calls:
            return SubFlow(flow=draw(st.sampled_from(calls)))
        case "queue" | "flow":
            return ToQueue(
                queue=draw(st.sampled_from(QUEUES)),
                steps=draw(st.one_of(st.none(), stages())),
                announcements=draw(
                    st.one_of(
                        st.none(), st.just((Announcement(say=say or {"en": Spoken(text="x")}),))
                    )
                ),
                offer_callback=draw(st.one_of(st.none(), st.booleans())),
            )
        case "voicemail":
            return Voicemail(box="office", say=say)
        case "transfer":
            return TransferOut(number="+15550199", say=say)
        case "return":
            return Return(by=draw(st.sampled_from(["done", "other"])))
        case _:
            return HangUp(say=say)


@st.composite
def flows(
    draw: st.DrawFn,
    name: str = "main",
    *,
    sound: bool = False,
    most: int = 10,
    calls: tuple[str, ...] = (),
    part: bool = False,
) -> Flow:
    """Any flow that can be read. ``sound``: nothing is missing, and what asks nothing leads on;
    ``part``: it may return.
    """
    count = draw(st.integers(min_value=4, max_value=most))
    kinds = (*KINDS[: -len(ENDS)], *ASKING, "return" if part else "queue")
    nodes: dict[str, Node] = {}
    for number in range(count):
        last = number == count - 1
        kind = draw(st.sampled_from(ENDS if last else kinds if number else KINDS[: -len(ENDS)]))
        node = draw(bare_nodes(kind, sound=sound, calls=calls))
        exits = {}
        for way in (*exits_of(node), *(("done", "other") if isinstance(node, SubFlow) else ())):
            first = 0 if not sound or (kind in ASKING and draw(st.booleans())) else number + 1
            if sound or draw(st.integers(0, 9)):
                far = count if not sound else count - 1
                exits[way] = f"n{draw(st.integers(min(first, far), min(number + 3, far)))}"
        position = draw(st.one_of(st.none(), st.builds(Position, x=st.integers(-9, 9))))
        nodes[f"n{number}"] = replace(node, exits=exits, position=position)
    return Flow(
        id=name,
        languages=LANGUAGES,
        safe_queue="support" if sound or draw(st.booleans()) else None,
        start="n0",
        nodes=nodes,
    )


# -- what customers do ------------------------------------------------------------------------

answers = st.one_of(
    st.sampled_from([*KEYS, "79927398713", "12345678", "+15550123", "", "hello", "<b>1</b>"]),
    st.text(max_size=30),
)
customers = st.lists(
    st.builds(
        Customer,
        id=st.sampled_from(["c1", "c2"]),
        name=words,
        tier=st.sampled_from(["gold", ""]),
        value=st.integers(0, 9_999),
    ),
    max_size=2,
).map(tuple)
acts = st.one_of(
    st.builds(Answered, turn=st.just(0), text=answers),
    st.just(TimedOut(turn=0)),
    st.just(Played(turn=0)),
    st.builds(Identified, turn=st.just(0), customers=customers),
    st.builds(
        LookedUp,
        turn=st.just(0),
        result=st.sampled_from(["found", "not_found", "failed"]),
        answer=st.dictionaries(st.sampled_from(["area", "x"]), st.text(max_size=20), max_size=2),
    ),
)
"""Their turn is filled in when they come."""

histories = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 99), st.integers(0, 99), acts),  # a number: something that fits
        st.sampled_from([0] * 9 + [-1, 1]),
        st.integers(0, 5 * MINUTE),
    ),
    min_size=6,
    max_size=40,
)
History = list[tuple[int | Event, int, int]]


def walk(world: World, history: History, flow: str = "main") -> list[Turn]:
    """Every turn of a caller with this history."""
    return [turn for _, _, turn in lived(world, history, flow)]


def lived(
    world: World, history: History, flow: str = "main"
) -> list[tuple[Event | None, int, Turn]]:
    """Each turn with what led to it, and when."""
    turn = start(world, flow)
    told: list[tuple[Event | None, int, Turn]] = [(None, 0, turn)]
    at = 0
    for act, late, pause in history:
        at += pause
        session = turn.session
        event = fitting(resume(session, world, at), act) if isinstance(act, int) else act
        if not isinstance(event, HungUp):
            event = replace(event, turn=session.turn + late)
        turn = advance(session, event, world, at)
        told.append((event, at, turn))
    return told


def fitting(turn: Turn, number: int) -> Event:
    """One of the things that fit what is asked."""
    asked = turn.does[-1] if turn.does else None
    match asked:
        case None | Play():
            return Played(turn=0)
        case AskChoice():
            return Answered(turn=0, text=asked.buttons[number % len(asked.buttons)].key)
        case AskText() if number % 5 == 4:
            return TimedOut(turn=0)
        case AskText():
            digits = ("79927398713", "4539578763621486", "7", "+15550123")[number % 4]
            return Answered(turn=0, text=digits[: asked.longest])
        case FindCustomer():
            found = [Customer(id="c1", name="Ann", tier="gold"), Customer(id="c2")]
            return Identified(turn=0, customers=tuple(found[: number % 3]))
        case AskSystem():
            return LookedUp(turn=0, result="found", answer={"area": f"a{number}"})
