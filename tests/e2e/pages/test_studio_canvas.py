"""The drawing, with a real mouse: exits are dragged to nodes, nodes are dragged about, and nothing
else moves meanwhile.
"""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.centre import until
from tests.e2e.pages.test_studio import CHECK, DOCUMENT, SHOWN, answers, drafts

__all__ = ["answers"]  # what the studio is answered, as for its other tests

LARGE = 3_000
HESITATION = 2  # pixels before a drag is one
NEAR_ITS_EXIT = """path => {
  const point = path.getPointAtLength(30), screen = path.getScreenCTM();
  return [point.x * screen.a + screen.e, point.y * screen.d + screen.f];
}"""


def menu_with(nodes: dict[str, Any]) -> dict[str, Any]:
    return {**SHOWN, "draft": {**SHOWN["draft"], "document": {**DOCUMENT, "nodes": nodes}}}


WELCOME = {
    "kind": "menu",
    "label": "Welcome",
    "say": {"en": "Press 1 or 2."},
    "choices": {"1": {"en": "Help"}, "2": {"en": "Sales"}},
}
NODES = {
    "welcome": WELCOME,
    "support": {"kind": "queue", "queue": "support"},
    "goodbye": {"kind": "hang_up", "say": {"en": "Goodbye."}},
    "sorry": {"kind": "say", "say": {"en": "Sorry."}},
}


class Drawing:
    """The canvas, as somebody with a mouse sees it."""

    def __init__(self, service: Any, page: Page) -> None:
        self.service = service
        self.page = page
        self.mouse = page.mouse
        self.edges = page.locator(".svelte-flow__edge")

    def open(self, nodes: dict[str, Any]) -> Drawing:
        self.service.answers["flows/main"] = menu_with(nodes)
        self.page.goto("/studio#/flow/main")
        expect(self.page.locator(".svelte-flow__node").first).to_be_visible()
        self.page.wait_for_timeout(200)  # it is fitted to what there is
        return self

    def node(self, key: str) -> Locator:
        return self.page.locator(f'.svelte-flow__node[data-id="{key}"]')

    def exit(self, key: str, name: str) -> Locator:
        return self.node(key).locator(f'.source[data-handleid="{name}"]')

    def entry(self, key: str) -> Locator:
        return self.node(key).locator(".target")

    def places(self) -> dict[str, tuple[int, int]]:
        """Where everything is on the screen."""
        found = self.page.locator(".svelte-flow__node").evaluate_all(
            "all => all.map(one => [one.dataset.id, one.getBoundingClientRect().toJSON()])"
        )
        return {key: (round(box["x"]), round(box["y"])) for key, box in found}

    def stands(self, places: dict[str, tuple[int, int]]) -> None:
        until(lambda: self.places() == places, within=5, what=f"nodes stand at {places}")

    def drag(self, start: Locator, end: tuple[float, float]) -> None:
        """As a hand does: press, move in small steps, let go."""
        self.mouse.move(*middle(start))
        self.mouse.down()
        x, y = middle(start)
        self.mouse.move(x + HESITATION, y)
        for part in range(1, 11):
            self.mouse.move(x + (end[0] - x) * part / 10, y + (end[1] - y) * part / 10)
        self.mouse.up()

    def saved(self) -> dict[str, Any]:
        """The nodes, as they were saved last."""
        expect(self.page.get_by_text(re.compile("^. Saved"))).to_be_visible(timeout=10_000)
        nodes: dict[str, Any] = drafts(self.service)[-1][1]["nodes"]
        return nodes


def middle(target: Locator) -> tuple[float, float]:
    box = target.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


@pytest.fixture
def drawing(service: Any, page: Page) -> Drawing:
    return Drawing(service, page)


def test_exits_are_dragged_to_nodes_and_nothing_moves(drawing: Drawing) -> None:
    drawing.open(NODES)
    before = drawing.places()
    ways = {"1": "support", "2": "sorry", "timeout": "goodbye", "invalid": "support"}
    for count, (name, target) in enumerate(ways.items(), start=1):
        drawing.drag(drawing.exit("welcome", name), middle(drawing.entry(target)))
        expect(drawing.edges).to_have_count(count)
        assert drawing.places() == before
    drawing.drag(drawing.exit("sorry", "next"), middle(drawing.entry("goodbye")))
    expect(drawing.edges).to_have_count(5)
    saved = drawing.saved()
    assert saved["welcome"]["exits"] == ways
    assert saved["sorry"]["exits"] == {"next": "goodbye"}
    assert drawing.places() == before


