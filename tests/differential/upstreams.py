"""Three HTTP parsers that other people wrote, each a process that records what it parsed and answers 200.

An answer's X-Seen is the request id that the parser read: it tells a client what was forwarded, and that the answer is its own.
"""

import json
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
NODE_ENV = HERE.parent.parent / "tools" / "node-env"
END_LIMIT_S = 30


class Missing(Exception):
    """The parser's program is not installed; the words say which one."""


class Upstream:
    """`encoding` is that of the file of records, whose characters stand for the bytes of the same number."""

    encoding = "utf-8"

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="counterfoil-differential-")
        self.file = pathlib.Path(self.folder.name) / "records"
        self.file.touch()
        self.offset = 0
        try:
            self.process, port = self._start()
        except BaseException:
            self.folder.cleanup()
            raise
        self.url = f"http://127.0.0.1:{port}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.folder.cleanup()

    def stop(self):
        """Ends the process; what it recorded can still be taken."""
        if self.process.poll() is None:
            self.process.terminate()
        self.process.wait(END_LIMIT_S)
        if self.process.stdout:
            self.process.stdout.close()

    def take(self):
        """What was parsed since the last call: records {method, target, headers: [[name, value], ...], body, isWhole}, or
        {refused, raw} for what the parser would not take."""
        with open(self.file, "rb") as file:
            file.seek(self.offset)
            written = file.read()
        whole = written[:written.rfind(b"\n") + 1]
        self.offset += len(whole)
        return [self._record(json.loads(line)) for line in whole.decode(self.encoding).split("\n")[:-1]]

    def _record(self, noted):
        return noted

    def _run(self, *command, **options):
        return subprocess.Popen([*map(str, command)], stdin=subprocess.DEVNULL, **options)

    def _run_and_read_port(self, *command):
        process = self._run(*command, stdout=subprocess.PIPE)
        line = process.stdout.readline()  # ends at the end of the process at the latest
        if not line:
            raise RuntimeError(f"{command[0]} ended with {process.wait(END_LIMIT_S)} before it listened")
        return process, int(line)


class Node(Upstream):
    def _start(self):
        if subprocess.run([NODE_ENV, "--check"], check=False).returncode != 0:
            raise Missing("there is no Node.js; tools/install-deps test brings it")
        return self._run_and_read_port(NODE_ENV, "node", HERE / "recording_server.mjs", self.file)


class Python(Upstream):
    def _start(self):
        return self._run_and_read_port(sys.executable, "-B", HERE / "recording_server.py", self.file)


class Nginx(Upstream):
    encoding = "latin-1"  # it escapes control bytes and writes those from 80 hex on as they are

    def _start(self):
        program = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
        if program is None:
            raise Missing("there is no nginx; tools/install-deps test brings it")
        # nginx takes over a listening socket that NGINX names, as it does when a new program takes over from an old one:
        # so nobody else can take the port meanwhile.
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
            text = (HERE / "nginx.conf").read_text(encoding="utf-8")
            # Root's nginx would give itself to another user, who may not enter the folder.
            user = "user root root;" if os.geteuid() == 0 else ""
            for word, value in {"@DIR@": self.folder.name, "@PORT@": str(port), "@USER@": user}.items():
                text = text.replace(word, value)
            configuration = self.file.with_name("nginx.conf")
            configuration.write_text(text, encoding="utf-8")
            with open(self.file.with_name("error.log"), "ab") as log:
                process = self._run(program, "-p", self.folder.name, "-c", configuration, pass_fds=[listener.fileno()],
                                    env=os.environ | {"NGINX": f"{listener.fileno()};"}, stderr=log)
        return process, port

    def _record(self, noted):
        if not noted["method"]:
            return {"refused": noted["status"], "raw": ""}
        headers = [pair for pair in noted["headers"] if pair[1]]
        return noted | {"headers": headers, "isWhole": noted["status"] not in ("400", "499")}


UPSTREAMS = {"node": Node, "python": Python, "nginx": Nginx}
