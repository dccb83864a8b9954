"""The draft of the catalog over HTTP: kept, changed by what it says, and never overwritten."""

import pytest

COMMENTED = """\
# Ours.
skills: {english: English}
queues:
  help: {label: Help, steps: [{ask: {english: 1}}]}   # the one
profiles:
  all: {queues: [help], capacity: {voice: 1}}
agents:
  ann:
    name: Ann
    profile: all
    skills: {english: 9}
"""


async def put(client, source, revision, edits=()):
    return await client.put(
        "/api/v1/catalog/draft",
        json={"source": source, "edits": list(edits)},
        headers={"If-Match": f'"{revision}"'},
    )


async def draft(client):
    return (await client.get("/api/v1/catalog/draft")).json()["draft"]


async def test_at_first_there_is_no_draft(centre):
    client = await centre.signed_in("admin")
    response = await client.get("/api/v1/catalog/draft")
    assert response.json() == {"version": 1, "draft": None}
    assert response.headers["etag"] == '"0"'


async def test_a_draft_is_kept_with_who_and_when_and_judged(centre):
    client = await centre.signed_in("admin")
    response = await put(client, COMMENTED, 0)
    body = response.json()
    assert (response.status_code, body["revision"], body["source"]) == (200, 1, COMMENTED)
    assert body["check"]["ok"] is True
    assert body["check"]["version"] == 1
    assert "queue Ayuda: removed" in body["check"]["changes"]
    kept = await draft(client)
    assert (kept["by"], kept["content"]) == ("adam", COMMENTED)
    assert kept["at"] > 0
    assert set(centre.patchbay.replica.state.catalog.queues) == {"help", "ayuda"}


@pytest.mark.parametrize("source", ["", "[", "queues: 3", "a: &a [*a]", "\x00", "{" * 5_000])
async def test_an_imperfect_draft_is_kept_and_its_problems_told(centre, source):
    client = await centre.signed_in("admin")
    response = await put(client, source, 0)
    assert response.status_code == 200
    assert response.json()["check"]["ok"] is False
    assert response.json()["check"]["problems"][0]["severity"] == "error"
    assert (await draft(client))["content"] == source


async def test_changes_are_made_in_the_text_and_its_comments_stay(centre):
    client = await centre.signed_in("admin")
    edits = [
        {"path": ["queues", "help", "credit"], "value": "30s"},
        {"path": ["agents", "ben"], "value": {"name": "Ben", "profile": "all"}},
        {"path": ["agents", "ann", "skills"], "remove": True},
        {"path": ["agents", "ann"], "rename": "anna"},
    ]
    body = (await put(client, COMMENTED, 0, edits)).json()
    assert body["source"].startswith("# Ours.\nskills: {english: English}\nqueues:\n  help: {label")
    assert "credit: 30s}   # the one" in body["source"]
    read = (await client.post("/api/v1/catalog/read", json={"source": body["source"]})).json()
    assert read["problems"] == []
    assert read["document"]["agents"] == {
        "anna": {"name": "Ann", "profile": "all"},
        "ben": {"name": "Ben", "profile": "all"},
    }


async def test_a_problem_names_its_place_for_programs(centre):
    client = await centre.signed_in("admin")
    edit = {"path": ["queues", "help", "steps", 0, "ask", "klingon"], "value": 3}
    check = (await put(client, COMMENTED, 0, [edit])).json()["check"]
    assert check["problems"][0]["parts"] == ["queues", "help", "steps", 0, "ask", "klingon"]
    assert "klingon" in check["problems"][0]["what"]


async def test_two_admins_cannot_overwrite_each_others_draft(centre):
    client = await centre.signed_in("admin")
    assert (await put(client, COMMENTED, 0)).status_code == 200
    second = await put(client, "skills: {}", 0)
    third = await put(client, "skills: {}", 7)
    assert (second.status_code, third.status_code) == (412, 412)
    assert second.json()["error"]["message"] == (
        "adam has saved revision 1: load it before you save."
    )
    assert (await draft(client))["content"] == COMMENTED
    assert (await put(client, "skills: {}", 1)).json()["revision"] == 2


