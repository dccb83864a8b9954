"""``ivr.core.connector_checks``: a look-up and its connector agree before a flow is published."""

import msgspec
import pytest

from ivr.core.scope import Signature
from ivr.core.validation import validate
from tests.unit.ivr.core.judging import COLLECT, KNOWN, flow

CRM = Signature(
    needs=("account",), takes=("account", "pin", "day"), gives=("debt",), shows=("pin",)
)
KNOWING = msgspec.structs.replace(KNOWN, signatures={"crm": CRM})
FITS = {"parameters": {"account": "{address}"}, "take": {"owed": "debt"}}


def told(node, pin=True):
    exits = {"found": "end", "not_found": "end", "failed": "end"}
    asks = {"kind": "look_up", "connector": "crm", "exits": exits, **node}
    collect = {**COLLECT, "into": "pin", "secret": pin}
    collect["exits"] = {**COLLECT["exits"], "collected": "asks"}
    found = validate(flow(collect=collect, asks=asks), KNOWING)
    return [str(one) for one in found if "asks" in str(one)]


def test_a_look_up_that_fits_its_connector_has_no_problem():
    assert told(FITS) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"parameters": {}}, "the connector needs the parameter 'account'; add 'account: …'"),
        (
            {"parameters": {"account": "1", "pinn": "2"}},
            "the connector takes no parameter 'pinn'; did you mean 'pin'?",
        ),
        ({"take": {"owed": "dept"}}, "answer has no field 'dept'; did you mean 'debt'?"),
        ({"take": {"owed": "zzzzzzz"}}, "write one of: debt"),
        ({"parameters": {"account": "1", "pin": "{pin}"}}, "this secret would be in an address"),
    ],
)
def test_what_does_not_fit_is_said_with_what_to_do(change, says):
    (only,) = told({**FITS, **change})
    assert says in only


def test_what_is_no_secret_may_stand_in_an_address():
    assert told({**FITS, "parameters": {"account": "1", "pin": "{pin}"}}, pin=False) == []
