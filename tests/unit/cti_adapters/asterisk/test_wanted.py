import pytest

from cti_adapters.asterisk.agi import execute
from cti_adapters.asterisk.legs import CUSTOMER, QUIET, WAIT, Meet, Ring, Talk
from cti_adapters.asterisk.wanted import room_of, wanted
from router.core.model import TERMINAL
from router.core.model import ContactState as S
from tests.unit.cti_adapters.asterisk.some_contact import CALLBACK, a_contact

ROOM = Meet("main:1.0")
ASKING = Meet("asked")


@pytest.mark.parametrize("state", [S.ARRIVING, S.IN_FLOW, S.QUEUED, S.OFFERED])
def test_who_waits_hears_music(state):
    assert wanted(a_contact(state), None) == {CUSTOMER: WAIT}


@pytest.mark.parametrize("state", [*sorted(TERMINAL), S.WRAPPING, S.CALLBACK_PROMISED])
def test_when_it_is_over_nobody_is_on_the_line(state):
    assert wanted(a_contact(state), None) == {}
    assert wanted(None, None) == {}


@pytest.mark.parametrize("state", [S.QUEUED, S.OFFERED])
def test_who_is_to_be_called_back_is_not_on_the_line_yet(state):
    offered = a_contact(state, callback=CALLBACK, offers={"ann": "o1"})
    assert wanted(offered, None) == {"ann": Ring("o1")}


def test_all_who_are_offered_a_contact_ring():
    plan = wanted(a_contact(S.OFFERED, offers={"ann": "o1", "ben": "o2"}), None)
    assert plan == {CUSTOMER: WAIT, "ann": Ring("o1"), "ben": Ring("o2")}


@pytest.mark.parametrize(
    ("state", "others", "consult", "plan"),
    [
        (S.CONNECTED, (), None, {CUSTOMER: Talk("ann"), "ann": Talk(CUSTOMER)}),
        (S.HELD, (), None, {CUSTOMER: WAIT, "ann": QUIET}),
        (S.CONNECTED, ("ben",), None, {CUSTOMER: ROOM, "ann": ROOM, "ben": ROOM}),
        (S.HELD, ("ben",), None, {CUSTOMER: WAIT, "ann": ROOM, "ben": ROOM}),
        (S.HELD, (), "chi", {CUSTOMER: WAIT, "ann": ASKING, "chi": ASKING}),
        (S.CONNECTED, (), "chi", {CUSTOMER: Talk("ann"), "ann": Talk(CUSTOMER), "chi": QUIET}),
        (S.HELD, ("ben",), "chi", {CUSTOMER: WAIT, "ann": ASKING, "ben": ROOM, "chi": ASKING}),
        (
            S.CONNECTED,
            ("ben",),
            "chi",
            {CUSTOMER: ROOM, "ann": ROOM, "ben": ROOM, "chi": QUIET},
        ),
        (S.HELD, (), "", {CUSTOMER: WAIT, "ann": QUIET, "chi": Ring("o9")}),
        (S.CONNECTED, (), "", {CUSTOMER: Talk("ann"), "ann": Talk(CUSTOMER), "chi": Ring("o9")}),
    ],
    ids=[
        "two talk",
        "held",
        "conference",
        "conference held",
        "consultation",
        "back with the customer",
        "consultation from a conference",
        "back with the conference",
        "a colleague is rung",
        "a colleague is rung, back with the customer",
    ],
)
def test_who_is_together_with_whom(state, others, consult, plan):
    contact = a_contact(state, agent="ann", participants=others, consult="asked")
    asked = None
    if consult is not None:
        offers = {} if consult else {"chi": "o9"}
        asked = a_contact(S.CONNECTED, "asked", agent=consult, offers=offers)
    assert wanted(contact, asked) == plan


@pytest.mark.parametrize("name", ["main:17.0", "main:17.0:6a", "asked", "3f-2_B"])
def test_a_plain_id_names_its_room(name):
    assert room_of(name) == name


@pytest.mark.parametrize("name", ["", "a,b", "${EXTEN}", "../x", ".x", "a b", "李", "x" * 81])
def test_any_other_id_names_a_room_that_is_only_a_name(name):
    room = room_of(name)
    assert room.isalnum()
    assert room != room_of(name + "x")
    assert execute("ConfBridge", room) == f"EXEC ConfBridge {room}"