async def test_a_draft_is_discarded_only_as_it_was_seen(centre):
    client = await centre.signed_in("admin")
    await put(client, COMMENTED, 0)
    await put(client, COMMENTED + "#\n", 1)
    old = await client.delete("/api/v1/catalog/draft", headers={"If-Match": '"1"'})
    assert old.status_code == 412
    gone = await client.delete("/api/v1/catalog/draft", headers={"If-Match": '"2"'})
    assert gone.status_code == 204
    assert await draft(client) is None
    assert (await client.delete("/api/v1/catalog/draft")).status_code == 204


async def test_saving_needs_the_revision_that_was_seen(centre):
    client = await centre.signed_in("admin")
    response = await client.put("/api/v1/catalog/draft", json={"source": ""})
    assert (response.status_code, response.json()["error"]["code"]) == (428, "version_required")


@pytest.mark.parametrize(
    "edit",
    [
        {"path": ["queues", "help", "steps", 99], "value": 1},
        {"path": ["queues", "help", "label", "deeper"], "value": 1},
        {"path": ["skills"], "value": "\x00"},
        {"path": ["skills", "x"], "value": "y" * 100_000},
        {"path": ["queues", "nobody"], "rename": "somebody"},
        {"path": [0], "value": 1},
    ],
)
async def test_a_change_that_cannot_be_made_is_refused_and_nothing_kept(centre, edit):
    client = await centre.signed_in("admin")
    response = await put(client, COMMENTED, 0, [edit])
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "catalog_invalid"
    assert response.json()["problems"]
    assert await draft(client) is None
    edited = await client.post("/api/v1/catalog/edit", json={"source": COMMENTED, "edits": [edit]})
    assert edited.json()["source"] == COMMENTED
    assert edited.json()["problems"]


@pytest.mark.parametrize(
    "edit",
    [
        {},
        {"path": []},
        {"path": "queues"},
        {"path": [1.5]},
        {"path": [None]},
        {"path": ["x" * 500]},
        {"path": ["x"] * 200},
        {"path": ["x"], "remove": "yes"},
        {"path": ["x"], "surprise": 1},
    ],
)
async def test_a_malformed_change_is_refused(centre, edit):
    client = await centre.signed_in("admin")
    for address in ("edit", "draft"):
        response = await client.request(
            "POST" if address == "edit" else "PUT",
            f"/api/v1/catalog/{address}",
            json={"source": COMMENTED, "edits": [edit]},
            headers={"If-Match": '"0"'},
        )
        assert response.status_code == 422


async def test_a_bottomless_value_is_refused(centre):
    client = await centre.signed_in("admin")
    nested = "[" * 50_000 + "]" * 50_000
    body = f'{{"source": "", "edits": [{{"path": ["a"], "value": {nested}}}]}}'
    response = await client.post(
        "/api/v1/catalog/edit", content=body, headers={"Content-Type": "application/json"}
    )
    assert response.status_code in {400, 422}


async def test_two_texts_are_compared_in_words(centre):
    client = await centre.signed_in("admin")
    body = {"before": COMMENTED, "after": COMMENTED.replace("label: Help", "label: Hilfe")}
    response = await client.post("/api/v1/catalog/compare", json=body)
    assert response.json() == {"changes": ["queue Hilfe: label Help -> Hilfe"]}
    broken = await client.post("/api/v1/catalog/compare", json={**body, "after": "["})
    assert broken.status_code == 422


async def test_the_source_of_a_version_can_be_read(centre):
    client = await centre.signed_in("supervisor")
    now = (await client.get("/api/v1/catalog")).json()["source"]
    shown = (await client.get("/api/v1/catalog/versions/1")).json()
    assert shown == {"version": 1, "source": now}
    for unknown in ("7", "-1", "99999999999999999999"):
        response = await client.get(f"/api/v1/catalog/versions/{unknown}")
        assert response.status_code == 404


async def test_forms_learn_what_every_value_is(centre):
    client = await centre.signed_in("admin")
    schema = (await client.get("/api/v1/catalog/schema")).json()
    credit = schema["$defs"]["Queue"]["properties"]["credit"]
    assert credit["anyOf"][0]["kind"] == "duration"
    assert credit["description"] == "head start of every contact here"
