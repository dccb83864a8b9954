"""``router.core.naming``: a person is named as well as is known, and never by a handle."""

import pytest

from router.core.model import Contact, CustomerRef
from router.core.naming import called


def contact(*, customer="", given="", address=""):
    return Contact(
        id="k",
        number=1,
        channel="chat",
        direction="inbound",
        arrived_at=0,
        address=address,
        customer=CustomerRef(id="c", name=customer) if customer else None,
        attributes={"name": given} if given else {},
    )


def test_the_record_comes_before_the_given_name_and_that_before_the_address():
    assert called(contact(customer="Mei Lin", given="M", address="+34600")) == "Mei Lin"
    assert called(contact(given="M", address="+34600")) == "M"
    assert called(contact(address="+34600")) == "+34600"
    assert called(contact(address="mei@example.com")) == "mei@example.com"


@pytest.mark.parametrize("address", ["", "visitor-8f2a", "+", "chat:anonymous 17"])
def test_a_technical_handle_is_no_name(address):
    assert called(contact(address=address)) == ""
