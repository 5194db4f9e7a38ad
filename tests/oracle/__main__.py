"""Say what the oracle sees: ``python tests/oracle DUR101 function.py ... [--event JSON] [--env NAME=A,B]``."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent))

from evidence import every, rows
from rule_pages import PAGES, example

from oracle import Pool, replay


def main() -> None:
    """Replay the examples of rules' pages, and modules."""
    parser = argparse.ArgumentParser(prog="oracle", description="Replay handlers and say what goes wrong.")
    parser.add_argument("what", nargs="+", help="codes of rules, for the examples of their pages, or Python files")
    parser.add_argument("--event", type=json.loads, default={}, metavar="JSON", help="beside that of evidence.toml")
    parser.add_argument("--env", action="append", default=[], metavar="NAME=A,B", help="values in turn; empty: not set")
    options = parser.parse_args()
    parts = [one.partition("=") for one in options.env]
    environment = {name: [value or None for value in values.split(",")] for name, _, values in parts}
    with Pool() as pool:
        for title, text, row in chosen(options.what):
            event, env = {**row.event, **options.event}, {**row.environment, **environment}
            print(f"{title}: {replay(text, pool, event=event, environment=env)}", flush=True)


def chosen(names: list[str]) -> Iterator[tuple[str, str, Any]]:
    """A title, the text and the row of evidence for each module."""
    pages = {page.stem: page for page in PAGES}
    for name in names:
        if name in pages:
            for heading in ("Example", "Use instead"):
                yield f"{name} {heading}", example(pages[name], heading), rows().get(name, every())
        else:
            yield name, Path(name).read_text("utf-8"), every()


if __name__ == "__main__":
    main()
