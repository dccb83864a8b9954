"""``ivr.core.walk``: what each kind of node does, and that no flow goes on for ever."""

import msgspec
import pytest
from flow_world import World, natural

from ivr.core.conditions import QueueStaffed, TierIs
from ivr.core.facts import Customer, QueueState
from ivr.core.interpreter import TURNS, begin
from ivr.core.nodes import (
    Again,
    Announcement,
    Branch,
    Case,
    CheckHours,
    Collect,
    HangUp,
    LookUp,
    Return,
    Say,
    SetValues,
    Split,
    Stage,
    SubFlow,
    ToQueue,
    TransferOut,
    Voicemail,
)
from ivr.core.session import (
    AskChoice,
    AskSystem,
    AskText,
    Button,
    CallBack,
    ConnectTo,
    FindCustomer,
    Finished,
    Identified,
    Line,
    LookedUp,
    Play,
    Queued,
    TakeMessage,
)
from ivr.core.values import MASK, MAX_ATTRIBUTES
from ivr.core.walk import DEPTH, STEPS, share_drawn
from router.core.durations import SECOND
from router.core.requirements import ANYONE, SkillAtLeast, Step
from tests.unit.ivr.core.callers import (
    ACCOUNT,
    HELLO,
    LOOK_UP,
    MENU,
    OFFER,
    WHO,
    Caller,
    flow,
    prompt,
)

# -- prompts --------------------------------------------------------------------------------------


def test_a_prompt_is_played_to_its_end_before_the_flow_goes_on():
    caller = Caller(flow(hello=Say(say=prompt("Hello"), exits={"next": "bye"})))
    assert caller.turn.does == (Play(say=(Line(text="Hello", language="en"),), barge_in=True),)
    assert caller.outcome is None
    caller.hears_it_out()
    assert caller.outcome == Finished(say=(Line(text="Bye", language="en"),))
    assert caller.walked == [("hello", "next"), ("bye", "")]


def test_a_prompt_without_words_is_passed_over():
    assert Caller(flow(hello=Say(exits={"next": "bye"}))).outcome is not None


def test_a_key_during_a_prompt_answers_the_question_that_follows():
    caller = Caller(flow(hello=Say(say=prompt("Hello"), exits={"next": "menu"}), menu=MENU))
    caller.says("2")
    assert caller.walked == [("hello", "next"), ("menu", "2"), ("bye", "")]


def test_a_key_during_several_prompts_passes_over_them_to_the_question():
    first = Say(say=prompt("Hello"), exits={"next": "second"})
    second = Say(say=prompt("News"), exits={"next": "menu"})
    caller = Caller(flow(hello=first, second=second, menu=MENU))
    assert isinstance(caller.says("1").session.outcome, Queued)


def test_a_prompt_that_must_be_heard_is_not_cut_off():
    caller = Caller(flow(hello=Say(say=prompt("Law"), barge_in=False, exits={"next": "bye"})))
    before = caller.session
    assert caller.says("1").session == before
    assert caller.turn.does == ()


def test_a_key_ahead_is_forgotten_at_a_prompt_that_must_be_heard():
    law = Say(say=prompt("Law"), barge_in=False, exits={"next": "menu"})
    caller = Caller(flow(hello=Say(say=prompt("Hi"), exits={"next": "law"}), law=law, menu=MENU))
    assert isinstance(caller.says("2").does[-1], Play)
    assert isinstance(caller.hears_it_out().does[-1], AskChoice)


def test_a_wrong_key_ahead_counts_as_a_wrong_answer():
    caller = Caller(flow(hello=Say(say=prompt("Hi"), exits={"next": "menu"}), menu=MENU))
    assert [line.text for line in caller.says("7").does[-1].say] == [
        "That is no choice.",
        "Press 1 or 2",
    ]


