"""The files in deploy/ agree with the program and with each other, as far as reading them tells."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.mqtt import read_mqtt
from config.settings import PREFIX, Settings, load_settings
from server.cli.serve import START_AGAIN
from server.roles import OPERATIONS

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "secrets" not in path.parts)
SCRIPTS = [path for path in FILES if path.suffix == ".sh"]
UNITS = [path for path in FILES if path.suffix == ".service"]
YAMLS = [path for path in FILES if path.suffix == ".yaml"]
NOT_SETTINGS = {"PATCHBAY_SITE"}  # of compose.yaml: the address people use
PORT = 8080
HEALTH = {"/healthz", "/readyz"}


def of(path: Path) -> str:
    return path.relative_to(DEPLOY).as_posix()


def documents(name: str) -> list[dict[str, Any]]:
    return [one for one in yaml.safe_load_all((DEPLOY / name).read_text()) if one]


def accepted(values: dict[str, str], monkeypatch) -> Settings:
    """These environment variables are settings, and can be used."""
    for name, value in values.items():
        assert name.removeprefix(PREFIX).lower() in Settings.model_fields, name
        monkeypatch.setenv(name, value)
    return load_settings()


def lines_of(text: str) -> dict[str, str]:
    """PATCHBAY_NAME=value lines, those that are commented out as examples, too."""
    return dict(re.findall(r"^#?(PATCHBAY_\w+)=(.*)$", text, re.MULTILINE))


# -- settings -------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", FILES, ids=of)
def test_every_setting_that_is_named_is_one(path):
    for name in set(re.findall(r"PATCHBAY_[A-Z_]+", path.read_text())) - NOT_SETTINGS:
        field = name.removeprefix(PREFIX).lower()
        assert field in Settings.model_fields, f"{name} in {path}"


@pytest.mark.parametrize("node", ["node1", "node2", "node3"])
def test_compose_gives_each_node_settings_it_takes(node, monkeypatch):
    environment = compose()["services"][node]["environment"]
    filled = {
        n: v.replace("${PATCHBAY_SITE:-localhost}", "localhost") for n, v in environment.items()
    }
    settings = accepted(image_environment() | filled, monkeypatch)
    assert settings.node_name == node
    assert (settings.host, settings.port) == ("0.0.0.0", PORT)


def test_kubernetes_gives_settings_that_are_taken(monkeypatch):
    (settings,) = documents("kubernetes/settings.yaml")
    (secret,) = documents("kubernetes/secret.example.yaml")
    from_file = lines_of(secret["stringData"]["patchbay.env"])
    accepted(image_environment() | settings["data"] | from_file, monkeypatch)


def test_the_settings_file_of_the_units_can_be_used(monkeypatch):
    accepted(lines_of((DEPLOY / "systemd" / "patchbay.env").read_text()), monkeypatch)


def test_a_catalog_is_not_put_in_force_again_by_every_node_that_takes_over():
    for text in ((DEPLOY / "compose.yaml"), (DEPLOY / "kubernetes" / "settings.yaml")):
        assert not re.search(r"^\s*PATCHBAY_CATALOG_PATH:", text.read_text(), re.MULTILINE)


# -- Docker ---------------------------------------------------------------------------------------


def compose() -> dict[str, Any]:
    return documents("compose.yaml")[0]


def image_environment() -> dict[str, str]:
    text = (DEPLOY / "Dockerfile").read_text().rpartition("FROM ")[2]
    return dict(re.findall(r"(PATCHBAY_\w+)=(\S+)", text))


def test_whatever_compose_names_is_there():
    top = compose()
    for name, service in top["services"].items():
        for volume in service.get("volumes", ()):
            source, target, *_ = volume.split(":")
            if source.startswith("."):
                assert (DEPLOY / source).exists(), source
            else:
                assert source in top["volumes"], source
            assert target.startswith("/"), target
        for secret in service.get("secrets", ()):
            assert (secret if isinstance(secret, str) else secret["source"]) in top["secrets"]
        for other in service.get("depends_on", ()):
            assert other in top["services"], f"{name} waits for {other}"
        assert service["restart"] == "always"


def test_the_script_makes_every_secret_that_compose_wants():
    script = (DEPLOY / "make-secrets.sh").read_text()
    for secret in compose()["secrets"].values():
        folder, _, name = secret["file"].partition("/")
        assert folder == "secrets"
        assert re.search(rf"(>|-(key)?out ){re.escape(name)}\b", script), name


def test_secrets_are_random_usable_and_made_once(tmp_path, monkeypatch):
    _need_openssl()
    made = [_secrets(tmp_path / "a"), _secrets(tmp_path / "b"), _secrets(tmp_path / "a")]
    assert made[0] == made[2] != made[1]
    for secret in compose()["secrets"].values():
        assert (tmp_path / "a" / Path(secret["file"]).name).is_file(), secret
    assert (tmp_path / "a").stat().st_mode & 0o077 == 0
    settings = accepted(lines_of(made[0]), monkeypatch)
    assert settings.redis_url is not None
    password = (tmp_path / "a" / "redis_password").read_text().strip()
    assert password in settings.redis_url.get_secret_value()
    assert f"requirepass {password}\n" in (tmp_path / "a" / "redis.conf").read_text()
    assert (tmp_path / "a" / "postgres_password").read_text().strip() in settings.database_url


def _need_openssl() -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")


def _secrets(folder: Path) -> str:
    subprocess.run(["sh", DEPLOY / "make-secrets.sh", folder], check=True, capture_output=True)
    return (folder / "patchbay.env").read_text()


def test_nodes_and_servers_of_compose_know_each_other_by_the_right_names():
    services, script = compose()["services"], (DEPLOY / "make-secrets.sh").read_text()
    assert "@redis:6379/" in script
    assert "@postgres/patchbay" in script
    assert services["postgres"]["environment"]["POSTGRES_DB"] == "patchbay"
    caddy = (DEPLOY / "Caddyfile").read_text()
    nodes = [name for name in services if name.startswith("node")]
    assert re.findall(r"(node\d+):(\d+)", caddy) == [(node, str(PORT)) for node in nodes]
    assert re.search(r"health_uri (\S+)", caddy)[1] in HEALTH


def test_redis_loses_nothing_that_it_has_answered():
    for name in ("redis", "redis-replica"):
        command = compose()["services"][name]["command"]
        told = dict(zip(command[2:8:2], command[3:8:2], strict=True))
        assert told["--appendonly"] == "yes"
        assert told["--appendfsync"] == "always"
        assert told["--maxmemory-policy"] == "noeviction"
    assert command[-3:] == ["--replicaof", "redis", "6379"]


def test_a_node_that_is_started_alone_has_the_replica_it_waits_for():
    """`docker compose run node1` starts what it depends on; the first catalog needs the replica."""
    services = compose()["services"]
    for node in (service for name, service in services.items() if name.startswith("node")):
        assert node["environment"]["PATCHBAY_REDIS_REPLICAS"] == "1"
        # Not its health: a replica that is away must not keep nodes from starting.
        assert node["depends_on"]["redis-replica"] == {"condition": "service_started"}


def test_the_broker_of_compose_is_the_one_that_is_documented_elsewhere(tmp_path):
    _need_openssl()
    _secrets(tmp_path)
    text = (DEPLOY / "mqtt.yaml").read_text()
    for name in ("mqtt_password", "mqtt_ca"):
        assert name in compose()["services"]["node1"]["secrets"]
        file = tmp_path / Path(compose()["secrets"][name]["file"]).name
        text = text.replace(f"/run/secrets/{name}\n", f"{file}\n")
    (tmp_path / "mqtt.yaml").write_text(text)
    settings = read_mqtt(tmp_path / "mqtt.yaml")
    service = compose()["services"]["mosquitto"]
    (command,) = service["command"][2:]
    conf = (DEPLOY / "mosquitto" / "mosquitto.conf").read_text()
    for pattern in re.findall(r"s,(\^[^,]+),", command):
        assert re.search(pattern.replace("$$", "$"), conf, re.MULTILINE), pattern
    inside = {s["target"] for s in service["secrets"] if isinstance(s, dict)}
    inside |= {volume.split(":")[1] for volume in service["volumes"]}
    for name in ("cafile", "certfile", "keyfile", "acl_file"):
        assert re.search(rf"^{name} (\S+)", conf, re.MULTILINE)[1] in inside
    assert f"user {settings.username}\n" in (DEPLOY / "mosquitto" / "acl").read_text()


def test_the_image_copies_what_its_build_reads():
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text()
    project = (ROOT / "pyproject.toml").read_text()
    (packages,) = re.findall(r"targets\.wheel\]\npackages = \[(.*?)\]", project)
    wanted = re.findall(r'"(\w+)"', packages)
    wanted += ["web", "README.md", "LICENSE", "hatch_build.py", "pyproject.toml"]
    for name in (*wanted, "requirements.lock", "requirements-dev.lock"):
        assert f"\n!{name}\n" in ignored, name
        assert (ROOT / name).exists()


def test_the_image_runs_as_nobody_of_importance_and_begins_the_program():
    text = (DEPLOY / "Dockerfile").read_text()
    assert re.search(r"^USER (\d+):\d+$", text, re.MULTILINE)[1] == "10001"
    assert 'ENTRYPOINT ["patchbay"]' in text
    assert "http" not in re.sub(r"http://127\.0\.0\.1:8080/healthz", "", text)


def test_the_lock_of_the_driver_is_whole():
    """What the Dockerfile cuts out with sed: one package with its hashes."""
    lock = (ROOT / "requirements-dev.lock").read_text()
    found = re.search(
        r"^asyncpg==[^\n]+\\\n( +--hash=sha256:\w+ \\\n)+ +--hash=sha256:\w+$", lock, re.MULTILINE
    )
    assert found is not None


# -- Kubernetes -----------------------------------------------------------------------------------


def test_manifests_are_all_applied_and_refer_to_each_other():
    (listed,) = documents("kubernetes/kustomization.yaml")
    parts = [one for name in listed["resources"] for one in documents(f"kubernetes/{name}")]
    names = {(one["kind"], one["metadata"]["name"]) for one in parts}
    assert len(names) == len(parts)
    nodes = next(one for one in parts if one["kind"] == "StatefulSet")
    pod = nodes["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert ("Service", nodes["spec"]["serviceName"]) in names
    assert ("ConfigMap", container["envFrom"][0]["configMapRef"]["name"]) in names
    claims = {
        v["persistentVolumeClaim"]["claimName"]
        for v in pod["volumes"]
        if len(v) == 2 and "persistentVolumeClaim" in v
    }
    assert {("PersistentVolumeClaim", claim) for claim in claims} <= names
    mounted = {mount["name"] for mount in container["volumeMounts"]}
    own = {claim["metadata"]["name"] for claim in nodes["spec"]["volumeClaimTemplates"]}
    assert mounted == {volume["name"] for volume in pod["volumes"]} | own
    ingress = next(one for one in parts if one["kind"] == "Ingress")
    for rule in ingress["spec"]["rules"]:
        for path in rule["http"]["paths"]:
            assert ("Service", path["backend"]["service"]["name"]) in names


def test_probes_ask_what_there_is_and_the_end_has_time():
    nodes = documents("kubernetes/nodes.yaml")[0]["spec"]
    pod = nodes["template"]["spec"]
    (container,) = pod["containers"]
    assert nodes["replicas"] == 3
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert container[probe]["httpGet"]["path"] in HEALTH
        assert container[probe]["httpGet"]["port"] == container["ports"][0]["name"]
    assert container["ports"][0]["containerPort"] == PORT
    assert pod["terminationGracePeriodSeconds"] >= 30
    assert nodes["selector"]["matchLabels"] == nodes["template"]["metadata"]["labels"]
    volumes = (DEPLOY / "kubernetes" / "volumes.yaml").read_text()
    assert volumes.count("[ReadWriteMany]") == 2


def pods() -> list[dict[str, Any]]:
    """The specifications of all pods that the manifests make."""
    parts = documents("kubernetes/nodes.yaml") + documents("kubernetes/first-catalog.yaml")
    return [one["spec"]["template"]["spec"] for one in parts if "template" in one.get("spec", {})]


@pytest.mark.parametrize("pod", pods(), ids=["nodes", "first-catalog"])
def test_a_service_is_not_taken_for_a_setting(pod):
    """Kubernetes tells pods of the Service `patchbay` by PATCHBAY_PORT=tcp://…"""
    names = {one["metadata"]["name"] for one in documents("kubernetes/services.yaml")}
    assert PREFIX.removesuffix("_").lower() in names
    assert pod["enableServiceLinks"] is False


