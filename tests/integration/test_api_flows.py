"""Flows over HTTP: drafted, checked, tried, published, pointed to and taken back."""

import asyncio
from urllib.parse import quote

import pytest

from router.core.events import Rejected
from router.core.model import ContactState
from router.ports import Arrival

MENU = {
    "flow": "main",
    "languages": ["en"],
    "safe_queue": "help",
    "start": "menu",
    "nodes": {
        "menu": {
            "kind": "menu",
            "say": {"en": "For English press 1, para español pulse 2."},
            "choices": {"1": {"en": "English"}, "2": {"en": "Español"}},
            "exits": {"1": "english", "2": "spanish", "timeout": "english", "invalid": "english"},
        },
        "english": {"kind": "queue", "queue": "help"},
        "spanish": {"kind": "queue", "queue": "ayuda"},
    },
    "tests": [
        {
            "name": "Two is Spanish",
            "acts": [{"answer": "2"}],
            "expect": {"ends": "queue", "at": "ayuda"},
        }
    ],
}


def changed(**nodes):
    return {**MENU, "nodes": {**MENU["nodes"], **nodes}}


async def publish(client, document=MENU, newest=0, **more):
    return await client.post(
        f"/api/v1/flows/{document['flow']}/publish",
        json={"document": document, **more},
        headers={"If-Match": f'"{newest}"'},
    )


async def point(client, version, now, alias="live"):
    return await client.put(
        f"/api/v1/flows/main/aliases/{alias}",
        json={"version": version},
        headers={"If-Match": f'"{now}"'},
    )


@pytest.fixture
async def admin(centre):
    return await centre.signed_in("admin")


# -- drafts -----------------------------------------------------------------------------------


async def test_a_draft_may_be_imperfect_and_says_what_is_missing(admin):
    document = {"flow": "main", "languages": ["en"], "nodes": {"hi": {"kind": "say"}}}
    saved = await admin.put(
        "/api/v1/flows/main/draft", json={"document": document}, headers={"If-Match": '"0"'}
    )
    assert saved.status_code == 200
    assert saved.json()["revision"] == 1
    check = saved.json()["check"]
    assert not check["ok"]
    assert {"hi", ""} <= {one["node"] for one in check["problems"]}
    shown = (await admin.get("/api/v1/flows/main")).json()
    assert shown["draft"]["document"] == document
    assert (shown["newest"], shown["draft"]["by"]) == (0, "adam")
    (listed,) = (await admin.get("/api/v1/flows")).json()["flows"]
    assert (listed["flow"], listed["newest"], listed["draft"]["revision"]) == ("main", 0, 1)


async def test_two_who_save_at_once_do_not_overwrite_each_other(admin):
    async def save(revision):
        return await admin.put(
            "/api/v1/flows/main/draft",
            json={"document": MENU},
            headers={"If-Match": f'"{revision}"'},
        )

    assert (await save(0)).json()["revision"] == 1
    late = await save(0)
    assert late.status_code == 412
    assert "adam has saved revision 1" in late.json()["error"]["message"]
    assert (await save(1)).json()["revision"] == 2
    assert (await admin.delete("/api/v1/flows/main/draft")).status_code == 204
    assert (await admin.get("/api/v1/flows/main")).status_code == 404
    assert (await save(1)).status_code == 412


async def test_nothing_is_published_for_an_alias_that_cannot_be(admin):
    assert (await publish(admin, point="Not a name")).status_code == 422
    assert (await admin.get("/api/v1/flows/main")).status_code == 404


async def test_half_a_character_is_refused_in_one_sentence(admin):
    body = b'{"document": {"flow": "main", "label": "\\ud83d"}}'
    kind = {"Content-Type": "application/json", "If-Match": '"0"'}
    saved = await admin.put("/api/v1/flows/main/draft", content=body, headers=kind)
    assert saved.status_code == 422
    assert "half a character" in saved.json()["error"]["message"]


@pytest.mark.parametrize("name", ["schema", "known"])
async def test_no_flow_is_named_as_another_address_is(admin, name):
    """It could be published, and never be looked at again."""
    assert (await publish(admin, {**MENU, "flow": name})).status_code == 422