def test_digits_ahead_begin_the_answer_and_are_not_all_of_it():
    caller = Caller(flow(hello=HELLO, account=ACCOUNT))
    caller.says("7")
    assert (caller.asked.begun, caller.session.mistakes) == ("7", 0)
    assert caller.says("79927398713").session.outcome == Queued(queue="support")


def test_as_many_digits_as_there_may_be_are_the_answer():
    account = msgspec.structs.replace(ACCOUNT, max_length=2)
    caller = Caller(flow(hello=HELLO, account=account))
    assert caller.says("18").session.attributes == {"account": "18"}


@pytest.mark.parametrize("text", ["#", "", "x", "７"])
def test_what_is_no_digit_begins_nothing(text):
    assert Caller(flow(hello=HELLO, account=ACCOUNT)).says(text).does[-1].begun == ""


def test_a_secret_begun_ahead_is_written_down_nowhere():
    pin = msgspec.structs.replace(ACCOUNT, into="pin", secret=True)
    turn = Caller(flow(hello=HELLO, account=pin)).says("4711")
    assert turn.does[-1].begun == "4711"
    assert b"4711" not in msgspec.json.encode((turn.session, turn.path))


# -- menus ----------------------------------------------------------------------------------------


def test_a_menu_gives_what_a_telephone_and_a_chat_need():
    assert Caller(flow(menu=MENU)).asked == AskChoice(
        say=(Line(text="Press 1 or 2", language="en"),),
        buttons=(Button(key="1", text="Help"), Button(key="2", text="Leave")),
        within=6 * SECOND,
        barge_in=True,
    )


@pytest.mark.parametrize("text", ["1", " 1 ", "Help", "HELP", "帮助"])
def test_a_menu_takes_a_key_or_the_words_of_a_button(text):
    assert Caller(flow(menu=MENU)).says(text).session.outcome == Queued(queue="support")


def test_silence_asks_again_as_often_as_it_says_then_leaves():
    caller = Caller(flow(menu=MENU))
    assert caller.is_silent().does[-1].say[0].text == "Are you there?"
    assert caller.is_silent().session.outcome is not None
    assert caller.walked == [("menu", ""), ("menu", "timeout"), ("bye", "")]
    assert [one.again for one in caller.path] == [True, False, False]


@pytest.mark.parametrize("times", [0, 1, 2, 3])
def test_it_is_asked_again_exactly_as_often_as_it_says(times):
    again = Again(times=times)
    menu = msgspec.structs.replace(MENU, on_silence=again, on_invalid=again)
    silent, wrong = Caller(flow(menu=menu)), Caller(flow(menu=menu))
    for _ in range(times):
        assert silent.is_silent().session.outcome is None
        assert wrong.says("9").session.outcome is None
    assert silent.is_silent().session.outcome is not None
    assert wrong.says("9").session.outcome is not None


def test_wrong_answers_and_silence_are_counted_apart():
    caller = Caller(flow(menu=MENU))
    caller.is_silent()
    assert caller.says("9").session.outcome is None
    assert caller.says("8").session.outcome == Queued(queue="support")
    assert caller.walked[-2] == ("menu", "invalid")


def test_coming_back_to_a_menu_counts_from_the_beginning():
    again = msgspec.structs.replace(MENU, exits={**MENU.exits, "2": "menu"})
    caller = Caller(flow(menu=again))
    caller.is_silent()
    caller.says("2")
    assert caller.is_silent().session.outcome is None


# -- collecting -----------------------------------------------------------------------------------


def test_digits_are_kept_as_an_attribute():
    caller = Caller(flow(account=ACCOUNT))
    assert caller.asked == AskText(
        say=(Line(text="Account", language="en"),),
        digits=True,
        longest=12,
        within=8 * SECOND,
        between=4 * SECOND,
        end_key="#",
    )
    caller.says("7992 7398 713")
    assert caller.session.attributes == {"account": "79927398713"}
    assert caller.path[0].heard == "79927398713"


def test_digits_that_fail_their_check_are_asked_for_again():
    caller = Caller(flow(account=ACCOUNT))
    caller.says("79927398710")
    assert isinstance(caller.asked, AskText)
    assert caller.session.attributes == {}


