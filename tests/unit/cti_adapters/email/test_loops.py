"""``cti_adapters.email.loops``: no machine is answered by a machine."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti_adapters.email.loops import HEADERS, MARK, automatic, headers_of_ours, hops
from cti_adapters.email.model import Report
from tests.unit.cti_adapters.email.some_mail import ANN, US, mail

OWN = (US, "Sales@patchbay.example")


def why(sender=ANN, **more):
    return automatic(mail(sender, **more), OWN)


def with_header(name, value):
    return why(headers={name: (value,)})


@given(
    st.text(max_size=40),
    st.text(max_size=80),
    st.one_of(st.none(), st.text(max_size=40)),
    st.dictionaries(
        st.sampled_from(sorted(HEADERS)), st.lists(st.text(max_size=40), max_size=2).map(tuple)
    ),
)
def test_whatever_is_written_there_is_a_reason_or_none(sender, subject, path, headers):
    reason = automatic(mail(sender, subject=subject, return_path=path, headers=headers), OWN)
    assert reason.isprintable()
    assert not reason.endswith(".")


@given(st.integers(0, 200))
def test_what_we_send_by_ourselves_is_seen_as_automatic_by_us(count):
    sent = headers_of_ours(mail(headers={MARK.lower(): (str(count),)}))
    for name, value in sent.items():
        assert with_header(name.lower(), value)
    assert int(sent[MARK]) <= 99


def test_a_person_is_answered():
    assert why() == ""
    assert why(return_path="<ann@example.com>", subject="Where is my order?") == ""
    assert why(subject="Auto insurance") == ""
    assert why(subject="Office out of paper") == ""
    assert why("reply.no@example.com") == ""
    assert why("postmasters-shop@example.com") == ""


@pytest.mark.parametrize(
    "more",
    [
        {"return_path": ""},
        {"return_path": "<>"},
        {"return_path": " "},
        {"reports": (Report(action="failed", recipient=ANN),)},
        {"headers": {"content-type": ("multipart/report; report-type=delivery-status",)}},
        {"headers": {"content-type": ("Message/Disposition-Notification",)}},
        {"return_path": "bounces+ann=example.com@mail.example"},
    ],
)
def test_bounces_and_reports_are_not_answered(more):
    assert why(**more)


@pytest.mark.parametrize(
    "sender",
    [
        "MAILER-DAEMON@mx.example",
        "postmaster@mx.example",
        "bounce@lists.example",
        "noreply@shop.example",
        "No-Reply@shop.example",
        "no_reply+12@shop.example",
        "shop.noreply@shop.example",
        "donotreply@shop.example",
        "do-not-reply-orders@shop.example",
        "nepasrepondre@shop.example",
        "nicht.antworten@shop.example".replace(".a", "-a"),
        US,
        "SUPPORT@Patchbay.example",
        "support+t-abc-def@patchbay.example",
        "sales@patchbay.example",
        "",
    ],
)
def test_senders_who_read_no_answers_and_we_ourselves_are_not_answered(sender):
    assert why(sender)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auto-submitted", "auto-replied"),
        ("auto-submitted", "Auto-Generated; owner-email=x@y"),
        ("auto-submitted", "(vacation) auto-notified"),
        ("auto-submitted", ""),
        ("precedence", "bulk"),
        ("precedence", " LIST "),
        ("precedence", "junk"),
        ("precedence", "auto_reply"),
        ("list-id", "<news.example.com>"),
        ("list-unsubscribe", "<https://x.example>"),
        ("x-auto-response-suppress", "All"),
        ("x-auto-response-suppress", "DR, OOF, AutoReply"),
        ("x-autoreply", "yes"),
        ("x-autorespond", "Re: hello"),
        ("x-loop", "support@example.com"),
        ("delivered-to", "Autoresponder"),
        (MARK.lower(), "1"),
    ],
)
def test_headers_of_machines_and_lists_are_heeded(name, value):
    assert with_header(name, value)
    assert name in HEADERS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("auto-submitted", "no"),
        ("auto-submitted", " No (a person)"),
        ("precedence", "first-class"),
        ("x-auto-response-suppress", "None"),
        ("x-auto-response-suppress", "DR, RN"),
        ("x-autoreply", "no"),
        ("content-type", "multipart/alternative; boundary=report"),
        ("delivered-to", ANN),
    ],
)
def test_headers_of_people_are_no_hindrance(name, value):
    assert with_header(name, value) == ""


@pytest.mark.parametrize(
    "subject",
    [
        "Out of Office: back on Monday",
        "Automatic reply: your order",
        "Re: Auto-Reply",
        "Automatische Antwort: Bestellung",
        "Abwesenheitsnotiz",
        "Réponse automatique : commande",
        "自动回复：您的订单",
        "自動返信",
        "Undeliverable: your order",
        "Mail delivery failed: returning message to sender",
    ],
)
def test_subjects_of_absence_are_a_sign(subject):
    assert why(subject=subject)


def test_an_answer_counts_the_machines_before_it():
    assert hops(mail()) == 0
    assert hops(mail(headers={MARK.lower(): ("2", "x", "-1", "1" * 400)})) == 2
    assert headers_of_ours(mail(headers={MARK.lower(): ("2",)}))[MARK] == "3"
    assert headers_of_ours()["Auto-Submitted"] == "auto-generated"
    assert headers_of_ours(mail())["Auto-Submitted"] == "auto-replied"
