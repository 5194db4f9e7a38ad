"""Other bytes for the same program, or nearly: encodings, line ends, blanks, comments, wide and long text."""

from __future__ import annotations

import codecs
import random
import re
from collections.abc import Callable, Mapping

Form = Callable[[random.Random, str], bytes]

_COMMENTS = ("# durable-lint: ignore[DUR101] it is right", "# durable-lint: ignore", "# noqa", "# noqa: DUR101,DUR206",
             "# durable-lint: ignore[DUR", "# durable-lint: ignore-file[DUR501] \U0001f570", "# type: ignore", "#" * 90,
             "# 𝕏 \x1b[31m red", "# durable-lint: ignore[wall-clock-in-workflow]")  # fmt: skip
_CODECS = (
    "latin-1",
    "cp1252",
    "shift_jis",
    "utf-8",
    "utf-8-sig",
    "ascii",
    "iso8859-15",
    "utf-7",
    "koi8-r",
    "utf-16",
    "gbk",
)


def crlf(_: random.Random, text: str) -> bytes:
    return text.replace("\n", "\r\n").encode()


def lone_cr(_: random.Random, text: str) -> bytes:
    return text.replace("\n", "\r").encode()


def mixed_ends(chance: random.Random, text: str) -> bytes:
    return re.sub("\n", lambda _: chance.choice(("\n", "\r\n", "\r")), text).encode()


def byte_order_mark(chance: random.Random, text: str) -> bytes:
    return codecs.BOM_UTF8 + (crlf(chance, text) if chance.random() < 0.3 else text.encode())


def tabs(_: random.Random, text: str) -> bytes:
    return re.sub("^(    )+", lambda found: "\t" * (len(found[0]) // 4), text, flags=re.MULTILINE).encode()


def form_feeds(chance: random.Random, text: str) -> bytes:
    return _in_lines(
        chance, text, lambda row: chance.choice(("\f" + row, "\f\n" + row, row + "\f", row + "  "))
    ).encode()


def comments(chance: random.Random, text: str) -> bytes:
    def commented(row: str) -> str:
        comment = chance.choice(_COMMENTS)
        return f"{row}  {comment}" if chance.random() < 0.7 else f"{comment}\n{row}"

    return _in_lines(chance, text, commented).encode()


def continued(chance: random.Random, text: str) -> bytes:
    """Lines broken with backslashes, or put together with semicolons."""

    def broken(row: str) -> str:
        body = row.lstrip()
        at = body.find(" ")
        if at < 0 or chance.random() < 0.2:
            return row + ";"
        margin = row[: len(row) - len(body)]
        return f"{margin}{body[:at]} \\\n{chance.choice(('', ' ', margin, '    ' + margin))}{body[at + 1 :]}"

    return _in_lines(chance, text, broken).encode()


def declared(chance: random.Random, text: str) -> bytes:
    """In another encoding, which a comment names: rightly or not."""
    codec = chance.choice(_CODECS)
    text = f"# -*- coding: {codec} -*-\n" + text.replace('"', '"é', 1)
    return text.encode(codec if chance.random() < 0.8 else "utf-8", "replace")


def wide(chance: random.Random, text: str) -> bytes:
    """With characters beyond ASCII and beyond the BMP in strings and comments."""
    wider = chance.choice(("é", "🕰", "\u2028", "\x85", "\x0b", "e\u0301", "\u202e", "𝔘"))
    return re.sub(r'["#](?=[\w ])', lambda found: found[0] + (wider if chance.random() < 0.3 else ""), text).encode()


def long_lines(chance: random.Random, text: str) -> bytes:
    long = chance.choice(
        (
            'x = "' + "ab" * 20_000 + '"',
            "x = [" + "1, " * 3_000 + "]",
            "#" + " word" * 5_000,
            "x = " + "1 + " * 150 + "1",
        )
    )
    return (text + long + "\n").encode() if chance.random() < 0.5 else (long + "\n" + text).encode()


def ends(chance: random.Random, text: str) -> bytes:
    """Without the last line end, or with something behind it."""
    return (
        text.rstrip("\n") + chance.choice(("", " ", "\n\n\n", "\n    ", "\\", "\n\f", "\n#", "\r", "\x1a"))
    ).encode()


def broken_bytes(chance: random.Random, text: str) -> bytes:
    data = bytearray(text.encode())
    for _ in range(chance.randint(1, 4)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 1:
                data[at:at] = chance.choice(
                    (b"\0", b"\xff\xfe", b"\xed\xa0\x80", b"\xe2\x80", codecs.BOM_UTF8, b"\x0c", b"\r")
                )
            case 2:
                del data[at : at + chance.randint(1, 9)]
            case _:
                data[at:at] = data[: chance.randint(0, 30)]
    return bytes(data)


def _in_lines(chance: random.Random, text: str, change: Callable[[str], str]) -> str:
    rows = text.split("\n")
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(len(rows))
        rows[at] = change(rows[at])
    return "\n".join(rows)


FORMS: Mapping[str, Form] = {
    "crlf": crlf,
    "lone cr": lone_cr,
    "mixed line ends": mixed_ends,
    "byte order mark": byte_order_mark,
    "tabs": tabs,
    "form feeds": form_feeds,
    "comments": comments,
    "continued lines": continued,
    "declared encoding": declared,
    "wide characters": wide,
    "long lines": long_lines,
    "end of file": ends,
    "broken bytes": broken_bytes,
}