@pytest.mark.parametrize("pod", pods(), ids=["nodes", "first-catalog"])
def test_pods_are_let_in_where_only_restricted_ones_are(pod):
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    (container,) = pod["containers"]
    context = container["securityContext"]
    assert context["allowPrivilegeEscalation"] is False
    assert context["readOnlyRootFilesystem"] is True
    assert context["capabilities"] == {"drop": ["ALL"]}
    assert "/tmp" in {mount["mountPath"] for mount in container["volumeMounts"]}


def test_addresses_that_are_asked_are_served():
    served = {
        operation for operation in OPERATIONS if operation in {"healthz", "readyz", "metrics"}
    }
    assert served == {"healthz", "readyz", "metrics"}


def test_the_first_catalog_passes_the_check(tmp_path):
    from config.catalog import check_text

    (catalog, job) = documents("kubernetes/first-catalog.yaml")
    report = check_text(catalog["data"]["catalog.yaml"], at=0)
    assert report.catalog is not None, report.errors
    args = job["spec"]["template"]["spec"]["containers"][0]["args"]
    assert args[:2] == ["patchbay", "serve"]


# -- scripts and units ----------------------------------------------------------------------------


@pytest.mark.parametrize("path", SCRIPTS, ids=of)
def test_scripts_are_posix_and_end_at_the_first_failure(path):
    subprocess.run(["sh", "-n", path], check=True)
    if path.name != "common.sh":
        assert path.stat().st_mode & 0o100
        assert "\nset -eu\n" in path.read_text()


