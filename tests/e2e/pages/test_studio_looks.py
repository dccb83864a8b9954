"""How the studio looks: both themes, two sizes, two languages, with names that are too long. People
look at the pictures; axe finds nothing serious.

Everything is gone through once for each language; the themes change under it.
"""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.e2e.barriers import bring_axe, serious
from tests.e2e.pages.test_studio import CHECK, DOCUMENT, KNOWN, SHOWN, SUMMARY, answers
from tests.e2e.windows import ALL_PICTURES, PAINTED, picture, themes

__all__ = ["answers"]  # a fixture of the studio's other tests

SIZES = {"1280": (1280, 720), "1920": (1920, 1080)}
USUAL = ("1280",)  # the other one is for the eye alone
LANGUAGES = {"en": "en-GB", "zh": "zh-CN"}
# What is out of sight keeps the colours of the theme before until it is drawn.
ALL_DRAWN = "* { content-visibility: visible !important; }"
LONG = "Kundenbetreuungsvertragsverlängerungsabteilung für Geschäftskunden in Süddeutschland"
CHINESE = "北京市朝阳区企业客户服务中心技术支持与账单查询专线欢迎您的来电请根据提示操作"
WORDS = {
    "welcome": "Menu ‘Welcome’: words (en) Press 1. -> Press 1 for help, 2 for everything else.",
    "gone": "message ‘Goodbye’ is removed",
    "more": f"voicemail ‘{LONG}’ is new",
}

OLD: dict[str, Any] = {
    "welcome": {**DOCUMENT["nodes"]["welcome"], "exits": {"1": "support", "timeout": "gone"}},  # type: ignore[index]
    "support": {"kind": "queue", "label": LONG, "queue": "support"},
    "gone": {"kind": "hang_up", "label": "Goodbye", "say": {"en": "Goodbye.", "zh": CHINESE}},
    "split": {"kind": "split", "shares": {"a": 50, "b": 50}, "exits": {"a": "support"}},
}
NEW: dict[str, Any] = {
    "hours": {"kind": "hours", "hours": "office", "exits": {"open": "welcome", "closed": "more"}},
    "welcome": {
        **OLD["welcome"],
        "label": CHINESE,
        "say": {"en": "Press 1 for help, 2 for everything else.", "zh": CHINESE},
        "choices": {"1": {"en": LONG, "zh": CHINESE}, "2": {"en": "Other", "zh": "其他"}},
        "exits": {"1": "support", "2": "branch", "timeout": "more", "invalid": "more"},
    },
    "branch": {
        "kind": "branch",
        "label": "Tier",
        "cases": [{"name": "gold", "when": {"tier": "gold"}}],
        "exits": {"gold": "support", "otherwise": "split"},
    },
    "split": {"kind": "split", "shares": {"a": 50, "b": 50}, "exits": {"a": "support"}},
    "support": OLD["support"],
    "more": {"kind": "voicemail", "label": LONG, "box": "office", "say": {"en": LONG}},
}
CHANGES = [
    {"what": "changed", "node": "welcome", "sentence": WORDS["welcome"]},
    {"what": "led", "node": "welcome", "sentence": "Menu ‘Welcome’: exit 'timeout' now goes to …"},
    {"what": "added", "node": "hours", "sentence": "hours 'hours' is new"},
    {"what": "added", "node": "branch", "sentence": "branch 'Tier' is new"},
    {"what": "added", "node": "more", "sentence": WORDS["more"]},
    {"what": "removed", "node": "gone", "sentence": WORDS["gone"]},
]
TRIED = {
    "path": [
        {"flow": "main", "version": 0, "node": "hours", "exit": "open"},
        {"flow": "main", "version": 0, "node": "welcome", "heard": ""},
    ],
    "heard": [{"text": f"{LONG}. {CHINESE}", "language": "en"}],
    "asks": {
        "type": "choose",
        "buttons": [{"key": "1", "text": LONG}, {"key": "2", "text": "其他"}],
    },
    "session": {
        "attributes": {"account": "79927398713", "very_long_attribute_name": LONG},
        "language": "en",
        "customer": {"id": "c42", "name": CHINESE, "tier": "platinum"},
        "frames": [{"flow": "main", "version": 0, "node": "welcome"}],
        "outcome": None,
    },
}


def document(nodes: dict[str, Any]) -> dict[str, Any]:
    return {**DOCUMENT, "label": LONG, "start": "hours", "nodes": nodes}


