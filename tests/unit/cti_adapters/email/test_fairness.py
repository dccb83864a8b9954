"""The order of fetching: fair among senders, and never a mail forgotten."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.fairness import FairLine, sender_of

senders = st.lists(st.sampled_from("aaaabc"), min_size=1, max_size=60)


def order(line):
    fetched = []
    while (uid := line.take()) is not None:
        fetched.append(uid)
        line.passed(uid)
    return fetched


@given(senders)
def test_each_is_fetched_once_and_a_senders_own_in_their_order(names):
    line = FairLine(10)
    for uid, name in enumerate(names, start=11):
        line.add(uid, name)
    fetched = order(line)
    assert sorted(fetched) == list(range(11, 11 + len(names)))
    for name in set(names):
        own = [uid for uid in fetched if names[uid - 11] == name]
        assert own == sorted(own)
    assert line.done == line.seen == 10 + len(names)


@given(senders, st.data())
def test_up_to_done_everything_was_passed_at_every_moment(names, data):
    line, under_way, passed = FairLine(0), [], set()
    for uid, name in enumerate(names, start=1):
        line.add(uid, name)
        for _ in range(data.draw(st.integers(0, len(line)))):
            under_way += [line.take()]
        for _ in range(data.draw(st.integers(0, len(under_way)))):
            passed.add(one := under_way.pop(data.draw(st.integers(0, len(under_way) - 1))))
            line.passed(one)
            assert set(range(1, line.done + 1)) <= passed
            assert line.done + 1 not in passed


def test_who_comes_during_a_flood_is_next():
    line = FairLine(0)
    for uid in range(1, 5_001):
        line.add(uid, "flood@x.example")
    for _ in range(100):
        line.passed(line.take())
    line.add(5_001, "maria@example.org")
    assert line.take() == 5_001
    line.passed(5_001)
    assert (line.take(), line.done) == (101, 100)


def test_customers_come_before_a_flood_of_many_senders_and_do_not_hold_it_up_for_ever():
    line = FairLine(0)
    for uid in range(1, 101):
        line.add(uid, f"b{uid}@x.example")
    for uid in range(101, 114):
        line.add(uid, "maria@example.org", customer=True)
    assert order(line)[:11] == [*range(101, 111), 1]


def test_copies_of_ours_keep_the_folders_order_however_many_they_are():
    line = FairLine(0)
    for uid in range(1, 11):
        line.add(uid, "support@example.com", our_own=True)
    line.add(11, "maria@example.org")
    assert order(line) == list(range(1, 12))


@pytest.mark.parametrize(
    ("field", "sender"),
    [
        (b"From: Maria <Maria+Shop@Example.org>\r\n\r\n", "maria@example.org"),
        (b'FROM: "a@b.example" <maria@example.org>', "maria@example.org"),
        (b"From:\r\n maria@example.org", "maria@example.org"),
        (b"From: \xff\xfe", ""),
        (b"", ""),
        (b"From: <" + b"<" * 400, ""),
    ],
)
def test_senders_are_told_apart_by_their_addresses(field, sender):
    assert sender_of(field) == sender
