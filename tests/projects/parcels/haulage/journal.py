"""Where the library keeps what a run did: not replayed, so nothing of it is workflow code."""

import socket


def write(label: str, moment: float) -> None:
    with socket.create_connection(("journal", 9)) as journal:
        journal.send(f"{label} {moment}".encode())