@pytest.mark.parametrize("flood", ["1" * 1_000_000, "\x00" * 5_000, "<script>" * 100])
def test_a_flood_counts_as_one_wrong_answer(flood):
    caller = Caller(flow(account=ACCOUNT))
    caller.says(flood)
    assert caller.session.mistakes == 1
    assert len(caller.path[0].heard) <= 100


def test_a_secret_is_only_in_the_memory_of_the_caller():
    pin = msgspec.structs.replace(ACCOUNT, into="pin", secret=True, check="any")
    caller = Caller(flow(pin=pin))
    assert caller.asked.secret
    turn = caller.says("4711")
    assert turn.secrets == {"pin": "4711"}
    assert turn.session.attributes == {"pin": MASK}
    assert turn.session.secrets == ("pin",)
    assert turn.path[0].heard == MASK


def test_a_wrong_secret_is_not_in_the_path_either():
    pin = msgspec.structs.replace(ACCOUNT, secret=True)
    assert Caller(flow(pin=pin)).says("12").path[0].heard == MASK


def test_a_look_up_gets_a_secret_by_name_and_nothing_else_does():
    pin = msgspec.structs.replace(
        ACCOUNT, into="pin", secret=True, check="any", exits={**ACCOUNT.exits, "collected": "ask"}
    )
    ask = LookUp(
        connector="crm",
        parameters={"pin": "{pin}", "text": "pin is {pin}", "number": "{address}"},
        exits={"found": "help", "not_found": "bye", "failed": "bye"},
    )
    turn = Caller(flow(pin=pin, ask=ask)).says("4711")
    assert turn.does[-1] == AskSystem(
        connector="crm",
        parameters={"text": f"pin is {MASK}", "number": "+15550100"},
        secrets={"pin": "pin"},
        within=3 * SECOND,
    )


def test_what_overwrites_a_secret_is_none():
    pin = msgspec.structs.replace(
        ACCOUNT, into="pin", secret=True, check="any", exits={"collected": "forget"}
    )
    forget = SetValues(attributes={"pin": "checked"}, exits={"next": "help"})
    session = Caller(flow(pin=pin, forget=forget)).says("4711").session
    assert (session.attributes, session.secrets) == ({"pin": "checked"}, ())


# -- deciding -------------------------------------------------------------------------------------

HOURS = CheckHours(hours="office", exits={"open": "help", "closed": "bye"})


@pytest.mark.parametrize("state", ["closed", None])
def test_hours_that_nobody_knows_are_closed(state):
    world = World(flow(hours=HOURS))
    world.openings = {"office": state} if state else {}
    assert isinstance(Caller(world.flows["main"], world=world).outcome, Finished)


def test_a_holiday_is_closed_unless_it_has_an_exit_of_its_own():
    holiday = msgspec.structs.replace(HOURS, exits={**HOURS.exits, "holiday": "help"})
    for node, end in ((HOURS, Finished), (holiday, Queued)):
        world = World(flow(hours=node))
        world.openings = {"office": "holiday"}
        caller = Caller(world.flows["main"], world=world)
        assert isinstance(caller.outcome, end)
        assert caller.walked[0] == ("hours", "holiday")


def test_the_first_case_that_holds_decides():
    branch = Branch(
        cases=(
            Case(name="gold", when=TierIs(tier="gold")),
            Case(name="staffed", when=QueueStaffed(queue="support")),
        ),
        exits={"gold": "help", "staffed": "bye", "otherwise": "bye"},
    )
    gold = Customer(id="c", tier="gold")
    assert Caller(flow(branch=branch), customer=gold).walked[0] == ("branch", "gold")
    assert Caller(flow(branch=branch)).walked[0] == ("branch", "staffed")
    world = World(flow(branch=branch))
    world.queues["support"] = QueueState(staffed=False)
    assert Caller(world.flows["main"], world=world).walked[0] == ("branch", "otherwise")


