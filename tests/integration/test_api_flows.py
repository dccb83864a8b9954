"""Flows over HTTP: drafted, checked, tried, published, pointed to and taken back."""

import asyncio

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
