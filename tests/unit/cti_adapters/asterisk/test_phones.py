import pytest

from cti_adapters.asterisk.ami.codec import Message
from cti_adapters.asterisk.phones import NOT_REGISTERED, PRIVATE_CALL, Phones
from cti_adapters.asterisk.settings import PbxSettings


def said(phones, device, state):
    headers = (("Event", "DeviceStateChange"), ("Device", device), ("State", state))
    return phones.hear(Message(headers))


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
