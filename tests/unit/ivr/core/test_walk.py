"""``ivr.core.walk``: from node to node, and that no flow goes on for ever."""

import msgspec
import pytest
from flow_world import World, flows, natural, start
from hypothesis import HealthCheck, given, settings

from ivr.core.conditions import QueueStaffed, Says, TierIs
from ivr.core.facts import Customer, QueueState
from ivr.core.interpreter import TURNS, advance, begin
from ivr.core.nodes import (
    Branch,
    Case,
    CheckHours,
    Return,
    Say,
    SetValues,
    Split,
    SubFlow,
    ToQueue,
)
from ivr.core.progress import MAX_UNHEARD
from ivr.core.session import (
    AskChoice,
    AskSystem,
    FindCustomer,
    Finished,
    Line,
    Play,
    Queued,
)
from ivr.core.walk import DEPTH, STEPS
from tests.unit.ivr.core.callers import (
    ACCOUNT,
    HELLO,
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


def test_who_is_not_there_is_asked_nothing_and_gets_the_words_in_the_end():
    nodes = {
        "hello": msgspec.structs.replace(HELLO, exits={"next": "menu"}),
        "menu": msgspec.structs.replace(MENU, exits={**MENU.exits, "timeout": "account"}),
        "account": msgspec.structs.replace(ACCOUNT, exits={**ACCOUNT.exits, "timeout": "offer"}),
        "offer": msgspec.structs.replace(OFFER, exits={"declined": "bye", "impossible": "help"}),
    }
    caller = Caller(flow(**nodes), present=False)
    assert caller.walked == [
        ("hello", "next"),
        ("menu", "timeout"),
        ("account", "timeout"),
        ("offer", "declined"),
        ("bye", ""),
    ]
    assert [line.text for line in caller.outcome.say] == ["Hi", "Bye"]
    assert caller.turn.does == ()
    assert caller.session.unheard == ()


def test_words_that_nobody_heard_go_with_who_cannot_go_on():
    caller = Caller(flow(hello=msgspec.structs.replace(HELLO, exits={})), present=False)
    assert caller.outcome.because == "missing_exit"
    assert [line.text for line in caller.outcome.say] == ["Hi"]


def test_who_is_not_there_waits_for_other_systems_only():
    caller = Caller(flow(who=WHO), present=False)
    assert caller.outcome is None
    assert caller.is_silent().session.outcome is not None


def test_a_circle_that_nobody_answers_comes_to_an_end_with_bounded_words():
    nodes = {
        "hello": msgspec.structs.replace(HELLO, exits={"next": "menu"}),
        "menu": msgspec.structs.replace(MENU, exits={**MENU.exits, "timeout": "hello"}),
    }
    caller = Caller(flow(**nodes), present=False)
    assert caller.outcome.because == "too_many_steps"
    assert len(caller.outcome.say) == MAX_UNHEARD


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(flows(sound=True, most=6))
def test_nothing_is_ever_asked_of_who_is_not_there(document):
    turn = start(World(document), present=False)
    while turn.session.outcome is None:
        assert isinstance(turn.does[-1], FindCustomer | AskSystem)
        turn = advance(turn.session, natural(turn), World(document), 1)
    assert turn.session.unheard == ()


def test_conditions_see_the_words_of_the_moment():
    says = Branch(
        cases=(
            Case(name="subject", when=Says(phrases=("refund",), where="subject")),
            Case(name="text", when=Says(phrases=("refund",), where="text")),
            Case(name="sender", when=Says(phrases=("refund",), where="sender")),
            Case(name="any", when=Says(phrases=("money",))),
        ),
        exits=dict.fromkeys(("subject", "text", "sender", "any", "otherwise"), "bye"),
    )
    made = flow(says=says)

    def way(written=(), **more):
        world = World(made)
        world.written = written
        return Caller(made, world=world, **more).walked[0][1]

    assert way(attributes={"subject": "My Refund"}) == "subject"
    assert way(("hello", "a refund, please")) == "text"
    assert way(address="refund@example.com") == "sender"
    assert way(attributes={"mail_from": "Refund Hunters"}) == "sender"
    assert way(("my money",), attributes={"subject": "x"}) == "any"
    assert way(attributes={"other": "refund"}) == "otherwise"


def test_an_attribute_written_on_the_way_is_seen_by_the_next_condition():
    made = flow(
        before=Branch(
            cases=(Case(name="there", when=Says(phrases=("refund",))),),
            exits={"there": "bye", "otherwise": "write"},
        ),
        write=SetValues(attributes={"subject": "refund"}, exits={"next": "before"}),
    )
    assert [node for node, _ in Caller(made).walked] == ["before", "write", "before", "bye"]


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