def test_a_split_is_the_same_for_the_same_contact_and_fair_to_all():
    split = Split(shares={"a": 30, "b": 70}, exits={"a": "help", "b": "bye"})
    ways = [Caller(flow(split=split), contact=f"k{n}").walked[0][1] for n in range(1_000)]
    assert ways == [Caller(flow(split=split), contact=f"k{n}").walked[0][1] for n in range(1_000)]
    assert 250 < ways.count("a") < 350


def test_the_order_in_which_shares_are_written_changes_nothing():
    split = Split(shares={"a": 30, "b": 70}, exits={"a": "help", "b": "bye"})
    turned = msgspec.structs.replace(split, shares={"b": 70, "a": 30})
    for number in range(50):
        one, other = (Caller(flow(split=s), contact=f"k{number}") for s in (split, turned))
        assert one.walked == other.walked


def test_a_share_of_nothing_gets_nobody():
    split = Split(shares={"a": 0, "b": 100}, exits={"a": "help", "b": "bye"})
    assert {Caller(flow(split=split), contact=f"k{n}").walked[0][1] for n in range(500)} == {"b"}


def test_each_split_draws_for_itself():
    drawn = [(share_drawn(f"k{n}", "f", "a"), share_drawn(f"k{n}", "f", "b")) for n in range(200)]
    assert sum(one == other for one, other in drawn) < 10


# -- customers and systems ------------------------------------------------------------------------


def test_looking_for_the_customer_is_left_to_the_caller():
    assert Caller(flow(who=WHO)).asked == FindCustomer(
        by_address=True, wanted="+15550100", within=2 * SECOND
    )


@pytest.mark.parametrize(("count", "way"), [(0, "not_found"), (1, "found"), (2, "several")])
def test_only_one_is_certain(count, way):
    caller = Caller(flow(who=WHO))
    people = tuple(Customer(id=f"c{n}") for n in range(count))
    caller.does(Identified(turn=caller.session.turn, customers=people))
    assert caller.walked[0] == ("who", way)
    assert caller.session.customer == (people[0] if count == 1 else None)


def test_of_an_answer_only_what_is_asked_for_is_taken():
    caller = Caller(flow(ask=LOOK_UP))
    lies = {"balance_due": "12\x00\n3" + "9" * 5_000, "tier": "gold", "admin": "yes"}
    caller.does(LookedUp(turn=caller.session.turn, result="found", answer=lies))
    assert list(caller.session.attributes) == ["balance"]
    assert len(caller.session.attributes["balance"]) == 2_000
    assert caller.session.attributes["balance"].startswith("12 39")


def test_a_look_up_that_hangs_has_failed():
    caller = Caller(flow(ask=LOOK_UP))
    caller.is_silent()
    assert caller.walked[0] == ("ask", "failed")


def test_what_is_found_by_a_failed_look_up_is_not_taken():
    caller = Caller(flow(ask=LOOK_UP))
    caller.does(LookedUp(turn=caller.session.turn, result="failed", answer={"balance_due": "1"}))
    assert caller.session.attributes == {}


# -- writing down ---------------------------------------------------------------------------------


def test_values_are_set_for_routing():
    steps = (Stage(ask=SkillAtLeast(skill="english"), lasts=5 * SECOND), Stage())
    values = SetValues(
        attributes={"note": "from {address}"},
        language="zh",
        credit=-30 * SECOND,
        steps=steps,
        preferred=("ann", "{nobody}", "ann"),
        exits={"next": "help"},
    )
    caller = Caller(flow(values=values))
    session = caller.session
    assert session.for_routing == {"note": "from +15550100", "language": "zh"}
    assert (session.boost, session.preferred) == (-30 * SECOND, ("ann",))
    demanded = (
        Step(condition=SkillAtLeast(skill="english"), lasts=5 * SECOND),
        Step(condition=ANYONE),
    )
    assert session.steps == demanded
    assert session.outcome == Queued(queue="support", steps=demanded)


