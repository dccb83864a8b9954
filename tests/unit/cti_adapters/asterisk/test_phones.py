import pytest

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.phones import NOT_REGISTERED, PRIVATE_CALL, Phones
from cti_adapters.asterisk.settings import PbxSettings


def state_of(device, state):
    return Message((("Event", "DeviceStateChange"), ("Device", device), ("State", state)))


def said(phones, device, state):
    return phones.hear(state_of(device, state))


@pytest.mark.parametrize(
    ("state", "in_use", "why"),
    [
        ("NOT_INUSE", False, ""),
        ("UNAVAILABLE", False, NOT_REGISTERED),
        ("INVALID", False, NOT_REGISTERED),
        ("INUSE", False, PRIVATE_CALL),
        ("INUSE", True, ""),
        ("UNAVAILABLE", True, NOT_REGISTERED),
        ("nonsense", False, ""),
    ],
)
def test_why_a_phone_may_not_be_rung(state, in_use, why):
    phones = Phones(PbxSettings())
    phones.serve(["ann"])
    assert said(phones, "PJSIP/ann", state) == "ann"
    assert phones.why_not("ann", in_use_for_us=in_use) == why


def test_a_phone_is_known_before_its_agent():
    phones = Phones(PbxSettings(phones={"dan": "PJSIP/6001"}))
    assert said(phones, "PJSIP/6001", "UNAVAILABLE") is None
    phones.serve(["dan"])
    assert phones.why_not("dan", in_use_for_us=False) == NOT_REGISTERED


def test_a_new_list_forgets_what_is_not_in_it():
    phones = Phones(PbxSettings())
    said(phones, "PJSIP/ann", "UNAVAILABLE")
    phones.begin_list()
    phones.take_stock([state_of("PJSIP/ben", "INUSE")])
    assert phones.why_not("ann", in_use_for_us=False) == ""
    assert phones.why_not("ben", in_use_for_us=False) == PRIVATE_CALL


def test_what_changes_while_it_is_listed_counts():
    phones = Phones(PbxSettings())
    phones.begin_list()
    said(phones, "PJSIP/ann", "UNAVAILABLE")
    phones.take_stock([state_of("PJSIP/ann", "NOT_INUSE")])
    assert phones.why_not("ann", in_use_for_us=False) == NOT_REGISTERED


def test_what_changed_before_a_list_was_asked_for_does_not():
    phones = Phones(PbxSettings())
    said(phones, "PJSIP/ann", "UNAVAILABLE")
    phones.begin_list()
    phones.take_stock([state_of("PJSIP/ann", "NOT_INUSE")])
    assert phones.why_not("ann", in_use_for_us=False) == ""


def test_nothing_is_known_without_a_connection():
    phones = Phones(PbxSettings())
    assert not phones.known
    phones.begin_list()
    phones.take_stock([state_of("PJSIP/ann", "UNAVAILABLE")])
    assert phones.known
    phones.forget()
    assert not phones.known
    assert phones.why_not("ann", in_use_for_us=False) == ""