async def test_a_version_published_just_now_is_waited_for(centre, admin, monkeypatch):
    """Whoever keeps versions follows the log, and may be a moment behind."""
    publisher = centre.patchbay.services.flow_publisher
    source, looks = publisher._store.source, []

    async def not_yet(flow, version):
        looks.append(version)
        return await source(flow, version) if len(looks) > 2 else None

    monkeypatch.setattr(publisher._library, "flow", lambda *_: None)
    monkeypatch.setattr(publisher._store, "source", not_yet)
    assert (await publish(admin)).status_code == 200
    assert len(looks) > 2
    looks.clear()
    assert (await admin.get("/api/v1/flows/main/versions/1")).status_code == 200
    assert len(looks) > 2
    assert (await admin.get("/api/v1/flows/main/versions/2")).status_code == 404


async def test_only_the_draft_that_was_seen_is_discarded(admin):
    async def do(method, revision, **more):
        seen = {"If-Match": f'"{revision}"'}
        return await admin.request(method, "/api/v1/flows/main/draft", headers=seen, **more)

    for revision in (0, 1):
        await do("PUT", revision, json={"document": MENU})
    late = await do("DELETE", 1)
    assert late.status_code == 412
    assert "adam has saved revision 2" in late.json()["error"]["message"]
    assert (await admin.get("/api/v1/flows/main")).json()["draft"]["revision"] == 2
    assert (await do("DELETE", 2)).status_code == 204


async def test_a_document_is_saved_under_its_own_name_only(admin):
    answer = await admin.put(
        "/api/v1/flows/other/draft", json={"document": MENU}, headers={"If-Match": '"0"'}
    )
    assert answer.status_code == 422


# -- checks and trying out --------------------------------------------------------------------


async def test_a_check_runs_the_flows_own_tests_and_counts_what_they_walk(admin):
    check = (await admin.post("/api/v1/flows/check", json={"document": MENU})).json()
    assert check["ok"]
    (ran,) = check["tests"]
    assert ran["passed"]
    assert [one["node"] for one in ran["path"]] == ["menu", "spanish"]
    assert check["coverage"]["missed_nodes"] == ["english"]


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (changed(english={"kind": "queue", "queue": "nowhere"}), "english"),
        (changed(lost={"kind": "hang_up"}), "lost"),
        ({**MENU, "start": "gone"}, ""),
        ({"flow": 3, "nodes": "none"}, ""),
        ({}, ""),
    ],
    ids=["queue", "unreachable", "start", "nonsense", "empty"],
)
async def test_problems_name_their_node_and_what_to_do(admin, document, named):
    check = (await admin.post("/api/v1/flows/check", json={"document": document})).json()
    assert named in {one["node"] for one in check["problems"]}
    assert all(one["what"] and one["fix"] for one in check["problems"])


async def test_trying_a_flow_goes_as_far_as_the_acts_and_says_what_is_asked(admin):
    async def attempt(*acts, document=MENU):
        body = {"document": document, "conversation": {"acts": list(acts)}}
        return (await admin.post("/api/v1/flows/try", json=body)).json()

    begun = await attempt()
    assert begun["asks"]["type"] == "ask_choice"
    assert [one["key"] for one in begun["asks"]["buttons"]] == ["1", "2"]
    assert begun["heard"][0]["text"].startswith("For English")
    over = await attempt({"answer": "2"})
    assert over["asks"] is None
    assert over["session"]["outcome"]["queue"] == "ayuda"
    broken = changed(english={"kind": "queue", "queue": "nowhere"})
    assert (await attempt({"answer": "1"}, document=broken))["session"]["outcome"]


async def test_what_cannot_be_read_cannot_be_tried(admin):
    body = {"document": MENU, "conversation": {"acts": [{"dance": True}]}}
    answer = await admin.post("/api/v1/flows/try", json=body)
    assert answer.status_code == 422
    assert answer.json()["check"]["problems"]


