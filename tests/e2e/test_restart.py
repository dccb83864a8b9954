"""The service dies in the middle of a chat and comes back with the data it kept."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.centre import QUIET, Centre, free_port
from tests.e2e.windows import Windows, picture

COMES_BACK = 60_000  # milliseconds; pages wait longer from attempt to attempt


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "data"


@pytest.fixture(scope="module")
def centre(make_centre: Callable[..., Centre], kept: Path) -> Centre:
    return make_centre(*QUIET, "--keep", str(kept), port=free_port())


def test_a_chat_goes_on_after_kill_9_with_every_line_once(
    centre: Centre, windows: Windows, kept: Path
) -> None:
    ann = windows.desk("ann").be_ready()
    visitor = windows.visitor()
    visitor.start("Petra", "billing", "I want to pay by the month.")
    ann.accept()
    ann.say("Gladly. Which contract is it?")
    visitor.say("Number 4411.")
    lines = ["I want to pay by the month.", "Gladly. Which contract is it?", "Number 4411."]
    for thread in (ann.thread, visitor.thread):
        expect(thread).to_have_text(lines, timeout=COMES_BACK)

    address = centre.url
    centre.kill()
    expect(ann.page.get_by_text("Reconnecting… your work is kept.")).to_be_visible(
        timeout=COMES_BACK
    )
    expect(visitor.chat.locator(".bar")).to_contain_text("Reconnecting", timeout=COMES_BACK)
    ann.say("One moment, please.")
    visitor.say("Hello?")
    picture(ann.page, "desk-reconnecting")
    picture(visitor.page, "chat-reconnecting")
    expect(ann.thread).to_have_text([*lines, "One moment, please."])  # shown as on its way

    centre.start()
    assert centre.url == address
    expect(ann.thread).to_have_count(5, timeout=COMES_BACK)
    expect(visitor.thread).to_have_count(5, timeout=COMES_BACK)
    expect(ann.page.get_by_text("sending…")).to_have_count(0, timeout=COMES_BACK)
    expect(ann.page.get_by_text("Reconnecting…")).to_have_count(0)
    expect(visitor.chat.locator(".bar")).to_be_empty()
    after = ann.thread.all_inner_texts()
    assert after[:3] == lines
    assert sorted(after[3:]) == ["Hello?", "One moment, please."]
    expect(visitor.thread).to_have_text(after)

    ann.say("Done: it starts on the first.")
    visitor.say("Thank you!")
    for thread in (ann.thread, visitor.thread):
        expect(thread).to_have_count(7, timeout=COMES_BACK)
    ann.end()
    ann.wrap_up("Payment plan")
    expect(visitor.status).to_contain_text("This chat has ended", timeout=COMES_BACK)
    assert list(kept.glob("*.db"))
