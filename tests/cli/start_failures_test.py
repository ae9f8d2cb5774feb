#!/usr/bin/env python3
"""Everything that can keep a node from starting: one clear sentence, exit code 2 or 3, nothing left running, no crash."""

import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

import gateway_process

LIMIT_S = 120


def environment(**settings):
    clean = {name: value for name, value in os.environ.items() if not name.startswith("COUNTERFOIL_")}
    return clean | {"COUNTERFOIL_REST_LISTEN": "127.0.0.1:0", "COUNTERFOIL_CONSOLE_LISTEN": "",
                    "COUNTERFOIL_NODE_ALLOW_UNLOCKED_MEMORY": "true"} | settings


def refused(program, data, code, *words, **settings):
    """serve must end with `code` and one sentence that holds `words`."""
    ran = subprocess.run([program, "serve", "--data", str(data)], env=environment(**settings), capture_output=True,
                         text=True, timeout=LIMIT_S, stdin=subprocess.DEVNULL)
    told = [line for line in ran.stderr.splitlines() if line.startswith("counterfoil:")]
    problem = None
    if ran.returncode != code:
        problem = f"exit code {ran.returncode}, not {code}"
    elif len(told) != 1:
        problem = f"{len(told)} sentences"
    elif missing := [word for word in words if word not in told[0]]:
        problem = f"does not say {missing}"
    if problem:
        raise AssertionError(f"{problem}: {ran.stderr}")


class Folder:
    """A fresh node for each case, copied from one that has run before."""

    def __init__(self, program, folder):
        self.program, self.folder, self.count = program, pathlib.Path(folder), 0
        self.model = self.folder / "model" / "data"
        self.model.parent.mkdir()
        gateway_process.init(program, self.model)
        gateway = gateway_process.Gateway(program, self.model)
        gateway.must("POST", "/api/v1/accounts", {"id": "someone", "name": "Someone"})
        assert gateway.stop() == 0

    def fresh(self):
        self.count += 1
        data = self.folder / str(self.count) / "data"
        shutil.copytree(self.model, data)
        data.chmod(0o700)
        return data


def data_directory(nodes):
    data = nodes.fresh()
    refused(nodes.program, data.parent / "nowhere", 2, "counterfoil init")
    data.chmod(0o755)
    refused(nodes.program, data, 2, "chmod 700")
    link = data.parent / "link"
    link.symlink_to(data)
    data.chmod(0o700)
    refused(nodes.program, link, 2, "not a folder")


def root_key(nodes):
    data = nodes.fresh()
    key = data / "root.key"
    right = key.read_text()
    key.chmod(0o644)
    refused(nodes.program, data, 2, "root.key")
    key.chmod(0o600)
    key.write_text("f" * 64 + "\n")
    refused(nodes.program, data, 2, "root key")
    key.write_text("not hexadecimal")
    refused(nodes.program, data, 2, "root.key")
    key.unlink()
    refused(nodes.program, data, 2, "root.key")
    key.write_text(right)
    key.chmod(0o600)
    assert gateway_process.Gateway(nodes.program, data).stop() == 0  # the right one again


def proof_secret(nodes):
    data = nodes.fresh()
    secret = data / "upstream-proof.secret"
    secret.chmod(0o640)
    refused(nodes.program, data, 2, "chmod 600")
    secret.unlink()
    refused(nodes.program, data, 2, "upstream-proof.secret")


def stores(nodes):
    for name in ("registry.db", "journal.db"):
        foreign = nodes.fresh()
        (foreign / name).write_text("this is no database, and long enough to look like a file that somebody wrote here")
        refused(nodes.program, foreign, 2, name)
        open_to_others = nodes.fresh()
        (open_to_others / name).chmod(0o644)
        refused(nodes.program, open_to_others, 2, name)
    linked = nodes.fresh()
    (linked / "registry.db").rename(linked / "elsewhere.db")
    (linked / "registry.db").symlink_to("elsewhere.db")
    refused(nodes.program, linked, 2, "registry.db")


def damaged_store(nodes):
    data = nodes.fresh()
    store = data / "registry.db"
    for name in ("registry.db-wal", "registry.db-shm"):
        (data / name).unlink(missing_ok=True)
    content = bytearray(store.read_bytes())
    content[4096:] = b"\xa5" * (len(content) - 4096)
    store.write_bytes(content)
    refused(nodes.program, data, 3, "registry.db")


def rolled_back_store(nodes):
    """An older registry beside the checkpoints of a newer one: revoked keys might be alive in it again."""
    data = nodes.fresh()
    old = {name: (data / name).read_bytes() for name in ("registry.db",)}
    for name in ("registry.db-wal", "registry.db-shm"):
        if (data / name).exists():
            old[name] = (data / name).read_bytes()
    gateway = gateway_process.Gateway(nodes.program, data)
    gateway.must("POST", "/api/v1/accounts", {"id": "later", "name": "Later"})
    assert gateway.stop() == 0
    for name in ("registry.db-wal", "registry.db-shm"):
        (data / name).unlink(missing_ok=True)
    for name, content in old.items():
        (data / name).write_bytes(content)
    refused(nodes.program, data, 3, "an old copy of the registry")


def configuration(nodes):
    data = nodes.fresh()
    config = data / "counterfoil.toml"
    text = config.read_text()
    config.write_text(text + "\n[rest]\n")
    refused(nodes.program, data, 2, "counterfoil.toml:")
    config.write_text(text.replace("# listen =", "listne ="))
    refused(nodes.program, data, 2, "did you mean rest.listen?")
    config.write_text(text)
    config.chmod(0o620)
    refused(nodes.program, data, 2, "chmod go-w")
    config.chmod(0o600)
    refused(nodes.program, data, 2, "upstream.url", COUNTERFOIL_UPSTREAM_URL="127.0.0.1:9010")
    refused(nodes.program, data, 2, "profile.name", COUNTERFOIL_PROFILE_NAME="nothing")
    refused(nodes.program, data, 2, "plain HTTP", COUNTERFOIL_REST_LISTEN="0.0.0.0:0")


def ports(nodes):
    data = nodes.fresh()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        refused(nodes.program, data, 2, "in use", COUNTERFOIL_REST_LISTEN=f"127.0.0.1:{taken.getsockname()[1]}")
    running = gateway_process.Gateway(nodes.program, data)
    refused(nodes.program, data, 2)  # the stores are in use
    assert running.stop() == 0
    in_the_way = data / "admin.sock"
    in_the_way.write_text("not a socket")
    refused(nodes.program, data, 2, "admin.sock")


CASES = (data_directory, root_key, proof_secret, stores, damaged_store, rolled_back_store, configuration, ports)


def main():
    failures = 0
    with tempfile.TemporaryDirectory(prefix="counterfoil-start-") as folder:
        nodes = Folder(sys.argv[1], folder)
        for case in CASES:
            try:
                case(nodes)
                print("ok    ", case.__name__)
            except (AssertionError, RuntimeError) as failure:
                failures += 1
                print("FAILED", case.__name__, failure)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
