"""``ivr.connectors.definitions``: what flows know of a connector."""

from ivr.connectors.definitions import Connector, Parameter, Reading
from router.outgoing.templates import parse_template


def test_its_signature_is_what_it_takes_gives_and_shows():
    connector = Connector(
        id="crm",
        label="The CRM",
        host="crm.example",
        port=443,
        path=(parse_template("{account}"),),
        query=(("d", parse_template("{day}-{account}")),),
        body={"pin": parse_template("{pin}")},
        parameters={
            "account": Parameter(),
            "day": Parameter(optional=True),
            "pin": Parameter(),
        },
        reading=Reading(fields={"debt": ("debt",)}),
    )
    known = connector.signature
    assert (known.label, known.gives) == ("The CRM", ("debt",))
    assert known.needs == ("account", "pin")
    assert known.takes == ("account", "day", "pin")
    assert known.shows == ("account", "day")
