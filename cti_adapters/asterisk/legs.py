"""A call's legs: the customer's and those of agents, and what each is wanted to do. Values only."""

from __future__ import annotations

import msgspec

from cti_adapters.asterisk.keys import Keys, Outcome
from cti_adapters.asterisk.queue_announcements import Said
from cti_adapters.asterisk.wording import Spoken
from router.core.model import MonitorMode
from router.limits import Bucket
from router.ports import FlowPrompt

OURS = "pb:"  # how the Uniqueid of a channel that we called up begins
CUSTOMER = ""  # in the place of an agent's id

# what is asked of a leg
HANG_UP, LEAD_BACK = "hang up", "lead back"
BRIDGE, MEET, BESIDE = "bridge", "meet", "beside"
MUSIC, MUSIC_OFF = "music", "music off"
HUSH = "hush"  # rooms do not announce who comes
SPOKEN = "spoken"  # the last text, or a greeting
RECORDED, PUT_THROUGH, RECEIVED = "recorded", "put through", "received"
ENDING = (SPOKEN, RECORDED, PUT_THROUGH, RECEIVED)  # what customers are not torn out of
PROMPT = "prompt"  # how what a flow says begins
LASTING = (BRIDGE, MEET, BESIDE)  # how commands begin that end when what they began is over


class Wait(msgspec.Struct, frozen=True):
    """Hears music."""


class Asked(msgspec.Struct, frozen=True):
    """Hears what a flow asks, and then nothing while it waits for the answer."""


class Quiet(msgspec.Struct, frozen=True):
    """An agent whose customer is on hold, or not there yet: hears nothing."""


class Ring(msgspec.Struct, frozen=True):
    """Is called up for an offer, or anew for a contact in hand (an empty ``offer``)."""

    offer: str = ""


class Talk(msgspec.Struct, frozen=True):
    """In a bridge with one other leg. The customer's leg makes the bridge, the agent's joins."""

    partner: str  # an agent's id, or CUSTOMER


class Meet(msgspec.Struct, frozen=True):
    """In a room with whoever else is in it: consultations and conferences."""

    room: str


class Leave(msgspec.Struct, frozen=True):
    """Ends by itself: the customer is put through to an address outside."""

    address: str


class Tell(msgspec.Struct, frozen=True):
    """Hears a last text (empty: none but what a flow has left to say), and is hung up."""

    text: str


class Record(msgspec.Struct, frozen=True):
    """Leaves a message in a voicemail box; ``greeted``: a flow says all that comes before it."""

    box: str
    greeted: bool = False


class TakeFax(msgspec.Struct, frozen=True):
    """Sends a document, which comes in at ``entry_point``."""

    entry_point: str


class Listen(msgspec.Struct, frozen=True):
    """A supervisor beside an agent: hears both, and with another ``mode`` is heard as well."""

    agent: str
    mode: MonitorMode


class Gone(msgspec.Struct, frozen=True):
    """Is hung up."""


Activity = (
    Wait | Asked | Quiet | Ring | Talk | Meet | Leave | Tell | Record | TakeFax | Listen | Gone
)
WAIT, ASKED, QUIET, GONE = Wait(), Asked(), Quiet(), Gone()


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One AMI action. ``what`` names it among those of its leg, so that it is not asked twice;
    ``first`` are sent just before it, because Asterisk takes commands from a queue; ``makes`` is
    the name of a recording that it begins.
    """

    what: str
    action: str
    headers: tuple[tuple[str, str], ...]
    unique: str = ""  # of the leg it is for
    first: tuple[Ask, ...] = ()
    makes: str = ""


class Speak(msgspec.Struct, frozen=True, kw_only=True):
    """Texts to be spoken to a leg under control; ``what`` comes back with the end of the last."""

    what: str
    unique: str
    texts: tuple[Spoken, ...]


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What a customer made of a flow's prompt of this turn."""

    contact: str
    turn: int
    outcome: Outcome


