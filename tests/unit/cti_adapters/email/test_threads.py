"""``cti_adapters.email.threads``: which thread a mail belongs to, and who is a stranger there."""

from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.model import Address, Report
from cti_adapters.email.threads import (
    MAX_LINE,
    MAX_LISTED,
    MAX_LOOKED_UP,
    Candidates,
    Joined,
    choose,
    in_brackets,
    is_message_id,
    keys,
    references,
)
from cti_adapters.email.tokens import message_id, reply_address
from tests.unit.cti_adapters.email.some_mail import ANN, SECRET, US, mail

OUR_ID = message_id("t1", "1", SECRET, "patchbay.example")


class Thread(msgspec.Struct, frozen=True, kw_only=True):
    id: str = "t1"
    subject: str = "order"
    participants: tuple[str, ...] = (ANN,)
    updated_at: int = 0


def judged(letter, *found, named=(), about=()):
    return choose(
        letter, keys(letter, SECRET), Candidates(of_messages=found, named=named, about=about)
    )


texts = st.text(max_size=40)
letters = st.builds(
    mail,
    sender=texts,
    to=texts,
    subject=texts,
    in_reply_to=st.lists(texts, max_size=60).map(tuple),
    references=st.lists(texts, max_size=60).map(tuple),
    message_id=texts,
)
threads = st.lists(
    st.builds(Thread, id=st.sampled_from(["t1", "t2", "t3"]), updated_at=st.integers(0, 9)),
    max_size=4,
)


@given(letters, threads, threads, threads)
def test_whatever_was_forged_a_thread_that_was_found_is_chosen_or_none(letter, one, two, three):
    joined = judged(letter, *one, named=two, about=three)
    found = {thread.id for thread in (*one, *two, *three)}
    assert joined is None or joined.thread in found


@given(letters, threads, threads, threads)
def test_nobody_joins_unmarked_who_has_had_no_part(letter, one, two, three):
    joined = judged(letter, *one, named=two, about=three)
    if joined is not None and letter.sender.address.lower() != ANN:
        assert joined.stranger
        assert joined.by != "subject"


@given(letters)
def test_what_is_looked_up_is_bounded(letter):
    found = keys(letter, SECRET)
    assert len(found.message_ids) <= MAX_LOOKED_UP
    assert len(set(found.message_ids)) == len(found.message_ids)
    assert "" not in found.message_ids
    assert found.signed == found.addressed == ()


@given(letters)
def test_the_references_of_an_answer_stand_in_one_header(letter):
    ids = references(letter)
    assert len(ids) <= MAX_LISTED
    assert len(in_brackets(ids)) <= MAX_LINE
    answer = EmailMessage(policy=SMTP.clone(max_line_length=998))
    answer["References"] = in_brackets(ids)
    sent = answer.as_bytes()
    assert max(map(len, sent.split(b"\r\n"))) <= 998
    back = message_from_bytes(sent, policy=SMTP)
    assert back.keys() == ["References"]
    assert str(back["References"]).split() == in_brackets(ids).split()


def test_an_answer_refers_to_the_first_and_the_newest():
    chain = tuple(f"{n}-{'x' * 90}@example.com" for n in range(40))
    ids = references(mail(references=chain, message_id="newest@example.com"))
    assert ids[0] == chain[0]
    assert ids[-2:] == (chain[-1], "newest@example.com")
    assert list(ids[1:-1]) == list(chain[-len(ids) + 2 :])
    assert len(ids) > 4


def test_without_references_what_it_answers_is_referred_to():
    ids = references(mail(in_reply_to=("a@x", "b@x"), message_id="c@x"))
    assert ids == ("a@x", "c@x")
    assert references(mail()) == ()


@pytest.mark.parametrize("bad", ["", "a b", "a>", "<a", "a\r\nBcc: x", "ä@x", "a" * 251, "a\tb"])
def test_what_could_break_out_of_a_header_is_referred_to_by_nobody(bad):
    assert not is_message_id(bad)
    assert references(mail(message_id=bad, references=("a@x", bad))) == ("a@x",)


def test_an_answer_finds_its_thread_by_what_it_refers_to():
    answer = mail(in_reply_to=("known@x",), references=("first@x", "known@x"))
    assert keys(answer, SECRET).message_ids == ("known@x", "first@x")
    assert judged(answer, Thread()) == Joined(thread="t1", by="reference")


def test_our_own_message_id_finds_it_when_the_store_has_forgotten():
    answer = mail(references=("other@x", OUR_ID))
    assert keys(answer, SECRET).signed == ("t1",)
    assert judged(answer, named=(Thread(),)) == Joined(thread="t1", by="reference")


