"""Honest traffic while the node is restarted, reloads, and has keys rotated: how many rightly signed requests are refused."""

import json
import os
import signal
import subprocess

from .duels import Ring
from .gateways import START_SECONDS, Gateway, Setting, counterfoil
from .load import Load, seen_by, start_load
from .processes import Process
from .results import Goal, Row, alone

REQUESTS = 1_000_000
CONNECTIONS = 64
SECONDS = 5.0  # of load between two restarts
ROTATED = 20  # API keys in each of these times; their old pairs stay valid
CHANGES_S = 0.5  # from one change to the next
METHODS = ("GET", "POST")


class Node:
    """The gateway under test, which is started again on the same data."""

    def __init__(self, ring: Ring, gateway: Gateway):
        self.ring, self.gateway = ring, gateway
        self.folder = gateway.process.log.parent
        self.binary = os.environ["COUNTERFOIL_BINARY"]

    def command(self, *words: str) -> None:
        counterfoil(*words, data=self.folder / "data")

    def reload(self) -> None:
        self.command("reload")

    def restart(self) -> None:
        """Drains the node, which hands its replay memory on, and waits until the next one answers."""
        process = self.gateway.process
        os.killpg(process.popen.pid, signal.SIGTERM)
        process.popen.wait(timeout=START_SECONDS)
        again = Process([self.binary, "serve", "--config", str(self.folder / "counterfoil.toml")],
                        self.ring.bed.gateway_core, process.log)
        self.ring.bed.gateways.remove(process)
        self.ring.bed.gateways.append(again)
        self.gateway.process = again
        again.wait_for_port(self.gateway.port, START_SECONDS)
        self.gateway.check("/api/v3/order")


def _change_until_done(node: Node, load: subprocess.Popen, api_keys: list[str], number: int) -> None:
    """Reloads, rotates API keys and the sealing key, again and again while the load runs."""
    rotated = iter(api_keys[number * ROTATED % len(api_keys):][:ROTATED])
    began_sealing_key = False
    while True:
        try:
            load.wait(timeout=CHANGES_S)
            return
        except subprocess.TimeoutExpired:
            node.reload()
        if not began_sealing_key:
            node.command("secrets", "rotate", "kek", "--no-wait")
            began_sealing_key = True
        for api_key in rotated:
            node.command("keys", "rotate", api_key, "--type", "hmac-sha256", "--overlap", "1d", "--yes", "--out",
                         str(node.folder / f"{number}-{api_key[:12]}"))
            break


def honest_traffic(ring: Ring, requests: int = REQUESTS) -> list[Row]:
    """Runs until so many requests were answered."""
    keys = ring.keys["hmac"].directory / "keys.json"
    api_keys = [entry["api_key"] for entry in json.loads(keys.read_text())]
    answered, refused, faults, number = 0, {}, 0, 0
    with ring.gateway(Setting("counterfoil"), {"/api/v3/order"}) as gateway:
        node = Node(ring, gateway)
        while answered < requests:
            load = start_load(ring.bed, Load(CONNECTIONS, SECONDS, method=METHODS[number % len(METHODS)]), gateway.port, keys)
            _change_until_done(node, load, api_keys, number)
            seen = seen_by(load)
            answered += sum(seen["statuses"].values())
            faults += sum(seen["faults"].values())
            for status, count in seen["statuses"].items():
                if status != "200":
                    refused[status] = refused.get(status, 0) + count
            number += 1
            ring.bed.say(f"   {answered:10,} of {requests:,} answered, {number} restarts   refused {refused or 'none'}"
                         f"   connections broken {faults}")
            node.restart()
    return [
        alone("honest requests refused", sum(refused.values()), f"of {answered:,}", number, Goal(at_most=0)),
        alone("honest requests not answered", faults, f"of {answered:,}", number, Goal(at_most=0)),
    ]
