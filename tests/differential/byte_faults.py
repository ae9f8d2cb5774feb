"""Faults at the level of bytes, as a broken or a sly client makes them. All chance comes from `choose`."""

SPECIAL_BYTES = (b"\r", b"\n", b"\r\n", b"\0", b" ", b"\t", b"\x0b", b"\x0c", b"\x1c", b"\x7f", b"\x80", b"\x85",
                 b"\xa0", b"\xff", b":", b",", b";", b"%")


def mangled(choose, data):
    """One or two faults at the level of bytes, most of them in the head."""
    for _ in range(choose.choices((1, 2), (3, 1))[0]):
        head_size = data.find(b"\r\n\r\n") + 4
        at = choose.randrange(head_size if head_size > 4 and choose.random() < 0.7 else len(data))
        data = choose.choice(BYTE_FAULTS)(choose, data, at)
    return data


def flip_a_bit(choose, data, at):
    return data[:at] + bytes([data[at] ^ 1 << choose.randrange(8)]) + data[at + 1:]


def put_special(choose, data, at):
    return data[:at] + choose.choice(SPECIAL_BYTES) + data[at:]


def replace_by_special(choose, data, at):
    return data[:at] + choose.choice(SPECIAL_BYTES) + data[at + 1:]


def put_special_at_line_end(choose, data, at):
    end = data.find(b"\r\n", at)
    return put_special(choose, data, end + choose.randrange(3)) if end >= 0 else data


def drop_bytes(choose, data, at):
    return data[:at] + data[at + choose.randrange(1, 5):] or b" "


def repeat_bytes(choose, data, at):
    piece = data[at:at + choose.randrange(1, 60)]
    return data[:at] + piece + data[at:]


def cut_off(_, data, at):
    return data[:at + 1]


BYTE_FAULTS = (flip_a_bit, flip_a_bit, put_special, put_special, replace_by_special, put_special_at_line_end,
               drop_bytes, repeat_bytes, cut_off)
