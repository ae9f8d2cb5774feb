"""The plan of failing_disk.so: which call on a file of a node's data fails, set while the node runs."""

import errno
import mmap
import pathlib
import struct

WRITE, SYNC, TRUNCATE, OPEN = 1, 2, 4, 8  # bits of `enum call`
CALLS_MAX = 0xFFFFFFFF


class FailingDisk:
    """One plan file. `settings` go into the environment of the process whose calls are to fail."""

    # `struct plan`: calls, first, last, error, seen, failed, room, all[4].
    LAYOUT = struct.Struct("=IIIiIIq4I")
    SEEN_AT, FAILED_AT = 16, 20
    NO_DISK_IS_FULL = -1

    def __init__(self, library, folder, data):
        path = pathlib.Path(folder) / "plan"
        path.write_bytes(bytes(self.LAYOUT.size))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), self.LAYOUT.size)
        self.settings = (("LD_PRELOAD", str(library)), ("FAILING_DISK_PLAN", str(path)),
                         ("FAILING_DISK_FOLDER", str(pathlib.Path(data).resolve())))

    def _write(self, offset, form, *values):
        struct.pack_into(form, self.map, offset, *values)

    def _arm(self, calls, first, last, error, room):
        self.disarm()
        self._write(4, "=IIiIIq", first, last, error, 0, 0, room)
        self._write(0, "=I", calls)  # last: from here on it counts

    def fail_one(self, calls, number, error=errno.EIO):
        """Lets the `number`-th of these calls fail, and no other."""
        self._arm(calls, number, number, error, self.NO_DISK_IS_FULL)

    def fill(self):
        """From now on nothing can be written, but what a removed file leaves free: as of a disk whose quota is used up."""
        self._arm(WRITE, 1, CALLS_MAX, errno.EDQUOT, 0)

    def disarm(self):
        self._write(0, "=I", 0)

    @property
    def failed(self):
        return struct.unpack_from("=I", self.map, self.FAILED_AT)[0]

    @property
    def calls_seen(self):
        """How many calls of each kind there were since the start, armed or not: {name: number}."""
        counts = struct.unpack_from("=4I", self.map, self.LAYOUT.size - 16)
        return dict(zip(("write", "sync", "truncate", "open"), counts))
