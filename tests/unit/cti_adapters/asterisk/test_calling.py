import pytest

from cti_adapters.asterisk.calling import call_customer, ring_agent
from cti_adapters.asterisk.legs import CUSTOMER, Leg
from cti_adapters.asterisk.settings import PbxSettings
from router.core.model import Contact

SETTINGS = PbxSettings(phones={"ben": "SIP/1001"}, trunk="PJSIP/{number}@trunk")


def contact(contact_id):
    return Contact(
        id=contact_id,
        number=1,
        channel="voice",
        direction="inbound",
        arrived_at=0,
        address="+441632960001",
    )


def variables(ask):
    return [value for name, value in ask.headers if name == "Variable"]


def test_a_phone_is_told_which_contact_it_rings_for():
    ask = ring_agent(Leg(unique="pb:1", agent="ann"), contact("pbx-1700000000.17"), SETTINGS, 1)
    assert variables(ask) == ["PJSIP_HEADER(add,X-Patchbay-Contact)=pbx-1700000000.17"]


def test_a_phone_that_is_not_of_this_kind_is_not_told():
    ask = ring_agent(Leg(unique="pb:1", agent="ben"), contact("pbx-1"), SETTINGS, 1)
    assert variables(ask) == []


@pytest.mark.parametrize("hostile", ["", "a b", "a,b=c", "a)b", "a\r\nb", "${b}", "李", "x" * 129])
def test_an_id_that_could_mean_more_is_not_told(hostile):
    ask = ring_agent(Leg(unique="pb:1", agent="ann"), contact(hostile), SETTINGS, 1)
    assert variables(ask) == []


def test_customers_are_told_nothing():
    assert variables(call_customer(Leg(unique="pb:1", agent=CUSTOMER), "+44", SETTINGS)) == []