def test_a_contact_has_no_more_attributes_than_it_may():
    many = SetValues(attributes={f"a{n}": "x" for n in range(100)}, exits={"next": "help"})
    attributes = {f"given{n}": "x" for n in range(100)}
    session = Caller(flow(many=many), attributes=attributes).session
    assert list(session.attributes) == [f"given{n}" for n in range(MAX_ATTRIBUTES)]


def test_the_language_is_the_callers_when_the_flow_speaks_it():
    languages = {"zh-CN": "zh", "ZH": "zh", "fr": "en", "": "en"}
    for asked, spoken in languages.items():
        assert Caller(flow(menu=MENU), language=asked).session.language == spoken
    chinese = Customer(id="c", language="zh")
    assert Caller(flow(menu=MENU), customer=chinese).session.language == "zh"


# -- ends -----------------------------------------------------------------------------------------


def test_a_queue_takes_its_own_steps_and_options():
    waiting = (Announcement(say=prompt("Please wait")),)
    queue = ToQueue(
        queue="support",
        steps=(Stage(),),
        announcements=waiting,
        offer_callback=True,
        say=prompt("Hi"),
    )
    assert Caller(flow(queue=queue)).outcome == Queued(
        queue="support",
        steps=(Step(),),
        announcements=waiting,
        offer_callback=True,
        say=(Line(text="Hi", language="en"),),
    )


@pytest.mark.parametrize(
    ("node", "outcome"),
    [
        (Voicemail(box="office"), TakeMessage(box="office")),
        (TransferOut(number="+15550199"), ConnectTo(number="+15550199")),
        (HangUp(), Finished()),
    ],
)
def test_other_ends(node, outcome):
    assert Caller(flow(end=node)).outcome == outcome


def test_who_accepts_is_promised_a_callback():
    caller = Caller(flow(offer=OFFER))
    assert [one.key for one in caller.asked.buttons] == ["1", "2"]
    assert caller.says("1").session.outcome == CallBack(
        queue="support", number="+15550100", say=(Line(text="We will", language="en"),)
    )
    assert [(one.node, one.exit, one.heard) for one in caller.path] == [("offer", "", "1")]


def test_who_declines_says_nothing_or_something_else_goes_on():
    declines = ["2"], [None, None], ["x", "y"]
    for answers in declines:
        caller = Caller(flow(offer=OFFER))
        for one in answers:
            caller.is_silent() if one is None else caller.says(one)
        assert caller.walked[-2] == ("offer", "declined")


def test_a_callback_is_offered_only_when_it_can_be_kept():
    for spoil in (
        {"callable": False},
        {"queues": {"support": QueueState(calls_back=False)}},
        {"queues": {}},
    ):
        world = World(flow(offer=OFFER))
        for name, value in spoil.items():
            setattr(world, name, value)
        assert Caller(world.flows["main"], world=world).walked[0] == ("offer", "impossible")
    assert Caller(flow(offer=OFFER), address="").walked[0] == ("offer", "impossible")


def test_a_callback_that_became_impossible_meanwhile_is_not_promised():
    caller = Caller(flow(offer=OFFER))
    caller.world.callable = False
    caller.says("1")
    assert caller.walked[0] == ("offer", "impossible")


def test_the_number_may_have_been_asked_for():
    number = Collect(into="phone", check="phone", exits={"collected": "offer"})
    offer = msgspec.structs.replace(OFFER, number="phone")
    caller = Caller(flow(number=number, offer=offer))
    caller.says("+1 (555) 0123")
    assert caller.says("1").session.outcome.number == "+15550123"


# -- flows in flows -------------------------------------------------------------------------------

PART = flow(
    "part", ask=msgspec.structs.replace(MENU, exits={"1": "back", "2": "bye"}), back=Return()
)
CALL = SubFlow(flow="part", exits={"done": "help", "failed": "bye"})


