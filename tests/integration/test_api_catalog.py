"""The catalog over HTTP: checked, published, compared, taken back, and never by accident."""

import pytest

from server.catalog_upkeep import CatalogRefused, put_in_force, renew_hours


async def source_of(client) -> str:
    return (await client.get("/api/v1/catalog")).json()["source"]


def with_change(source: str) -> str:
    return source.replace("wrap_up: 30s", "wrap_up: 45s")


async def published(client, source, version, note=""):
    return await client.post(
        "/api/v1/catalog",
        json={"source": source, "note": note},
        headers={"If-Match": f'"{version}"'},
    )


async def test_what_is_in_force_can_be_read_with_its_version(centre):
    client = await centre.signed_in("supervisor")
    response = await client.get("/api/v1/catalog")
    assert response.headers["etag"] == '"1"'
    body = response.json()
    assert body["version"] == 1
    assert "queues:" in body["source"]
    assert set(body["catalog"]["queues"]) == {"help", "ayuda"}


async def test_checking_says_in_words_what_would_change_and_changes_nothing(centre):
    client = await centre.signed_in("admin")
    await centre.call("call-1")
    response = await client.post(
        "/api/v1/catalog/check", json={"source": with_change(await source_of(client))}
    )
    check = response.json()
    assert check["ok"] is True
    assert check["changes"] == ["queue Help: wrap_up 30s -> 45s"]
    assert check["waiting"] == 1
    assert centre.patchbay.replica.state.catalog.version == 1


@pytest.mark.parametrize(
    "source", ["", "[", "queues: 3", "a: &a [*a]", "x" * 300_000, "{" * 5_000, "\x00"]
)
async def test_a_hostile_or_broken_source_is_refused_with_lines_and_not_published(centre, source):
    client = await centre.signed_in("admin")
    checked = await client.post("/api/v1/catalog/check", json={"source": source})
    refused = await published(client, source, 1)
    assert checked.json()["ok"] is False
    assert refused.status_code == 422
    assert refused.json()["error"]["code"] == "catalog_invalid"
    assert refused.json()["problems"][0]["line"] >= 1
    assert centre.patchbay.replica.state.catalog.version == 1


async def test_publishing_puts_it_in_force_and_keeps_who_when_and_why(centre):
    client = await centre.signed_in("admin")
    response = await published(client, with_change(await source_of(client)), 1, "longer wrap-up")
    assert response.status_code == 200
    assert response.json()["version"] == 2
    assert centre.patchbay.replica.state.catalog.queues["help"].wrap_up == 45_000_000
    listed = await versions(client, 2)
    assert [one["version"] for one in listed] == [2, 1]
    assert (listed[0]["by"], listed[0]["note"]) == ("adam", "longer wrap-up")


async def versions(client, expected: int) -> list[dict]:
    """The kept versions, once the follower has taken in the newest."""
    while True:
        found = (await client.get("/api/v1/catalog/versions")).json()["versions"]
        if found and found[0]["version"] == expected:
            return found


async def test_two_admins_cannot_overwrite_each_other(centre):
    client = await centre.signed_in("admin")
    source = await source_of(client)
    first = await published(client, with_change(source), 1)
    second = await published(client, source.replace("label: Help", "label: Hilfe"), 1)
    assert (first.status_code, second.status_code) == (200, 412)
    assert centre.patchbay.replica.state.catalog.queues["help"].label == "Help"


async def test_publishing_needs_the_version_that_was_seen(centre):
    client = await centre.signed_in("admin")
    source = await source_of(client)
    response = await client.post("/api/v1/catalog", json={"source": source})
    assert (response.status_code, response.json()["error"]["code"]) == (428, "version_required")


@pytest.mark.parametrize("header", ["", "x", "-1", '"1.5"', "1" * 40, "٣"])
async def test_a_strange_version_is_refused(centre, header):
    client = await centre.signed_in("admin")
    response = await client.post(
        "/api/v1/catalog", json={"source": "x"}, headers={"If-Match": header.encode()}
    )
    assert response.json()["error"]["code"] == "bad_version"


async def test_reverting_publishes_the_old_source_as_a_new_version(centre):
    client = await centre.signed_in("admin")
    before = await source_of(client)
    await published(client, with_change(before), 1)
    await versions(client, 2)
    response = await client.post("/api/v1/catalog/revert", json={"version": 1})
    assert response.json()["version"] == 3
    assert await source_of(client) == before
    assert (await versions(client, 3))[0]["note"] == "Back to version 1"


async def test_a_version_that_never_was_cannot_be_reverted_to(centre):
    client = await centre.signed_in("admin")
    response = await client.post("/api/v1/catalog/revert", json={"version": 7})
    assert response.status_code == 404


async def test_a_catalog_file_that_is_in_force_already_is_not_published_again(centre, tmp_path):
    patchbay = centre.patchbay
    file = tmp_path / "catalog.yaml"
    await put_in_force(patchbay.publisher, file, patchbay.clock)
    assert patchbay.publisher.current.version == 1
    file.write_text(with_change(file.read_text()))
    await put_in_force(patchbay.publisher, file, patchbay.clock)
    assert patchbay.publisher.current.version == 2


async def test_a_catalog_file_with_mistakes_stops_the_start_and_names_them(centre, tmp_path):
    file = tmp_path / "broken.yaml"
    file.write_text("queues: {help: {lable: Help}}")
    with pytest.raises(CatalogRefused, match=r"broken\.yaml:1:"):
        await put_in_force(centre.patchbay.publisher, file, centre.patchbay.clock)


async def test_without_hours_there_is_nothing_to_renew(centre):
    assert not await renew_hours(centre.patchbay.publisher, centre.patchbay.clock)