async def test_a_flow_is_compared_in_words_and_written_for_git_and_back(admin):
    after = changed(english={"kind": "queue", "queue": "ayuda"})
    compared = await admin.post("/api/v1/flows/compare", json={"before": MENU, "after": after})
    (change,) = compared.json()["changes"]
    assert change["node"] == "english"
    assert "ayuda" in change["sentence"]
    source = (await admin.post("/api/v1/flows/export", json={"document": MENU})).json()["source"]
    read = (await admin.post("/api/v1/flows/import", json={"source": source})).json()
    assert read["document"]["nodes"].keys() == MENU["nodes"].keys()
    assert read["problems"] == []
    bad = (await admin.post("/api/v1/flows/import", json={"source": "a: [b"})).json()
    assert bad["document"] is None
    assert bad["problems"]


async def test_what_a_flow_may_name_is_listed(admin):
    known = (await admin.get("/api/v1/flows/known")).json()
    assert known["queues"] == {"help": "Help", "ayuda": "Ayuda"}
    assert "$defs" in (await admin.get("/api/v1/flows/schema")).json()


# -- publishing -------------------------------------------------------------------------------


async def test_versions_are_published_pointed_to_and_taken_back(centre, admin):
    assert (await publish(admin, note="first", point="live")).json() == {"version": 1}
    second = changed(english={"kind": "queue", "queue": "ayuda"})
    assert (await publish(admin, second, 1)).json() == {"version": 2}
    assert centre.patchbay.replica.state.flows["main"].aliases == {"live": 1}
    assert (await point(admin, 2, 1)).status_code == 200
    assert (await point(admin, 1, 2)).status_code == 200
    shown = (await admin.get("/api/v1/flows/main")).json()
    assert [(one["version"], one["by"], one["note"]) for one in shown["versions"]] == [
        (2, "adam", ""),
        (1, "adam", "first"),
    ]
    version = (await admin.get("/api/v1/flows/main/versions/1")).json()
    assert version["document"]["nodes"]["english"]["queue"] == "help"
    assert "queue: help" in version["source"]
    assert (await admin.get("/api/v1/flows/main/versions/3")).status_code == 404


async def test_a_flow_with_errors_or_failing_tests_is_not_published(centre, admin):
    wrong = changed(english={"kind": "queue", "queue": "nowhere"})
    refused = await publish(admin, wrong)
    assert refused.status_code == 422
    assert "nowhere" in refused.json()["error"]["message"]
    failing = changed(spanish={"kind": "queue", "queue": "help"})
    refused = await publish(admin, failing)
    assert refused.status_code == 422
    assert "Two is Spanish" in refused.json()["error"]["message"]
    assert centre.patchbay.replica.state.flows == {}


async def test_of_two_who_publish_at_once_one_is_told(admin):
    answers = await asyncio.gather(publish(admin), publish(admin))
    assert sorted(answer.status_code for answer in answers) == [200, 412]
    assert (await point(admin, 1, 0)).status_code == 200
    assert (await point(admin, 1, 0)).status_code == 412
    assert (await point(admin, 9, 1)).status_code == 404


PART = {
    "flow": "part",
    "languages": ["en"],
    "safe_queue": "help",
    "start": "ask",
    "nodes": {
        "ask": {
            **MENU["nodes"]["menu"],
            "exits": dict.fromkeys(MENU["nodes"]["menu"]["exits"], "back"),
        },
        "back": {"kind": "return", "by": "done"},
    },
}
CALLER = changed(
    menu={"kind": "flow", "flow": "part", "exits": {"done": "english", "failed": "spanish"}}
) | {"tests": []}