def test_a_signature_is_worth_more_than_an_id_that_anybody_could_have_read():
    answer = mail(in_reply_to=("seen@x",), references=(OUR_ID,))
    joined = judged(answer, Thread(id="other", updated_at=9), named=(Thread(),))
    assert joined == Joined(thread="t1", by="reference")


def test_of_several_threads_the_newest_is_meant():
    answer = mail(in_reply_to=("a@x", "b@x"))
    found = Thread(id="old", updated_at=1), Thread(id="new", updated_at=2)
    assert judged(answer, *found).thread == "new"


def test_a_signed_address_finds_it_without_any_reference():
    answer = mail(to=reply_address(US, "t1", SECRET), subject="something else")
    assert judged(answer, named=(Thread(),)) == Joined(thread="t1", by="address")


def test_a_signed_address_is_seen_where_the_mail_was_delivered():
    answer = mail(headers={"delivered-to": (reply_address(US, "t1", SECRET),)})
    assert keys(answer, SECRET).addressed == ("t1",)


def test_references_come_before_the_address_and_that_before_the_subject():
    answer = mail(in_reply_to=("a@x",), to=reply_address(US, "t2", SECRET), subject="Re: Order")
    named, about = (Thread(id="t2"),), (Thread(id="t3"),)
    assert judged(answer, Thread(), named=named, about=about).by == "reference"
    assert judged(answer, named=named, about=about).by == "address"
    assert judged(answer, about=about) == Joined(thread="t3", by="subject")


def test_who_guesses_a_reference_or_was_forwarded_one_is_a_stranger():
    for answer in (
        mail(sender="eve@evil.example", in_reply_to=("a@x",)),
        mail(sender="eve@evil.example", references=(OUR_ID,)),
        mail(sender="eve@evil.example", to=reply_address(US, "t1", SECRET)),
    ):
        joined = judged(
            answer, *(() if answer.in_reply_to == () else (Thread(),)), named=(Thread(),)
        )
        assert joined is not None
        assert joined.stranger


def test_a_subject_is_believed_of_those_only_who_have_had_part():
    assert judged(mail(subject="RE: order"), about=(Thread(),)).by == "subject"
    assert judged(mail(sender="eve@evil.example", subject="Re: order"), about=(Thread(),)) is None
    assert judged(mail(sender="", subject="Re: order"), about=(Thread(participants=("",)),)) is None
    assert judged(mail(subject="Re: other"), about=(Thread(),)) is None
    assert judged(mail(subject="Re:"), about=(Thread(subject=""),)) is None


def test_a_bounce_of_what_we_signed_belongs_to_its_thread_and_is_no_stranger():
    about = Report(action="failed", recipient=ANN, about=OUR_ID)
    bounce = mail(sender="mailer-daemon@mx.example", reports=(about,))
    assert judged(bounce, Thread()) == Joined(thread="t1", by="report")
    forged = mail(sender="eve@x", reports=(Report(action="failed", recipient="x", about="seen@x"),))
    assert judged(forged, Thread()) == Joined(thread="t1", by="report", stranger=True)


def test_names_and_capitals_make_no_stranger():
    answer = mail(in_reply_to=("a@x",))
    answer = msgspec.structs.replace(answer, sender=Address(address="Ann@EXAMPLE.com", name="A"))
    assert judged(answer, Thread()).stranger is False


# -- what mails meet in ---------------------------------------------------------------------------


def meet(letter):
    return set(keys(letter, SECRET).meet(letter.message_id))


def test_mails_meet_in_whatever_can_make_them_of_one_thread():
    first = mail(message_id="a@x", subject="Order")
    assert meet(first) & meet(mail(message_id="b@x", subject="Re: order"))
    assert meet(first) & meet(mail(message_id="b@x", subject="Other", in_reply_to=("a@x",)))
    assert meet(first) & meet(mail(message_id="b@x", subject="Other", references=("a@x",)))
    assert meet(first) & meet(mail(message_id="a@x", subject="Other"))
    addressed = {"to": reply_address(US, "t1", SECRET)}
    ours = mail(message_id="b@x", subject="", in_reply_to=(OUR_ID,))
    assert meet(ours) & meet(mail(message_id="c@x", subject="Other", **addressed))


def test_mails_of_others_or_about_something_else_do_not_meet():
    first = mail(message_id="a@x", subject="Order")
    assert not meet(first) & meet(mail(message_id="b@x", subject="Other"))
    assert not meet(first) & meet(mail(message_id="b@x", subject="Order", sender="eve@y.example"))
    assert not meet(mail(message_id="", subject="")) & meet(mail(message_id="", subject=""))
