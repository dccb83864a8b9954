"""Mails for the tests of what becomes of them."""

from cti_adapters.email.model import Address, Mail

SECRET = b"s" * 32
ANN = "ann@example.com"
US = "support@patchbay.example"


def mail(sender=ANN, to=US, **more):
    given = {"digest": "d" * 64, "size": 100, **more}
    return Mail(sender=Address(address=sender), to=(Address(address=to),), **given)