async def test_an_alias_does_not_move_away_from_under_the_flows_that_call_by_it(centre, admin):
    state = centre.patchbay.replica.state
    assert (await publish(admin, PART, point="live")).status_code == 200
    assert (await publish(admin, CALLER, point="live")).status_code == 200
    other = {**PART, "nodes": {**PART["nodes"], "back": {"kind": "return", "by": "cancelled"}}}
    check = (await admin.post("/api/v1/flows/check", json={"document": other})).json()
    assert check["ok"], "a version is nobody's before an alias points to it"
    assert any("the flow 'main' calls this one" in one["what"] for one in check["problems"])
    assert (await publish(admin, other, 1, point="live")).status_code == 422
    assert state.flows["part"].newest == 1, "what was to be in force and cannot be is no version"
    assert (await publish(admin, other, 1)).status_code == 200

    async def move(version, now):
        return await admin.put(
            "/api/v1/flows/part/aliases/live",
            json={"version": version},
            headers={"If-Match": f'"{now}"'},
        )

    refused = await move(2, 1)
    assert refused.status_code == 422
    assert "in 'main' (version 1)" in refused.json()["error"]["message"]
    assert "comes back by 'cancelled', which leads nowhere" in refused.json()["error"]["message"]
    assert state.flows["part"].aliases == {"live": 1}
    node = CALLER["nodes"]["menu"]
    ready = {**node, "exits": {**node["exits"], "cancelled": "spanish"}}
    assert (await publish(admin, {**changed(menu=ready), "tests": []}, 1, point="live")).is_success
    assert (await move(2, 1)).status_code == 200
    assert (await move(1, 2)).status_code == 200, "and back, for this caller knows both"
    await move(2, 1)
    assert (await point(admin, 1, 2)).status_code == 200, "a caller may always be rolled back"


async def test_of_many_who_publish_and_put_in_force_at_once_exactly_one_wins(centre, admin):
    versions = [changed(english={"kind": "queue", "queue": q}) for q in ("help", "ayuda") * 3]
    answers = await asyncio.gather(*(publish(admin, one, point="live") for one in versions))
    assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
    for answer in answers:
        if answer.status_code == 412:
            assert "look at what changed and publish again" in answer.json()["error"]["message"]
    known = centre.patchbay.replica.state.flows["main"]
    assert (known.newest, known.aliases) == (1, {"live": 1})
    shown = (await admin.get("/api/v1/flows/main/versions/1")).json()["document"]
    won = next(number for number, one in enumerate(answers) if one.status_code == 200)
    assert shown["nodes"]["english"] == versions[won]["nodes"]["english"]
    await publish(admin, versions[0], 1)
    moved = await asyncio.gather(*(point(admin, 2, 1) for _ in range(5)))
    assert sorted(answer.status_code for answer in moved) == [200, *[412] * 4]


@pytest.mark.parametrize(
    "name", ["..", "%2e%2e%2fetc", "a b", "<script>", "A" * 10_000, "a/../b", "\u202etxt", "'; --"]
)
async def test_a_flow_with_a_hostile_name_is_refused_and_not_kept(centre, admin, name):
    document = {**MENU, "flow": name}
    path = f"/api/v1/flows/{quote(name, safe='')}"
    headers = {"If-Match": '"0"'}
    body = {"document": document}
    for answer in (
        await admin.put(f"{path}/draft", json=body, headers=headers),
        await admin.post(f"{path}/publish", json=body, headers=headers),
        await admin.put(f"{path}/aliases/live", json={"version": 1}, headers=headers),
    ):
        assert 400 <= answer.status_code < 500, answer.text
        assert len(answer.content) < 4_000
    assert centre.patchbay.replica.state.flows == {}
    assert (await admin.get("/api/v1/flows")).json()["flows"] == []


# -- contacts in flows ------------------------------------------------------------------------


async def into_flow(centre, contact):
    """Through the entry point ``line``, which leads through the flow."""
    arrival = Arrival(contact=contact, channel="voice", address="+442079460018", entry_point="line")
    outcome = await centre.patchbay.intake.receive(arrival)
    assert not isinstance(outcome, Rejected)


@pytest.fixture
async def line(centre, admin):
    """The entry point ``line`` leads through the flow ``main``."""
    source = (await admin.get("/api/v1/catalog")).json()["source"]
    changed = source.replace(
        "line: {label: Customer line, channel: voice, queue: help}",
        "line: {label: Customer line, channel: voice, queue: help, flow: main}",
    )
    answer = await admin.post(
        "/api/v1/catalog", json={"source": changed}, headers={"If-Match": '"1"'}
    )
    assert answer.status_code == 200, answer.text


