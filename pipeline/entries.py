"""Reading a YAML file that a user writes by hand: a list whose entries know the line they begin on.

What an entry may say is its reader's business (`pipeline.corrections`, `pipeline.ingest.feeds`).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml


def read(path: Path, error: Callable[[str], ValueError], what: str, example: str) -> list[tuple[int, dict[str, Any]]]:
    """Read a file into its entries, each with its line; a file that is not there, or is empty, has none.

    Args:
        path: the file.
        error: makes the exception of a message.
        what: what an entry is, in one word, for the messages.
        example: how one begins, for the messages.

    Raises:
        ValueError: as `error` makes it: the file cannot be read, is no list, or an entry no mapping.
    """
    if not path.exists():
        return []
    try:
        document = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    except OSError as trouble:
        raise error(f"{path} cannot be read: {trouble.strerror}") from trouble
    except UnicodeDecodeError as trouble:
        raise error(f"{path.name} is no text in UTF-8; save it as such") from trouble
    except yaml.YAMLError as trouble:
        mark = getattr(trouble, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise error(f"{path.name}{line}: no YAML: {getattr(trouble, 'problem', None) or trouble}") from trouble
    if document is None:
        return []
    if not isinstance(document, yaml.SequenceNode):
        raise error(f"{path.name} is no list: each {what} begins with a dash, '- {example}'")
    return [_entry(path, node, error, what, example) for node in document.value]


def _entry(
    path: Path, node: yaml.Node, error: Callable[[str], ValueError], what: str, example: str
) -> tuple[int, dict[str, Any]]:
    line = node.start_mark.line + 1
    if not isinstance(node, yaml.MappingNode):
        raise error(f"{path.name}, line {line}: no {what}; write '- {example}' and what belongs to it below")
    keys = [key.value for key, _ in node.value]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise error(f"{path.name}, line {line}: {twice!r} stands there twice")
    try:
        return line, yaml.safe_load(yaml.serialize(node))
    except (yaml.YAMLError, ValueError) as trouble:
        raise error(f"{path.name}, line {line}: {trouble}") from trouble
