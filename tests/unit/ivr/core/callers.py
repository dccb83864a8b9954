"""One caller in one flow, for the tests of the interpreter."""

from flow_world import World, start

from ivr.core.interpreter import advance
from ivr.core.nodes import (
    Again,
    Collect,
    Flow,
    HangUp,
    Identify,
    LookUp,
    Menu,
    OfferCallback,
    Say,
    ToQueue,
)
from ivr.core.session import (
    Answered,
    Played,
    TimedOut,
)
from ivr.core.values import Spoken
from router.core.durations import SECOND

BYE = HangUp(say={"en": Spoken(text="Bye")})


def prompt(text):
    return {"en": Spoken(text=text)}


def flow(name="main", **nodes):
    """The first node is where it begins; ``bye`` and ``help`` are there for everybody."""
    everyone = {"bye": BYE, "help": ToQueue(queue="support")}
    return Flow(
        id=name,
        languages=("en", "zh"),
        safe_queue="sales",
        start=next(iter(nodes)),
        nodes={**everyone, **nodes},
    )


class Caller:
    """One contact in one flow, with the latest turn."""

    def __init__(self, *flows, world=None, **more):
        self.world = world or World(*flows)
        self.turn = start(self.world, flows[0].id, **more)
        self.path = list(self.turn.path)

    def does(self, event):
        self.turn = advance(self.turn.session, event, self.world, 7)
        self.path += self.turn.path
        return self.turn

    def says(self, text):
        return self.does(Answered(turn=self.session.turn, text=text))

    def is_silent(self):
        return self.does(TimedOut(turn=self.session.turn))

    def hears_it_out(self):
        return self.does(Played(turn=self.session.turn))

    @property
    def session(self):
        return self.turn.session

    @property
    def outcome(self):
        return self.session.outcome

    @property
    def asked(self):
        return self.turn.does[-1]

    @property
    def walked(self):
        return [(one.node, one.exit) for one in self.path]


MENU = Menu(
    say=prompt("Press 1 or 2"),
    choices={"1": {"en": "Help", "zh": "帮助"}, "2": {"en": "Leave"}},
    answer_within=6 * SECOND,
    on_silence=Again(times=1, say=prompt("Are you there?")),
    on_invalid=Again(times=1, say=prompt("That is no choice.")),
    exits={"1": "help", "2": "bye", "timeout": "bye", "invalid": "help"},
)

ACCOUNT = Collect(
    say=prompt("Account"),
    into="account",
    max_length=12,
    check="luhn",
    exits={"collected": "help", "timeout": "bye", "invalid": "bye"},
)

WHO = Identify(by="address", exits={"found": "help", "several": "bye", "not_found": "bye"})

LOOK_UP = LookUp(
    connector="crm",
    take={"balance": "balance_due"},
    exits={"found": "help", "not_found": "bye", "failed": "bye"},
)

OFFER = OfferCallback(
    queue="support",
    say=prompt("Call you back?"),
    promised=prompt("We will"),
    exits={"declined": "help", "impossible": "bye"},
)

HELLO = Say(say=prompt("Hi"), exits={"next": "account"})