class Question(msgspec.Struct, kw_only=True):
    """A prompt of a flow on its way to the customer, and what is keyed in answer to it."""

    prompt: FlowPrompt
    sequence: int  # number of the contact's event since which it is known to be the one
    keys: Keys
    what: str = ""  # what its being said is called, once that was begun
    sounds: list[str] = []  # that are still to be played
    stops_by: int = 0  # when what is said should have stopped, after a key
    told_at: int = 0  # when the flow was told what came of it


class Leg(msgspec.Struct, kw_only=True):
    """One party's channel, from before Asterisk knows of it until it is gone.

    ``asked`` names what was last asked of Asterisk for it and has not been seen to happen yet;
    ``under_way``: it is a command, whose end or effect Asterisk will tell of.
    """

    unique: str
    agent: str = CUSTOMER
    since: int = 0
    found: bool = False  # after a restart, in the middle of its call
    was_up: bool = False
    asked: str = ""
    asked_at: int = 0
    under_way: bool = False
    refused_at: int = 0  # since then Asterisk has done nothing that it was asked for this leg
    music: bool = False
    recorded: str = ""  # the file its conversation is recorded in
    hushed: bool = False  # rooms do not announce it
    speaking: str = ""  # the announcement that plays to it


class Broken(msgspec.Struct, kw_only=True):
    """An agent's line that broke in a conversation, and when it was last tried to mend it."""

    since: int
    tried: int


class Call(msgspec.Struct, kw_only=True):
    """Everything on the telephone about one contact.

    ``left`` says of those who went by themselves why, until the router has dealt with it.
    ``ending`` is what the customer still hears when the router is done with the contact, after
    ``words``, the last of a flow.
    """

    contact: str
    taken: bool = False  # the router knows of it
    followed: int = 0  # number of the contact's last event that was looked at here
    over: bool = False  # the router is done with it
    number: str = ""  # the customer's, as the telephone network gave it
    legs: dict[str, Leg] = {}  # by agent; the customer's under CUSTOMER
    leaving: list[Leg] = []  # no longer wanted, not yet gone
    left: dict[str, str] = {}
    broken: dict[str, Broken] = {}  # agents' lines, until they are up again
    ending: Activity | None = None
    stage: str = ""  # how far the ending is
    box: str = ""  # the voicemail box, once the customer was sent there
    muted: bool | None = None  # the recording, as last asked; None is not known
    said: Said | None = None  # what the customer was told while waiting
    look_again: int = 0  # when something more may be due
    callback_key: str = ""  # once a callback was offered
    wants_callback: int = 0  # and its key was pressed: until then, microseconds UTC
    question: Question | None = None  # while the contact is in a flow
    words: tuple[Spoken, ...] = ()
    flood: Bucket | None = None  # of keys
    listeners: dict[str, Listen] = {}  # by ``listener``
    told: dict[str, int] = {}  # ids of commands that the router was given a moment ago, and when

    def find(self, unique: str) -> Leg | None:
        for leg in (*self.legs.values(), *self.leaving):
            if leg.unique == unique:
                return leg
        return None

    def drop(self, leg: Leg) -> None:
        if self.legs.get(leg.agent) is leg:
            del self.legs[leg.agent]
        elif leg in self.leaving:
            self.leaving.remove(leg)


def listener(who: str) -> str:
    """The place of a supervisor among a call's legs: no agent's id begins like this."""
    return f"!{who}"


def unique_of(agent: str, contact: str, at: int) -> str:
    """The Uniqueid of a leg that is called up at ``at``: it tells whose it is after a restart."""
    return f"{OURS}{at:x}:{agent}:{contact}"


def owner_of(unique: str) -> tuple[str, str] | None:
    """(agent, contact) of a leg that we called up, None for any other channel."""
    parts = unique.split(":", 3)
    if not unique.startswith(OURS) or len(parts) != 4:
        return None
    return parts[2], parts[3]


def is_far_half(unique: str) -> bool:
    """Whether it is the other half of a leg that is a Local channel: the dialplan's, not ours."""
    return unique.startswith(OURS) and unique.endswith(";2")