def test_an_exit_may_be_let_go_anywhere_on_a_card(drawing: Drawing) -> None:
    drawing.open(NODES)
    drawing.drag(drawing.exit("welcome", "1"), middle(drawing.node("support")))
    expect(drawing.edges).to_have_count(1)
    pane = drawing.page.locator(".svelte-flow__pane").bounding_box()
    assert pane is not None
    drawing.drag(drawing.exit("welcome", "2"), (pane["x"] + 20, pane["y"] + 20))
    expect(drawing.edges).to_have_count(1)
    drawing.drag(drawing.exit("welcome", "timeout"), middle(drawing.node("welcome")))
    expect(drawing.edges).to_have_count(1)
    assert drawing.saved()["welcome"]["exits"] == {"1": "support"}


def test_a_connection_is_led_elsewhere_and_removed(drawing: Drawing) -> None:
    drawing.open({**NODES, "welcome": {**WELCOME, "exits": {"1": "support"}}})
    drawing.drag(drawing.exit("welcome", "1"), middle(drawing.entry("sorry")))
    expect(drawing.page.get_by_label("Welcome: 1 leads to sorry")).to_have_count(1)
    assert drawing.saved()["welcome"]["exits"] == {"1": "sorry"}
    drawing.mouse.click(*drawing.page.locator(".svelte-flow__edge-path").evaluate(NEAR_ITS_EXIT))
    expect(drawing.page.locator(".svelte-flow__edge.selected")).to_have_count(1)
    drawing.page.keyboard.press("Delete")
    expect(drawing.edges).to_have_count(0)


def test_a_drag_goes_on_while_the_check_comes_back(drawing: Drawing) -> None:
    """What the service finds meanwhile is marked, and takes the node out of nobody's hand."""
    drawing.open(NODES)
    page = drawing.page
    form = page.get_by_role("tabpanel").get_by_label("Queue that takes over")
    form.select_option("")  # sent in a moment, and checked
    before = drawing.places()
    x, y = middle(drawing.node("goodbye").locator(".name"))
    drawing.mouse.move(x, y)
    drawing.mouse.down()
    drawing.mouse.move(x + HESITATION, y)
    drawing.mouse.move(x + HESITATION + 40, y + 60, steps=5)
    drawing.service.answers["flows/main/draft"] = {"revision": 5, "check": CHECK}
    expect(drawing.node("welcome")).to_contain_text("1 error", timeout=10_000)
    drawing.stands({**before, "goodbye": (before["goodbye"][0] + 40, before["goodbye"][1] + 60)})
    drawing.mouse.move(x + HESITATION + 50, y + 80, steps=3)
    drawing.mouse.up()
    drawing.stands({**before, "goodbye": (before["goodbye"][0] + 50, before["goodbye"][1] + 80)})


def test_nodes_are_moved_alone_and_together_and_it_is_undone(drawing: Drawing) -> None:
    drawing.open(NODES)
    page, before = drawing.page, drawing.places()

    def shifted(*keys: str, by: int) -> dict[str, tuple[int, int]]:
        return {k: (x, y + by) if k in keys else (x, y) for k, (x, y) in before.items()}

    x, y = middle(drawing.node("goodbye").locator(".name"))
    drawing.drag(drawing.node("goodbye").locator(".name"), (x + HESITATION, y + 50))
    drawing.stands(shifted("goodbye", by=50))
    assert all("position" in node for node in drawing.saved().values())
    page.keyboard.press("Control+z")
    drawing.stands(before)
    page.keyboard.press("Control+Shift+Z")
    drawing.stands(shifted("goodbye", by=50))
    page.keyboard.press("z")

    page.locator(".svelte-flow__pane").click(position={"x": 5, "y": 5})
    drawing.node("support").locator(".name").click()
    page.keyboard.down("Control")
    drawing.node("sorry").locator(".name").click()
    page.keyboard.up("Control")
    expect(page.get_by_role("heading", name="2 nodes selected")).to_be_visible()
    x, y = middle(drawing.node("sorry").locator(".name"))
    drawing.drag(drawing.node("sorry").locator(".name"), (x + HESITATION, y + 40))
    drawing.stands(shifted("support", "sorry", by=40))
    page.keyboard.press("z")
    drawing.stands(before)


def test_a_frame_selects_what_is_in_it(drawing: Drawing) -> None:
    drawing.open(NODES)
    page = drawing.page
    boxes = drawing.places().values()
    left, top = min(x for x, _ in boxes), min(y for _, y in boxes)
    page.keyboard.down("Shift")
    drawing.mouse.move(left - 12, top - 12)
    drawing.mouse.down()
    pane = page.locator(".svelte-flow__pane").bounding_box()
    assert pane is not None
    drawing.mouse.move(pane["x"] + pane["width"] - 4, pane["y"] + pane["height"] - 4, steps=8)
    drawing.mouse.up()
    page.keyboard.up("Shift")
    expect(page.get_by_role("heading", name="4 nodes selected")).to_be_visible()
    page.keyboard.press("Delete")
    expect(page.locator(".svelte-flow__node")).to_have_count(0)
    page.keyboard.press("z")
    expect(page.locator(".svelte-flow__node")).to_have_count(4)


