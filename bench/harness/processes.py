"""Processes under measurement: started on one core, ended by their own id, their CPU time and everybody else's."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


class Failure(Exception):
    """Something that makes a measurement meaningless. The text says what and where to look."""


def free_port() -> int:
    """A port nobody has right now. Another process may take it before we do: then the start fails and says so."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers_on(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(0.2)
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Process:
    """A program with its children, in a process group of its own, pinned to `core`."""

    def __init__(self, command: list[str], core: int, log: Path, environment: dict[str, str] | None = None):
        self.name = Path(command[0]).name
        self.log = log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                ["taskset", "-c", str(core), *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                env={**os.environ, **(environment or {})},
                start_new_session=True,
            )

    def wait_for_port(self, port: int, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while not answers_on(port):
            if self.popen.poll() is not None:
                raise Failure(f"{self.name} ended with code {self.popen.returncode} at its start: see {self.log}")
            if time.monotonic() > deadline:
                raise Failure(f"{self.name} does not listen on port {port} after {seconds:.0f} s: see {self.log}")
            time.sleep(0.02)

    def is_running(self) -> bool:
        return self.popen.poll() is None

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children, so far."""
        return sum(_cpu_ticks(pid) for pid in _members(self.popen.pid)) / TICK

    def resident_bytes(self) -> int:
        pages = sum(_resident_pages(pid) for pid in _members(self.popen.pid))
        return pages * os.sysconf("SC_PAGE_SIZE")

    def stop(self) -> None:
        for number in (signal.SIGTERM, signal.SIGKILL):
            try:
                os.killpg(self.popen.pid, number)
                self.popen.wait(timeout=5)
                return
            except ProcessLookupError:
                self.popen.wait()
                return
            except subprocess.TimeoutExpired:
                continue


def _stat_fields(pid: int) -> list[str]:
    """The fields of /proc/<pid>/stat from the third on; empty when the process has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _members(session: int) -> list[int]:
    pids = [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if (fields := _stat_fields(pid)) and int(fields[3]) == session]


def _cpu_ticks(pid: int) -> int:
    fields = _stat_fields(pid)
    return int(fields[11]) + int(fields[12]) if fields else 0


def _resident_pages(pid: int) -> int:
    fields = _stat_fields(pid)
    return int(fields[21]) if fields else 0


@dataclass(frozen=True)
class MachineTime:
    """What all cores together did since boot, in seconds."""

    busy: float
    stolen: float  # by the host, from a virtual machine

    @staticmethod
    def now() -> "MachineTime":
        user, nice, system, _idle, _iowait, irq, softirq, steal = (
            int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]
        )
        return MachineTime(busy=(user + nice + system + irq + softirq) / TICK, stolen=steal / TICK)
