"""A simulated call from the telephone number to the customer's timeline, by keyboard."""

from __future__ import annotations

import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.e2e.centre import Centre, until
from tests.e2e.people import SLOW, Desk
from tests.e2e.windows import Windows, picture

MARIA = "+13055550142"  # one customer
OSBORNE = "+442079460462"
WHITAKERS = "+447700900702"  # a family: three customers
STRANGER = "+447700900999"


def record_of(centre: Centre, number: str) -> dict[str, Any]:
    """The one customer with this number, as the API has them."""
    api = centre.api("sue")
    found = api.get("/api/v1/customers", params={"search": number}).json()["customers"]
    assert len(found) == 1
    record: dict[str, Any] = api.get(f"/api/v1/customers/{found[0]['customer']['id']}").json()
    return record


def ended(centre: Centre, number: str, contact: str) -> dict[str, Any]:
    """The line of the contact in its customer's timeline, once it is there."""

    def look() -> dict[str, Any] | None:
        lines = record_of(centre, number)["history"]
        return next((line for line in lines if line["contact"] == contact), None)

    return until(look, within=30, what="the contact is in the customer's timeline")


def expect_record(place: Locator, record: dict[str, Any]) -> None:
    expect(place).to_contain_text(record["name"], timeout=SLOW)
    expect(place).to_contain_text(record["tier"].capitalize())
    worth = place.get_by_title(f"Worth per year: {record['value']:,}", exact=True)
    expect(worth.first).to_be_visible()