def test_what_is_restored_is_left_to_the_user_that_redis_runs_as():
    text = (DEPLOY / "backup" / "cluster-restore.sh").read_text()
    assert text.index('chown -R --reference="$place" "$place"') > text.index("shutdown nosave >")


@pytest.mark.parametrize("path", YAMLS, ids=of)
def test_yaml_names_nothing_twice(path):
    class Strict(yaml.SafeLoader):
        pass

    def mapping(loader, node):
        keys = [loader.construct_object(key) for key, _ in node.value if key.value != "<<"]
        assert len(keys) == len(set(keys)), f"{path}:{node.start_mark.line + 1}"
        return yaml.SafeLoader.construct_mapping(loader, node, deep=True)

    def constructed(loader, node):
        keys = mapping(loader, node)
        loader.flatten_mapping(node)
        return keys

    Strict.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, constructed)
    assert list(yaml.load_all(path.read_text(), Strict))


@pytest.mark.parametrize("path", UNITS, ids=of)
def test_units_begin_again_and_keep_their_data_to_themselves(path):
    unit = configparser.RawConfigParser(strict=False, delimiters=("=",))
    unit.optionxform = str
    unit.read_string(path.read_text())
    service = unit["Service"]
    assert service["Restart"] == "always"
    command = service["ExecStart"].split()[1:]
    if "branch" in path.name:
        assert command[:3] == ["adapter", "asterisk", "--mqtt"]
    else:
        assert command == ["serve"]
        assert service["RestartForceExitStatus"] == str(START_AGAIN)
    assert f"PATCHBAY_DATA_DIRECTORY=/var/lib/{service['StateDirectory']}" in service["Environment"]
    assert service["NoNewPrivileges"] == "yes"
    assert ("%i" in service["EnvironmentFile"]) == ("@" in path.name)