@pytest.fixture(autouse=True)
def rich(service: Any, answers: None) -> None:
    versions = [
        {"version": 2, "at": 1_700_000_000_000_000, "by": "adam", "note": f"{LONG} {CHINESE}"},
        {"version": 1, "at": 1_690_000_000_000_000, "by": "ben", "note": "The first one"},
    ]
    draft = {**SHOWN["draft"], "document": document(NEW)}  # type: ignore[dict-item]
    check = {**CHECK, "ok": True, "changes": list(WORDS.values()), "in_progress": 12}
    service.answers |= {
        "flows": {"flows": [{**SUMMARY, "newest": 2, "aliases": {"live": 2}, "contacts": 12}]},
        "flows/main": {
            **SHOWN,
            "newest": 2,
            "aliases": {"live": 2, "test": 1},
            "versions": versions,
            "draft": draft,
        },
        "flows/known": {**KNOWN, "boxes": {"office": "Office"}},
        "flows/main/versions/1": {"version": 1, "document": document(OLD), "source": ""},
        "flows/main/versions/2": {"version": 2, "document": document(OLD), "source": ""},
        "flows/compare": {"changes": CHANGES},
        "flows/try": TRIED,
        "flows/check": {**check, "problems": [{**CHECK["problems"][0], "severity": "warning"}]},
        "flows/main/live": {
            "nodes": {
                "2/welcome": {"now": 12, "passed": 1_480, "left": 31},
                "1/welcome": {"now": 1, "passed": 20, "left": 0},
                "2/support": {"now": 0, "passed": 1_200, "left": 0},
            }
        },
    }


class Looks:
    """One page in one language; each picture in both themes."""

    def __init__(self, page: Page, language: str) -> None:
        self.page = page
        self.language = language

    def open(self, view: str = "") -> Looks:
        self.page.goto(f"/studio#/flow/main{view}")
        expect(self.page.locator("[role=tablist]")).to_be_visible()
        if not view:
            expect(self.cards.first).to_be_visible()
        return self

    @property
    def cards(self) -> Locator:
        return self.page.locator(".svelte-flow__node")

    def tab(self, which: str) -> None:
        self.page.locator(f"#tab-{which}").click()

    def look(self, what: str, *, fit: bool = False) -> None:
        for size in SIZES if ALL_PICTURES else USUAL:
            width, height = SIZES[size]
            self.page.set_viewport_size({"width": width, "height": height})
            self.page.evaluate(PAINTED)
            if fit:
                self.page.locator(".svelte-flow__controls-fitview").last.click()
            for theme in themes(self.page):
                picture(self.page, f"studio-{what}-{self.language}-{theme}-{size}")
                if size in USUAL:
                    assert serious(self.page) == [], theme


@pytest.fixture(scope="module", params=LANGUAGES)
def reader(request: Any, running_stub: Any, browser: Browser) -> Any:
    """Of one language; loads the studio once."""
    context = browser.new_context(
        base_url=running_stub.url, locale=LANGUAGES[request.param], reduced_motion="reduce"
    )
    bring_axe(context)
    yield context, request.param
    context.close()


@pytest.fixture
def looks(reader: Any, service: Any) -> Any:
    context, language = reader
    page = context.new_page()
    yield Looks(page, language)
    page.close()
    service.wait_until_quiet()


def test_the_editor_with_contacts_in_it(looks: Looks) -> None:
    looks.open()
    looks.page.locator(".bar .menu .trigger").last.click()
    looks.page.locator("[role=menuitemradio]").click()
    expect(looks.page.locator(".figures").first).to_contain_text("31")
    looks.cards.nth(1).locator(".name").click()
    looks.look("editor", fit=True)


def test_the_outline_with_contacts_in_it(looks: Looks) -> None:
    looks.open()
    looks.page.locator(".bar .menu .trigger").last.click()
    looks.page.locator("[role=menuitemradio]").click()
    looks.page.locator(".views a").last.click()
    looks.page.locator("[data-heading]").nth(2).click()
    looks.page.add_style_tag(content=ALL_DRAWN)
    looks.look("outline")


def test_trying_it(looks: Looks) -> None:
    looks.open()
    looks.tab("try")
    expect(looks.page.locator("[role=log]")).to_contain_text(LONG)
    looks.look("try", fit=True)


def test_the_difference_in_words_and_as_a_picture(looks: Looks) -> None:
    looks.open()
    looks.tab("versions")
    panel = looks.page.get_by_role("tabpanel")
    panel.locator("ol > li").first.locator(".quiet, button").first.click()
    expect(panel.locator(".diff")).to_contain_text(WORDS["more"])
    looks.look("difference-words", fit=True)
    panel.locator(".diff + div button").click()
    expect(looks.cards.filter(has=looks.page.locator(".card.added"))).to_have_count(3)
    expect(looks.cards.locator(".card.removed")).to_have_count(1)
    expect(looks.cards.locator(".card.changed")).to_have_count(1)
    looks.look("difference-picture", fit=True)
    panel.locator(".diff .place").first.click()  # from the words to the node
    expect(looks.cards.locator(".card.removed")).to_have_count(0)
    expect(looks.page.locator("#tab-node")).to_have_attribute("aria-selected", "true")


def test_publishing(looks: Looks) -> None:
    looks.open()
    looks.page.keyboard.press("p")
    dialog = looks.page.get_by_role("dialog")
    expect(dialog).to_contain_text(WORDS["gone"])
    dialog.locator("summary").click()
    expect(dialog.locator(".card.removed")).to_be_visible()
    looks.look("publish", fit=True)
