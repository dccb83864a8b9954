"""Signing in."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

ANN = {"user": "ann", "name": "Ann Lee", "roles": ["agent"], "agent": "ann"}
WRONG = (401, {"error": {"code": "wrong", "message": "The user or the password is wrong."}})


def sign_in(page: Page) -> None:
    page.get_by_label("User").fill("ann")
    page.get_by_label("Password").fill("secret")
    page.keyboard.press("Enter")


def test_the_keyboard_alone_signs_in(page: Page, service: Any) -> None:
    service.answers["session"] = ANN
    page.goto("/login")
    expect(page.get_by_label("User")).to_be_focused()
    sign_in(page)
    page.wait_for_url("**/desk")
    assert ("POST", "session", {"user": "ann", "password": "secret"}) in service.asked


def test_a_wrong_password_is_said_and_what_was_typed_stays(page: Page, service: Any) -> None:
    service.answers["session"] = WRONG
    page.goto("/login")
    sign_in(page)
    expect(page.get_by_role("alert").get_by_text("is wrong")).to_be_visible()
    expect(page.get_by_label("User")).to_have_value("ann")


def test_nothing_is_sent_while_something_is_missing(page: Page, service: Any) -> None:
    page.goto("/login")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("Enter your user and your password.")).to_be_visible()
    assert service.asked == []


def test_the_page_asked_for_comes_after_signing_in(page: Page, service: Any) -> None:
    service.answers["session"] = ANN
    page.goto("/login?next=%2Fboard")
    sign_in(page)
    page.wait_for_url("**/board")


def test_another_site_is_never_the_next_page(page: Page, service: Any) -> None:
    service.answers["session"] = ANN
    page.goto("/login?next=https%3A%2F%2Fevil.example%2F")
    sign_in(page)
    page.wait_for_url("**/desk")


def test_the_language_can_be_chosen_before_signing_in(page: Page, service: Any) -> None:
    page.goto("/login")
    page.get_by_role("button", name="中文").click()
    expect(page.get_by_label("密码")).to_be_visible()
