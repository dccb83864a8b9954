"""``patchbay doctor`` looks at the servers that the settings name, as they are."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from config.settings import load_settings
from router.cluster.looking import fit_at_start, look, remarks
from router.journal.redis_address import connect
from router.lease import Lease
from server.cli.root import outcome
from server.doctor_around import around
from server.findings import Finding
from tests import migrated
from tests.asterisk.free_ports import free_port
from tests.mail.certificates import write_certificates
from tests.redis.server import RedisServer, require_redis


async def found(folder: Path, **settings: object) -> dict[str, Finding]:
    made = load_settings(data_directory=folder, **settings)
    return {one.what: one for one in await around(made)}


def doubtful(findings: dict[str, Finding]) -> set[str]:
    return {what for what, one in findings.items() if one.verdict != "ok"}


async def test_a_redis_as_it_should_be_is_told_as_that_and_who_writes(
    tmp_path, redis_server, redis, tenant
):
    assert await Lease(redis, tenant, "one-a1b2c3").take()
    findings = await found(tmp_path, redis_url=redis_server.url, tenant=tenant)
    assert doubtful(findings) == set()
    assert "one-a1b2c3" in findings["writes now"].detail
    assert "always" in findings["Redis appendfsync"].detail


async def test_what_is_amiss_with_a_redis_comes_with_what_to_do(tmp_path):
    require_redis()
    with RedisServer("--appendonly", "no", "--maxmemory-policy", "allkeys-lru") as server:
        findings = await found(tmp_path, redis_url=server.url, redis_replicas=1)
    assert doubtful(findings) == {
        "Redis appendonly",
        "Redis maxmemory-policy",
        "Redis replicas",
    }
    assert "PATCHBAY_REDIS_REPLICAS" in findings["Redis replicas"].remedy


async def test_a_redis_nobody_answers_at_is_a_problem_of_the_settings(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    findings = await found(tmp_path)
    assert findings["Redis"].verdict == "missing"
    assert "does not answer" in findings["Redis"].detail


async def test_a_wrong_password_is_told_as_one(tmp_path):
    require_redis()
    with RedisServer("--user", "default", "on", ">right", "~*", "&*", "+@all") as server:
        wrong = server.url.replace("redis://", "redis://:wrong@")
        right = server.url.replace("redis://", "redis://:right@")
        for url in (wrong, server.url):
            finding = (await found(tmp_path, redis_url=url))["Redis"]
            assert finding.verdict == "missing"
            assert "password" in finding.detail
            assert "up and reachable" not in finding.detail
        assert doubtful(await found(tmp_path, redis_url=right)) == set()


async def test_a_node_that_starts_warns_of_what_nobody_means_to_choose(redis, redis_server):
    assert await fit_at_start(redis, "main") == ()
    await redis.config_set("appendonly", "no")
    await redis.config_set("maxmemory-policy", "volatile-lru")
    try:
        file, policy = await fit_at_start(redis, "main")
        assert "set `appendonly yes`" in file
        assert "set `maxmemory-policy noeviction`" in policy
    finally:
        await redis.config_set("appendonly", "yes")
        await redis.config_set("maxmemory-policy", "noeviction")


async def test_what_an_acl_forbids_could_not_be_looked_at(tmp_path):
    require_redis()
    rights = ("on", ">pw", "~*", "&*", "+@all", "-config", "-info")
    with RedisServer("--user", "patchbay", *rights) as server:
        url = server.url.replace("redis://", "redis://patchbay:pw@")
        async with connect(url) as redis:
            seen = await look(redis, "main")
        told = {one.what: one.found for one in remarks(seen, 0) if one.remedy}
        findings = await found(tmp_path, redis_url=url)
    assert seen.version is seen.appendonly is seen.policy is None
    assert all("could not be looked at" in words for words in told.values())
    assert doubtful(findings) == set(told)


async def test_the_certificate_of_a_redis_behind_tls_is_looked_at(tmp_path):
    require_redis()
    write_certificates(tmp_path)
    port = free_port()
    pair = ("--tls-cert-file", f"{tmp_path}/server.pem", "--tls-key-file", f"{tmp_path}/server.key")
    trust = ("--tls-ca-cert-file", f"{tmp_path}/ca.pem", "--tls-auth-clients", "no")
    with RedisServer("--tls-port", str(port), *pair, *trust):
        url = f"rediss://localhost:{port}/0"
        known = await found(tmp_path, redis_url=f"{url}?ssl_ca_certs={tmp_path}/ca.pem")
        unknown = await found(tmp_path, redis_url=url)
    assert doubtful(known) == {"Redis certificate"}  # it is good for a day
    assert "certificate" in unknown["Redis"].detail


async def test_a_database_that_is_away_or_newer_is_a_problem(tmp_path):
    away = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
    assert (await found(tmp_path, database_url=away))["database"].verdict == "missing"
    file = tmp_path / "patchbay.db"
    assert (await found(tmp_path))["database"].verdict == "ok"
    assert not file.exists()
    migrated.put_into(tmp_path)
    assert "is up to date" in (await found(tmp_path))["database"].detail
    for revision, verdict in (("0001_customers", "ok"), ("9999_later", "missing")):
        with closing(sqlite3.connect(file)) as writing, writing:
            writing.execute("UPDATE alembic_version SET version_num = ?", (revision,))
        assert (await found(tmp_path))["database"].verdict == verdict


@pytest.mark.parametrize("url", ["mqtt://127.0.0.1:1", "http://127.0.0.1"])
async def test_a_broker_that_the_settings_ask_for_and_that_fails_is_a_problem(tmp_path, url):
    file = tmp_path / "mqtt.yaml"
    file.write_text(f"mqtt: {{url: '{url}'}}")
    finding = (await found(tmp_path, mqtt_path=file))["MQTT broker"]
    assert finding.verdict == "missing"
    assert finding.remedy


def test_of_several_tenants_each_is_told_by_its_name(tmp_path, monkeypatch):
    monkeypatch.setenv("PATCHBAY_REDIS_URL", f"redis://127.0.0.1:{free_port()}/0")
    monkeypatch.setenv("PATCHBAY_DATA_DIRECTORY", str(tmp_path))
    monkeypatch.setenv("PATCHBAY_TENANTS_PATH", str(tmp_path / "tenants.yaml"))
    tenants = "tenants: {acme: {hosts: [acme.example]}, bolt: {hosts: [bolt.example]}}"
    (tmp_path / "tenants.yaml").write_text(tenants)
    assert outcome(["doctor", "--json", str(tmp_path / "doctor.json")]) == 1
    findings = json.loads((tmp_path / "doctor.json").read_bytes())["findings"]
    assert {"acme: database", "acme: Redis", "bolt: database"} <= {one["what"] for one in findings}