async def test_the_next_contact_takes_the_new_version_and_the_one_in_it_finishes_the_old(
    centre, admin, line
):
    await publish(admin, point="live")
    await into_flow(centre, "old")
    flows, state = centre.patchbay.flows, centre.patchbay.replica.state
    asked = flows.prompt("old")
    assert [button.key for button in asked.buttons] == ["1", "2"]
    swapped = changed(english={"kind": "queue", "queue": "ayuda"})
    await publish(admin, swapped, 1, point="live")
    await into_flow(centre, "new")
    (listed,) = (await admin.get("/api/v1/flows")).json()["flows"]
    assert (listed["contacts"], listed["entry_points"]) == (2, ["line"])
    live = (await admin.get("/api/v1/flows/main/live")).json()["nodes"]
    assert {node: one["now"] for node, one in live.items()} == {"1/menu": 1, "2/menu": 1}
    for contact in ("old", "new"):
        await flows.answer(contact, flows.prompt(contact).turn, "1")
    assert state.contacts["old"].queue == "help"
    assert state.contacts["new"].queue == "ayuda"
    assert state.contacts["new"].flow_node == "main/2/english"


async def test_without_its_flow_a_contact_waits_in_the_safe_queue(centre, admin, line):
    await into_flow(centre, "call-1")
    contact = centre.patchbay.replica.state.contacts["call-1"]
    assert (contact.state, contact.queue) == (ContactState.QUEUED, "help")


# -- the catalog under a flow in force ---------------------------------------------------------


async def catalog_check(admin, source):
    return (await admin.post("/api/v1/catalog/check", json={"source": source})).json()


def without_spanish(source):
    kept = [line for line in source.splitlines() if "ayuda" not in line or "queues: [" in line]
    return "\n".join(kept).replace("[help, ayuda]", "[help]").replace("    choices:", "")


async def test_a_catalog_that_would_break_a_flow_in_force_is_refused(centre, admin):
    await publish(admin, point="live")
    source = centre.patchbay.publisher.current.source
    assert (await catalog_check(admin, source))["ok"]
    without = without_spanish(source)
    checked = await catalog_check(admin, without)
    assert not checked["ok"]
    told = " ".join(one["what"] for one in checked["problems"] if one["severity"] == "error")
    assert "'main' is in force" in told
    assert "ayuda" in told
    refused = await admin.post(
        "/api/v1/catalog",
        json={"source": without},
        headers={"If-Match": f'"{centre.patchbay.publisher.current.version}"'},
    )
    assert refused.status_code == 422


async def test_what_a_flow_lacked_before_does_not_stop_another_catalog(centre, admin):
    await publish(admin, point="live")
    source = centre.patchbay.publisher.current.source
    await centre.patchbay.publisher.publish(
        centre.patchbay.publisher.current, 1, "", command="again", by="adam"
    )
    assert (await catalog_check(admin, source.replace("wrap_up: 30s", "wrap_up: 31s")))["ok"]


async def test_an_entry_point_whose_flow_is_not_in_force_is_a_warning(centre, admin):
    source = centre.patchbay.publisher.current.source
    named = source.replace("channel: voice, queue: help", "channel: voice, queue: help, flow: main")
    checked = await catalog_check(admin, named)
    assert checked["ok"]
    (problem,) = [one for one in checked["problems"] if "main@live" in one["what"]]
    assert problem["severity"] == "warning"
    await publish(admin, point="live")
    checked = await catalog_check(admin, named)
    assert not [one for one in checked["problems"] if "main@live" in one["what"]]


async def test_a_version_of_earlier_days_is_judged_by_the_catalog_of_today(centre, admin):
    await publish(admin, point="live")
    only_help = changed(spanish={"kind": "queue", "queue": "help"})
    only_help["tests"] = []
    assert (await publish(admin, only_help, 1, point="live")).json() == {"version": 2}
    source = centre.patchbay.publisher.current.source
    published = await admin.post(
        "/api/v1/catalog", json={"source": without_spanish(source)}, headers={"If-Match": '"1"'}
    )
    assert published.status_code == 200, published.text
    refused = await point(admin, 1, 2)
    assert refused.status_code in (409, 422)
    assert "ayuda" in refused.json()["error"]["message"]
    assert centre.patchbay.replica.state.flows["main"].aliases == {"live": 2}