def test_a_person_signs_in_and_comes_to_the_desk(centre: Centre, windows: Windows) -> None:
    page = windows.window().new_page()
    page.goto("/desk")
    page.wait_for_url("**/login?next=%2Fdesk")
    expect(page.get_by_label("User")).to_be_focused()
    page.keyboard.type("ann")
    page.keyboard.press("Tab")
    page.keyboard.type("not the password")
    page.keyboard.press("Enter")
    expect(page.locator("#problem")).to_contain_text("is wrong", timeout=SLOW)
    picture(page, "login-wrong")
    page.keyboard.type(centre.signins.password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk")
    expect(Desk(page).state).to_be_visible(timeout=SLOW)


def test_a_call_is_handled_with_the_keyboard_and_stays_in_the_timeline(
    centre: Centre, windows: Windows
) -> None:
    record = record_of(centre, MARIA)
    assert (record["name"], record["tier"]) == ("María Díaz", "gold")
    assert record["value"] > 0
    desk = windows.desk("ann")
    keys = desk.page.keyboard
    picture(desk.page, "desk-just-signed-in")
    keys.press("r")
    expect(desk.state).to_contain_text("Ready", timeout=SLOW)
    contact = centre.call(MARIA, choice="1")
    expect_record(desk.offer, record)
    expect_record(desk.customer, record)
    expect(desk.offer).to_contain_text("Billing English")
    expect(desk.offer.get_by_role("timer")).to_have_text(re.compile(r"\d+ s"))
    picture(desk.page, "desk-offer-call")
    keys.press("Enter")
    expect(desk.work).to_contain_text(f"On the phone with {record['name']}", timeout=SLOW)
    expect_record(desk.customer, record)
    picture(desk.page, "desk-call")
    keys.press("h")
    expect(desk.work).to_contain_text(f"{record['name']} is on hold", timeout=SLOW)
    keys.press("h")
    expect(desk.work).to_contain_text(f"On the phone with {record['name']}", timeout=SLOW)
    keys.press("n")
    keys.type("Wants one invoice for home and mobile")
    keys.press("Escape")
    keys.press("e")
    expect(desk.page.get_by_role("dialog")).to_be_visible()
    keys.press("Enter")
    expect(desk.outcome).to_be_focused(timeout=SLOW)
    keys.type("Payment")
    keys.press("Enter")
    expect(desk.outcome).to_have_value("Payment plan")
    picture(desk.page, "desk-call-wrap-up")
    keys.press("Alt+Enter")
    expect(desk.contacts).to_contain_text("No contacts yet", timeout=SLOW)
    line = ended(centre, MARIA, contact)
    assert line["disposition"] == "Payment plan"
    assert line["agent"] == "ann"
    assert line["channel"] == "voice"
    assert "Wants one invoice for home and mobile" in line["summary"]


def test_the_next_call_of_the_same_customer_shows_how_the_last_one_ended(
    centre: Centre, windows: Windows
) -> None:
    desk = windows.desk("ann").be_ready()
    centre.call(MARIA, choice="1")
    expect(desk.offer).to_contain_text("María Díaz", timeout=SLOW)
    past = desk.customer.get_by_role("listitem").first
    expect(past).to_contain_text("Billing English · Payment plan · Ann Lindqvist")
    expect(past).to_contain_text("Wants one invoice for home and mobile")
    desk.accept()
    desk.end()
    desk.wrap_up("Explained")


def test_one_of_several_customers_with_a_number_is_chosen(centre: Centre, windows: Windows) -> None:
    desk = windows.desk("ann").be_ready()
    contact = centre.call(WHITAKERS, choice="1")
    for name in ("Edith Whitaker", "Noah Whitaker", "Poppy Whitaker"):
        choice = desk.customer.get_by_role("button", name=f"It is {name}")
        expect(choice).to_be_disabled(timeout=SLOW)  # it is only offered yet
        expect(choice).to_contain_text("same phone")
    picture(desk.page, "desk-offer-several")
    desk.accept()
    picture(desk.page, "desk-call-several")
    desk.customer.get_by_role("button", name="It is Poppy Whitaker").click()
    expect(desk.customer.get_by_role("heading", name="Poppy Whitaker")).to_be_visible(timeout=SLOW)
    expect(desk.work).to_contain_text("On the phone with Poppy Whitaker", timeout=SLOW)
    shown = centre.api("sue").get(f"/api/v1/contacts/{contact}").json()
    assert shown["customer"]["name"] == "Poppy Whitaker"
    desk.end()
    desk.wrap_up("Explained")


def test_an_unknown_caller_is_created_in_place_and_known_the_next_time(
    centre: Centre, windows: Windows
) -> None:
    desk = windows.desk("ann").be_ready()
    first = centre.call(STRANGER, choice="1")
    expect(desk.offer).to_contain_text(STRANGER, timeout=SLOW)
    picture(desk.page, "desk-offer-nobody-known")
    desk.accept()
    expect(desk.customer).to_contain_text("Nobody known by this address", timeout=SLOW)
    picture(desk.page, "desk-call-nobody-known")
    desk.customer.get_by_label("Name", exact=True).fill("Rosa Lindgren")
    desk.customer.get_by_role("button", name="Create customer").click()
    expect(desk.customer.get_by_role("heading", name="Rosa Lindgren")).to_be_visible(timeout=SLOW)
    desk.end()
    desk.wrap_up("Explained")
    assert ended(centre, STRANGER, first)["disposition"] == "Explained"
    centre.call(STRANGER, choice="1")
    expect(desk.offer).to_contain_text("Rosa Lindgren", timeout=SLOW)
    desk.accept()
    desk.end()
    desk.wrap_up("Explained")
    desk.sign_out()


def test_a_call_is_handled_in_chinese(centre: Centre, windows: Windows) -> None:
    record = record_of(centre, OSBORNE)
    page = windows.window("ann", locale="zh-CN").new_page()
    page.goto("/desk")
    expect(page.locator("html")).to_have_attribute("lang", "zh-CN")
    page.get_by_role("button", name="切换为就绪").first.click()
    picture(page, "desk-zh-idle")
    contact = centre.call(OSBORNE, choice="2")
    offer = page.get_by_role("region", name="来访")
    expect(offer).to_contain_text(record["name"], timeout=SLOW)
    picture(page, "desk-zh-offer")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=record["name"]).first).to_be_visible(timeout=SLOW)
    picture(page, "desk-zh-call")
    page.keyboard.press("e")
    page.keyboard.press("Enter")
    outcome = page.get_by_role("combobox")
    expect(outcome).to_be_focused(timeout=SLOW)
    page.keyboard.type("Solved")
    page.keyboard.press("Enter")
    picture(page, "desk-zh-wrap-up")
    page.keyboard.press("Alt+Enter")
    assert ended(centre, OSBORNE, contact)["disposition"] == "Solved"
