"""Runs programs with their output in a log file, a time limit on the whole family of processes, and signs of life."""

import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

PROGRESS_SECONDS = 10  # How often a long step shows its latest line where no person watches a terminal.


def say(text):
    print(text, flush=True)


def run(command, log, *, cwd, environment=None, limit_seconds=3600, progress=None):
    """Runs `command` without standard input, its output going to the file `log`, and returns its exit code.

    A program that outlives `limit_seconds` is killed with its children and returns None. `progress(line)` says whether a
    line is worth showing as a sign of life; without it nothing is shown.
    """
    log = pathlib.Path(log)
    log.parent.mkdir(parents=True, exist_ok=True)
    with open(log, "wb") as sink:
        process = subprocess.Popen(
            [str(word) for word in command], cwd=cwd, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)
        expired = threading.Event()
        timer = threading.Timer(limit_seconds, lambda: (expired.set(), _kill(process)))
        timer.start()
        try:
            _pump(process.stdout, sink, progress)
            code = process.wait()
        except BaseException:  # Ctrl-C included: leave no process behind.
            _kill(process)
            raise
        finally:
            timer.cancel()
    return None if expired.is_set() else code


def read(log, limit=200_000):
    """The end of a log as text."""
    try:
        data = pathlib.Path(log).read_bytes()
    except FileNotFoundError:
        return ""
    return data[-limit:].decode("utf-8", "replace")


def describe_exit(code):
    """Says in words how a program ended."""
    if code is None:
        return "ran longer than its limit and was killed"
    if code < 0:
        try:
            return f"was ended by {signal.Signals(-code).name}"
        except ValueError:
            return f"was ended by signal {-code}"
    return f"ended with exit code {code}"


def _pump(source, sink, progress):
    shown_at = time.monotonic()
    for line in source:
        sink.write(line)
        if progress is None:
            continue
        text = line.decode("utf-8", "replace").rstrip()
        now = time.monotonic()
        if progress(text) and (now - shown_at >= PROGRESS_SECONDS or sys.stdout.isatty()):
            sys.stdout.write(f"\r\033[K  {text[:100]}" if sys.stdout.isatty() else f"  {text}\n")
            sys.stdout.flush()
            shown_at = now
    if progress is not None and sys.stdout.isatty():
        sys.stdout.write("\r\033[K")


def _kill(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
