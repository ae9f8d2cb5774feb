#!/usr/bin/env python3
"""A node whose disk is full for a while: it verifies, it revokes, it says why it changes nothing else, and it recovers.
Even one that is killed meanwhile starts again and does all that.

  full_disk_test.py PROGRAM LIBRARY

LIBRARY is failing_disk.so. Played twice: with that in the place of the disk, and on a small file system that is really
full, which takes the right to mount one; without that right this is said aloud and left out.
"""

import argparse
import contextlib
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import gateway_process  # noqa: E402

from failing_disk import FailingDisk  # noqa: E402

# A log that SQLite has emptied keeps its size, so some changes may find room in it on a full disk: 4 MiB and less.
CHANGES_UNTIL_FULL_MAX = 1000
REFUSED_CHANGES = 20
REVOCATIONS = 5
WAIT_LIMIT_S = 10  # also for the recovery after there is room, which takes no start
MEBIBYTE = 1024 * 1024


class Scene:
    """One node with an account and keys; `fill` and `free` are what happens to its disk."""

    def __init__(self, start, fill, free):
        self.start, self.fill, self.free = start, fill, free
        self.gateway = start()

    def start_again(self):
        self.gateway.kill()
        self.gateway = self.start()
        self.gateway.wait_until_in_force()

    def populate(self):
        self.gateway.wait_until_in_force()
        self.gateway.must("POST", "/api/v1/accounts", {"id": "desk", "name": "Desk"})
        self.trading, self.suspended, *self.revoking = (self.create() for _ in range(2 + REVOCATIONS))
        self.change(self.suspended, "suspend", {"cause": "test"})

    def wanted(self):
        return {"account": "desk", "type": "hmac-sha256", "permissions": ["USER_DATA"], "allow_list": ["127.0.0.1"]}

    def create(self):
        return self.gateway.must("POST", "/api/v1/keys", self.wanted())

    def change(self, key, action, body=None):
        return self.gateway.must("POST", f"/api/v1/keys/{key['api_key']}/{action}", body)

    def accepts(self, key):
        return self.gateway.accepts(key["api_key"], key["secret"])

    def rename(self, label):
        return self.gateway.call("PATCH", f"/api/v1/keys/{self.trading['api_key']}", {"label": label})

    def troubles(self):
        return {trouble["reason"] for trouble in self.gateway.must("GET", "/api/v1/status")["troubles"]}

    def play(self):
        assert "reserve_missing" not in self.troubles(), "the reserve is not held before anything happened"
        self.fill()
        room_in_log = self.until_refused()
        self.changes_are_refused()
        self.revocations_are_recorded(self.revoking[1:])
        self.changes_are_refused()
        self.start_again()
        self.changes_are_refused()
        self.revocations_are_recorded(self.revoking[:1])
        self.wait_for("the status tells of the reserve", lambda: "reserve_missing" in self.troubles())
        self.free()
        return room_in_log, self.recovers()

    def until_refused(self):
        for number in range(CHANGES_UNTIL_FULL_MAX):
            status, answer = self.rename(f"label {number}")
            if status == 503:
                return number
            assert status == 200, (status, answer)
        raise AssertionError("the disk never got full")

    def changes_are_refused(self):
        """Each with its reason, while requests are verified."""
        api_key = self.trading["api_key"]
        changes = (("POST", "/api/v1/keys", self.wanted()),
                   ("POST", f"/api/v1/keys/{api_key}/rotate", {"type": "hmac-sha256", "overlap_s": 60}),
                   ("PATCH", f"/api/v1/keys/{api_key}", {"label": "never"}),
                   ("POST", f"/api/v1/keys/{self.suspended['api_key']}/resume", None),
                   ("POST", "/api/v1/accounts", {"id": "never", "name": "Never"}))
        for number in range(REFUSED_CHANGES):
            status, answer = self.gateway.call(*changes[number % len(changes)])
            assert status == 503 and answer["reason"] == "disk_full", (changes[number % len(changes)], status, answer)
            assert "free some space" in answer["detail"], answer
            assert self.accepts(self.trading), "a good request was refused while the disk was full"
        assert not self.accepts(self.suspended)

    def revocations_are_recorded(self, keys):
        for key in keys:
            assert self.accepts(key)
            self.change(key, "revoke", {"cause": "leaked"})  # 200: recorded and in force
            assert not self.accepts(key)
            stored = self.gateway.must("GET", f"/api/v1/keys/{key['api_key']}")
            assert stored["state"] == "revoked", stored

    def recovers(self):
        """The seconds it took until a change was made and nothing was left to complain about."""
        seconds = self.wait_for("changes are made again", lambda: self.rename("free again")[0] == 200 and
                                not self.troubles() - {"memory_not_locked"})
        assert self.accepts(self.create())
        return seconds

    def wait_for(self, what, is_so):
        begun = time.monotonic()
        while not is_so():
            assert time.monotonic() < begun + WAIT_LIMIT_S, f"waited too long: {what}; troubles: {self.troubles()}"
            time.sleep(0.05)
        return time.monotonic() - begun

    def is_whole(self):
        assert self.accepts(self.trading) and not self.accepts(self.suspended)
        assert not any(self.accepts(key) for key in self.revoking)


def play(options, data, name, settings, fill, free):
    gateway_process.init(options.program, data)

    def start():
        return gateway_process.Gateway(options.program, data, ("COUNTERFOIL_LIMITS_ENABLED", "false"), *settings)

    scene = Scene(start, fill, free)
    try:
        scene.populate()
        room_in_log, seconds = scene.play()
        scene.is_whole()
        scene.start_again()
        scene.is_whole()
        fault = gateway_process.audit_faults(options.program, data, data.parent)
        assert not fault, fault
    finally:
        code = scene.gateway.stop()
    assert code == 0, code
    print(f"{name}: {room_in_log} changes found room in the log, {3 * REFUSED_CHANGES} were refused, {REVOCATIONS} "
          f"revocations recorded; recovered {seconds:.2f} s after there was room", flush=True)


def play_on_a_failing_disk(options):
    with tempfile.TemporaryDirectory(prefix="counterfoil-full-") as folder:
        data = pathlib.Path(folder).resolve() / "data"
        disk = FailingDisk(options.library, folder, data)
        play(options, data, "failing disk", disk.settings, disk.fill, disk.disarm)


def fill_up(path):
    """Takes every block that is left."""
    with open(path, "wb", buffering=0) as file, contextlib.suppress(OSError):
        for size in (MEBIBYTE, 4096):
            with contextlib.suppress(OSError):
                while True:
                    file.write(bytes(size))


def play_on_a_small_file_system(options):
    with tempfile.TemporaryDirectory(prefix="counterfoil-full-") as folder:
        place = pathlib.Path(folder).resolve() / "disk"
        place.mkdir()
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=32m", "tmpfs", place], capture_output=True,
                                 text=True, check=False)
        if mounted.returncode != 0:
            print(f"SKIPPED: the part on a real full file system, for none could be mounted: {mounted.stderr.strip()}")
            return
        try:
            ballast = place / "ballast"
            play(options, place / "data", "file system of 32 MiB", (), lambda: fill_up(ballast), ballast.unlink)
        finally:
            subprocess.run(["umount", place], check=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("library")
    options = parser.parse_args()
    play_on_a_failing_disk(options)
    play_on_a_small_file_system(options)


if __name__ == "__main__":
    main()
