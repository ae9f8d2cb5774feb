"""A flood of wrong signatures for API keys that exist: each is a request whose cause is looked for. What honest clients feel of it, beside
the same flood for API keys that nobody holds, which is refused as well and examined by nobody."""

import json
import secrets
import string
from pathlib import Path

from .duels import COUNTERFOIL, Ring
from .load import Load, seen_by, start_load
from .processes import Failure
from .results import Goal, Row, compare

HONEST = Load(connections=64, seconds=3.0)
FLOOD_RATE = 2000
SLOWER_AT_MOST = 0.9
LATENCY_AT_MOST = 1.1
HONEST_RATE = 4000


def _copy(keys: Path, name: str, change) -> Path:
    changed = keys.with_name(name)
    changed.write_text(json.dumps([entry | change(entry) for entry in json.loads(keys.read_text())]))
    return changed


def _stranger(_entry: dict) -> dict:
    letters = string.ascii_letters + string.digits
    return {"api_key": "".join(secrets.choice(letters) for _ in range(64))}


def _beside(ring: Ring, port: int, keys: Path, honest: Load, flood: Path) -> dict:
    # From one address a key's wrong signatures are soon refused unseen.
    refused = start_load(ring.bed, Load(64, honest.seconds, FLOOD_RATE, spread=True), port, flood)
    accepted = seen_by(start_load(ring.bed, honest, port, keys))
    told = seen_by(refused)
    if "200" in told["statuses"] or not told["statuses"]:
        raise Failure(f"the flood was not refused: {told['statuses']}")
    if set(accepted["statuses"]) != {"200"}:
        raise Failure(f"not all honest requests were accepted: {accepted['statuses']}")
    return accepted


def flooded(ring: Ring, rounds: int, seconds: float) -> list[Row]:
    """The two floods in turns: beside as much as the gateway can do, and beside a fixed rate."""
    seconds = max(seconds, 3)
    keys = ring.keys["hmac"].directory / "keys.json"
    wrong = _copy(keys, "flood-wrong.json", lambda entry: {"secret": entry["secret"][::-1]})
    unknown = _copy(keys, "flood-unknown.json", _stranger)
    most = Load(HONEST.connections, seconds)
    steady = Load(HONEST.connections, seconds, HONEST_RATE)
    rates, latencies = ([], []), ([], [])
    with ring.gateway(COUNTERFOIL.setting, {COUNTERFOIL.path}) as gateway:
        for number in range(rounds):
            for side, flood in enumerate((wrong, unknown)):
                rates[side].append(_beside(ring, gateway.port, keys, most, flood)["rps"])
                latencies[side].append(_beside(ring, gateway.port, keys, steady, flood)["latency_us"]["p99"])
            ring.bed.say(f"   {number + 1}/{rounds}  honest requests beside {FLOOD_RATE} wrong signatures a second {rates[0][-1]:6.0f} /s,"
                         f" beside as many unknown API keys {rates[1][-1]:6.0f} /s;"
                         f" p99 at {HONEST_RATE} /s {latencies[0][-1]:.0f} and {latencies[1][-1]:.0f} us")
    name = f"honest requests beside {FLOOD_RATE} wrong signatures a second"
    return [
        compare(f"{name}: accepted", "/s", rates[0], rates[1], "beside unknown keys", Goal(at_least=SLOWER_AT_MOST)),
        compare(f"{name}: p99 at {HONEST_RATE} /s", "us", latencies[0], latencies[1], "beside unknown keys",
                Goal(at_most=LATENCY_AT_MOST)),
    ]
