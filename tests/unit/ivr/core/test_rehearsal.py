"""``ivr.core.rehearsal``: where a flow would have led the contacts of the past."""

from flow_world import flows
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ivr.core.facts import Customer, LocalTime, QueueState
from ivr.core.rehearsal import MAX_CONTACTS, PastContact, led_elsewhere, rehearse
from ivr.core.script import Given
from tests.unit.ivr.core.judging import MENU, flow

MAILS = flow(
    sort={
        "kind": "branch",
        "cases": [
            {"name": "spam", "when": {"subject": ["you won", "crypto"]}},
            {"name": "money", "when": {"says": ["refund", "money back", "退款"]}},
            {"name": "gold", "when": {"tier": "gold"}},
        ],
        "exits": {"spam": "end", "money": "tag", "gold": "gold", "otherwise": "who"},
    },
    tag={
        "kind": "set",
        "attributes": {"topic": "refund"},
        "credit": "1m",
        "exits": {"next": "sales"},
    },
    sales={"kind": "queue", "queue": "sales", "say": "We look into it."},
    gold={"kind": "queue", "queue": "support", "steps": [{"ask": {"english": 3}}]},
    who={"kind": "identify", "exits": {"found": "hours", "several": "hours", "not_found": "hours"}},
    hours={"kind": "hours", "hours": "office", "exits": {"open": "ask", "closed": "box"}},
    ask={**MENU, "exits": {"1": "sales", "timeout": "support", "invalid": "end"}},
    support={"kind": "queue", "queue": "support"},
    box={"kind": "voicemail", "box": "office"},
)


def mail(key="m1", **more):
    return PastContact(id=key, channel="email", address="ann@example.com", **more)


def led(contact, **world):
    (found,) = rehearse(MAILS, [contact], given=Given(**world))
    return found


few = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
contacts = st.lists(
    st.builds(
        PastContact,
        id=st.text(max_size=20),
        channel=st.sampled_from(["email", "chat", "voice", "fax"]),
        address=st.text(max_size=30),
        subject=st.text(max_size=30),
        said=st.lists(st.text(max_size=50), max_size=3).map(tuple),
        attributes=st.dictionaries(st.sampled_from(["zone", "x"]), st.text(max_size=9)),
        customer=st.one_of(st.none(), st.just(Customer(id="c1", tier="gold"))),
    ),
    max_size=4,
    unique_by=lambda one: one.id,
)


@few
@given(flows(most=6), contacts)
def test_every_contact_is_told_of_and_twice_the_same(one, past):
    found = rehearse(one, past)
    assert [led.contact for led in found] == [contact.id for contact in past]
    assert found == rehearse(one, past)
    assert led_elsewhere(found, found) == ()


@few
@given(flows(sound=True, most=6), contacts)
def test_nobody_who_is_not_there_is_waited_for(one, past):
    for contact, found in zip(past, rehearse(one, past), strict=True):
        if contact.channel in ("email", "fax"):
            assert found.ends != "waiting"


def test_a_mail_is_led_by_its_words_with_tags_and_credit():
    found = led(mail(subject="Order 12", said=("I want my money back!",)))
    assert (found.ends, found.at) == ("queue", "sales")
    assert [(one.node, one.exit) for one in found.path] == [
        ("sort", "money"),
        ("tag", "next"),
        ("sales", ""),
    ]
    assert found.gives == {"topic": "refund"}
    assert found.boost == 60_000_000
    assert [line.text for line in found.says] == ["We look into it."]
    assert led(mail(subject="我想退款")).at == "sales"
    assert led(mail(subject="You won crypto")).ends == "hang_up"


def test_the_customer_of_then_decides_with_skills():
    found = led(mail(customer=Customer(id="c", tier="gold")))
    assert found.at == "support"
    assert len(found.steps) == 1


def test_what_asks_nobody_takes_its_time_out():
    found = led(mail(), queues={"support": QueueState(length=3)})
    assert [(one.node, one.exit) for one in found.path][-2:] == [
        ("ask", "timeout"),
        ("support", ""),
    ]
    assert led(mail(), hours={"office": "closed"}).at == "office"


def test_a_chat_is_taken_to_have_been_silent():
    found = rehearse(MAILS, [PastContact(id="c1", channel="chat")])[0]
    assert (found.ends, found.at) == ("queue", "support")


def test_the_time_of_then_counts():
    night = flow(
        clock={
            "kind": "branch",
            "cases": [{"name": "night", "when": {"time": "22:00-06:00"}}],
            "exits": {"night": "box", "otherwise": "end"},
        },
        box={"kind": "voicemail", "box": "office"},
    )
    past = [mail("a", time=LocalTime(minute=23 * 60)), mail("b")]
    assert [one.ends for one in rehearse(night, past)] == ["voicemail", "hang_up"]


def test_their_number_is_bounded():
    assert len(rehearse(MAILS, [mail()] * (MAX_CONTACTS + 50))) == MAX_CONTACTS


def test_what_another_version_would_change_is_told():
    past = [mail("a", said=("refund",)), mail("b")]
    other = replace(MAILS, nodes={**MAILS.nodes, "sales": MAILS.nodes["support"]})
    (changed,) = led_elsewhere(rehearse(MAILS, past), rehearse(other, past))
    assert (changed.contact, changed.before.at, changed.after.at) == ("a", "sales", "support")


def test_a_flow_that_cannot_go_on_says_why():
    broken = replace(MAILS, nodes={**MAILS.nodes, "tag": replace(MAILS.nodes["tag"], exits={})})
    (found,) = rehearse(broken, [mail(said=("refund",))])
    assert (found.because, found.at) == ("missing_exit", "support")