def test_a_selection_is_copied_as_json_and_pasted_beside(service: Any, browser: Browser) -> None:
    context = browser.new_context(
        base_url=service.url, locale="en-GB", permissions=["clipboard-read", "clipboard-write"]
    )
    drawing = Drawing(service, context.new_page())
    page = drawing.page
    drawing.open({**NODES, "welcome": {**WELCOME, "exits": {"1": "support", "2": "sorry"}}})
    before = drawing.places()
    drawing.node("welcome").locator(".name").click()
    page.keyboard.down("Control")
    drawing.node("support").locator(".name").click()
    page.keyboard.up("Control")
    page.keyboard.press("Control+c")
    expect(page.locator(".toasts")).to_contain_text("2 nodes are on the clipboard as JSON")
    copied = json.loads(page.evaluate("navigator.clipboard.readText()"))["patchbay_nodes"]
    assert copied["welcome"]["exits"] == {"1": "support", "2": "sorry"}
    assert copied["welcome"]["say"] == WELCOME["say"]
    for count in (6, 8):
        page.keyboard.press("Control+v")
        expect(page.locator(".svelte-flow__node")).to_have_count(count)
    after = drawing.places()
    assert {key: after[key] for key in before} == before
    assert len(set(after.values())) == 8, "none lies exactly on another"
    nodes = drawing.saved()
    assert nodes["welcome_2"]["exits"] == {"1": "support_2", "2": "sorry"}
    page.keyboard.press("Control+z")
    expect(page.locator(".svelte-flow__node")).to_have_count(6)
    context.close()


def test_the_wheel_and_the_buttons_zoom(drawing: Drawing) -> None:
    drawing.open(NODES)
    page = drawing.page

    def width() -> float:
        box = drawing.node("welcome").bounding_box()
        assert box is not None
        return box["width"]

    first = width()
    drawing.mouse.move(*middle(page.locator(".svelte-flow__pane")))
    drawing.mouse.wheel(0, 300)
    page.wait_for_timeout(150)
    assert width() < first * 0.9
    page.get_by_role("button", name="Zoom in").click()
    page.get_by_role("button", name="Show everything").click()
    page.wait_for_timeout(300)
    assert abs(width() - first) < 2
    page.keyboard.press("-")
    page.wait_for_timeout(300)
    assert width() < first


def test_new_nodes_stand_beside_the_selected_one_and_move_nothing(drawing: Drawing) -> None:
    drawing.open(NODES)
    page = drawing.page
    before = drawing.places()
    for kind, key in (("Say", "say"), ("Branch", "branch"), ("Queue", "queue")):
        page.keyboard.press("Escape")
        page.keyboard.press("a")
        page.get_by_role("menuitem", name=kind, exact=True).click()
        expect(drawing.node(key)).to_be_visible()
    after = drawing.places()
    shift = after["welcome"][0] - before["welcome"][0], after["welcome"][1] - before["welcome"][1]
    moved = {key: (x + shift[0], y + shift[1]) for key, (x, y) in before.items()}
    assert {key: after[key] for key in before} == moved, "among each other they stay"
    assert len(set(after.values())) == 7
    page.keyboard.press("Escape")
    page.keyboard.press("l")
    page.wait_for_timeout(200)
    assert drawing.places() != after


def test_of_a_flow_too_large_the_part_around_a_node_is_drawn(drawing: Drawing) -> None:
    nodes = {
        f"n{number}": {"kind": "say", "say": {"en": "Hm."}, "exits": {"next": f"n{number + 1}"}}
        for number in range(LARGE)
    }
    drawing.open({"welcome": {**WELCOME, "exits": {"1": "n0"}}, **nodes})
    page = drawing.page
    cards = page.locator(".svelte-flow__node")
    assert 1 < cards.count() <= 120
    notice = page.locator(".notice")
    expect(notice).to_contain_text("Drawn are 120 of 3,001 nodes, those nearest to ‘Welcome’")
    expect(drawing.node("n2000")).to_have_count(0)
    page.keyboard.press("/")
    page.keyboard.type("n2000")
    page.keyboard.press("Enter")
    expect(drawing.node("n2000")).to_be_visible()
    expect(notice).to_contain_text("those nearest to ‘n2000’")
    assert cards.count() <= 120
    expect(page.get_by_role("group", name="Node n2000")).to_be_visible()
    notice.get_by_role("button", name="Back to the start").click()
    expect(drawing.node("welcome")).to_be_visible()