def test_units_may_write_where_their_settings_keep_shared_files():
    settings = lines_of((DEPLOY / "systemd" / "patchbay.env").read_text())
    for path in UNITS:
        if "branch" not in path.name:
            folder = re.search(r"^ReadWritePaths=-(\S+)$", path.read_text(), re.MULTILINE)[1]
            assert Path(settings["PATCHBAY_FILES_PATH"]).is_relative_to(folder)
            assert Path(settings["PATCHBAY_RECORDINGS_PATH"]).is_relative_to(folder)


@pytest.mark.parametrize("path", UNITS, ids=of)
def test_units_leave_the_folder_of_settings_to_its_owner(path):
    """ConfigurationDirectory= would open it for writing to what runs in the unit."""
    assert "ConfigurationDirectory" not in path.read_text()


@pytest.mark.parametrize("path", UNITS, ids=of)
def test_systemd_understands_its_units(path, tmp_path):
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    program = "/opt/patchbay/bin/patchbay"  # which is not on this machine
    name = path.name.replace("@.", "@sales.")
    (tmp_path / name).write_text(path.read_text().replace(program, shutil.which("true")))
    done = subprocess.run(
        ["systemd-analyze", "verify", f"./{name}"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


# -- alerts ---------------------------------------------------------------------------------------


@cache
def metrics() -> set[str]:
    """Every name that the program may expose, with the endings Prometheus sees."""
    names = set()
    for package in ("reporting", "server"):
        for source in (ROOT / package).rglob("*.py"):
            text = source.read_text()
            for kind, name in re.findall(r"(\w+)\(\s*(?:registry,\s*)?\"(patchbay_\w+)\"", text):
                match kind:
                    case "Counter" | "CounterMetricFamily":
                        names.add(f"{name}_total")
                    case "Histogram":
                        names |= {f"{name}_bucket", f"{name}_sum", f"{name}_count"}
                    case _:
                        names.add(name)
    return names


def rules() -> list[dict[str, Any]]:
    (alerts,) = documents("prometheus/alerts.yaml")
    return [rule for group in alerts["groups"] for rule in group["rules"]]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_alerts_ask_for_metrics_that_there_are(rule):
    asked = set(re.findall(r"patchbay_\w+", rule["expr"]))
    assert asked <= metrics()
    assert asked or "up{" in rule["expr"]
    assert rule["expr"].count("(") == rule["expr"].count(")")
    assert rule["labels"]["severity"] in {"warning", "critical"}


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: rule["alert"])
def test_every_alert_has_a_section_that_says_what_to_do(rule):
    page, _, section = rule["annotations"]["runbook"].partition("#")
    text = (ROOT / page).read_text()
    titles = re.findall(r"^##+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in titles}
    assert not section or section in slugs
