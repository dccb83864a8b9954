"""Look-ups in the studio: the form offers the connectors there are, a trial says their answers."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Page, expect

from tests.e2e.pages.test_studio import DOCUMENT, KNOWN, SHOWN, answers, drafts, outline
from tests.e2e.windows import picture

__all__ = ["answers"]  # a fixture of the studio's other tests

ASK: dict[str, Any] = {
    "kind": "look_up",
    "label": "Balance",
    "connector": "crm",
    "parameters": {"account": "{address}"},
    "take": {"debt": "balance_due"},
    "exits": {"found": "support", "not_found": "support", "failed": "support"},
}
FLOW = {**DOCUMENT, "start": "ask", "nodes": {"ask": ASK, **DOCUMENT["nodes"]}}
TRIED = {
    "path": [],
    "heard": [],
    "asks": None,
    "session": {
        "attributes": {},
        "language": "en",
        "customer": None,
        "frames": [{"flow": "main", "version": 0, "node": "ask"}],
        "outcome": None,
    },
    "differs": "",
}


def asking(service, connectors: dict[str, str]) -> None:
    service.answers["flows/known"] = {**KNOWN, "connectors": connectors}
    service.answers["flows/main"] = {**SHOWN, "draft": {**SHOWN["draft"], "document": FLOW}}


def test_the_form_of_a_look_up_offers_the_connectors_there_are(service, page: Page) -> None:
    asking(service, {"billing": "Billing", "crm": "crm"})
    outline(page)
    page.get_by_role("button", name=re.compile("Balance")).first.click()
    form = page.get_by_role("group", name="Node Balance")
    offered = form.get_by_label("Connector")
    expect(offered).to_have_value("crm")
    offered.select_option(label="Billing (billing)")
    expect(page.get_by_text("Saved")).to_be_visible()
    assert drafts(service)[-1][1]["nodes"]["ask"]["connector"] == "billing"
    picture(page, "studio-look-up")


def test_a_trial_says_what_a_look_up_answers(service, page: Page) -> None:
    asking(service, {"crm": "Customers"})
    service.answers["flows/try"] = TRIED
    outline(page)
    page.get_by_role("tab", name="Try").click()
    world = page.get_by_role("group", name="Connector Customers")
    if not world.is_visible():
        page.get_by_text("The caller and the world").click()
    world.get_by_label("Answers").select_option(label="Found")
    world.get_by_label("balance_due").fill("12.50")
    picture(page, "studio-look-up-tried")
    page.get_by_role("button", name="Begin", exact=True).click()
    expect(page.get_by_role("button", name="Say nothing")).to_be_visible()
    *_, tried = [body for _, path, body in service.asked if path.endswith("flows/try")]
    crm = {"result": "found", "answer": {"balance_due": "12.50"}}
    assert tried["conversation"]["given"]["systems"] == {"crm": crm}