def test_a_flow_goes_through_another_and_comes_back():
    caller = Caller(flow(call=CALL), PART)
    assert [frame.flow for frame in caller.session.frames] == ["main", "part"]
    caller.says("1")
    assert caller.walked == [("ask", "1"), ("back", "done"), ("call", "done"), ("help", "")]
    assert [one.depth for one in caller.path] == [2, 2, 1, 1]


def test_a_return_that_leads_nowhere_is_a_failure():
    odd = msgspec.structs.replace(PART, nodes={**PART.nodes, "back": Return(by="odd")})
    caller = Caller(flow(call=CALL), odd)
    caller.says("1")
    assert caller.walked[-2:] == [("call", "failed"), ("bye", "")]


@pytest.mark.parametrize("call", [CALL, msgspec.structs.replace(CALL, version=9)])
def test_a_flow_that_is_not_there_is_a_failure(call):
    flows = (flow(call=call),) if call.version is None else (flow(call=call), PART)
    assert Caller(*flows).walked[0] == ("call", "failed")


def test_a_flow_that_calls_itself_fails_when_it_is_too_deep():
    itself = flow(call=SubFlow(flow="main", exits={"failed": "help"}))
    caller = Caller(itself)
    assert caller.outcome == Queued(queue="support")
    assert caller.path[0].depth == DEPTH


def test_a_version_is_kept_whatever_the_alias_comes_to_mean():
    caller = Caller(flow(call=CALL), PART)
    caller.world.version = lambda _flow, _alias: 2
    assert caller.says("1").session.outcome == Queued(queue="support")


# -- what cannot go on ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nodes", "because"),
    [
        ({"a": Say(exits={"next": "b"}), "b": Say(exits={"next": "a"})}, "too_many_steps"),
        ({"a": SetValues()}, "missing_exit"),
        ({"a": SetValues(exits={"next": "nowhere"})}, "missing_node"),
        ({"a": Return()}, "returned_at_the_top"),
        ({"a": ToQueue(queue="gone")}, "missing_queue"),
        ({"a": Split()}, "missing_exit"),
    ],
)
def test_who_cannot_go_on_is_put_into_the_safe_queue(nodes, because):
    assert Caller(flow(**nodes)).outcome == Queued(queue="sales", because=because)


def test_without_a_safe_queue_it_says_why_it_ended():
    bare = msgspec.structs.replace(flow(a=SetValues()), safe_queue=None)
    assert Caller(bare).outcome == Finished(because="missing_exit")
    assert Caller(bare, safe_queue="sales").outcome == Queued(queue="sales", because="missing_exit")


def test_a_flow_that_is_not_there_goes_to_the_queue_of_its_entry():
    turn = begin("gone", 3, contact="k", channel="chat", facts=World(), at=0, safe_queue="support")
    assert turn.session.outcome == Queued(queue="support", because="missing_flow")


def test_silence_in_a_circle_of_menus_comes_to_an_end():
    round_ = msgspec.structs.replace(MENU, exits={**MENU.exits, "timeout": "menu"})
    caller = Caller(flow(menu=round_))
    silences = 0
    while caller.outcome is None:
        caller.is_silent()
        silences += 1
    assert caller.outcome.because == "too_many_steps"
    assert silences == 2 * STEPS


def test_answers_in_a_circle_come_to_an_end_as_well():
    round_ = msgspec.structs.replace(MENU, exits={**MENU.exits, "2": "menu"})
    caller = Caller(flow(menu=round_))
    while caller.outcome is None:
        caller.says("2")
    assert caller.outcome.because == "too_many_turns"
    assert caller.session.turn == TURNS + 1


def test_ten_thousand_nodes_in_a_row_are_broken_off():
    nodes = {f"n{n}": SetValues(exits={"next": f"n{n + 1}"}) for n in range(10_000)}
    caller = Caller(flow(**nodes))
    assert caller.outcome.because == "too_many_steps"
    assert len(caller.path) == STEPS + 1
    assert natural(caller.turn) is None
