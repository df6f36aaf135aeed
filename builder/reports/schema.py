"""The vocabulary of a deck → the files of its JSON Schemas, for editors."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from builder.files import check_folder, digest_of, holds, unwritten, write_files
from builder.model import Vocabulary
from builder.problems import Error, Place, Problem, any_error, error
from builder.project import check_sources, load_vocabulary
from builder.reports.definitions import FILES, Schema, definitions_of
from builder.sources.decks import load_deck


def plan_schemas(src: Path) -> tuple[dict[Path, bytes], list[Problem]]:
    """The files that belong into `src`/schema; the facts are not read, and may be broken."""
    if problems := check_sources(src) or check_folder(src / "schema"):
        return {}, problems
    vocabulary, problems = load_vocabulary(src, load_deck(src)[0])
    return {} if any_error(problems) else _files(src, vocabulary), problems


def out_of_date(files: Mapping[Path, bytes]) -> list[Problem]:
    """The files of such a plan that are missing or hold something else."""
    message = "is out of date; run `cards schema`"
    return [
        error(Place(str(path)), message, Error.SCHEMA)
        for path, data in files.items()
        if not holds(path, digest_of([data]))
    ]


def stale_schemas(src: Path, vocabulary: Vocabulary | None) -> list[Problem]:
    """Warnings of schemas that are out of date, if the sources have a folder for them.

    `vocabulary` is that of the sources, if it is known to be without errors.
    """
    if not os.path.isdir(src / "schema"):  # noqa: PTH112 - raises nothing
        return []
    # A mistake in the sources is for those to report who load them.
    if not vocabulary and not load_deck(src)[0]:
        return []  # what decks.yaml requires is a part of the schemas
    files = _files(src, vocabulary) if vocabulary else plan_schemas(src)[0]
    return [problem._replace(severity="warning") for problem in out_of_date(files)]


def write_schemas(files: Mapping[Path, bytes]) -> list[Problem]:
    """Writes the files of such a plan; gives what keeps them from being written."""
    folder = next(iter(files)).parent
    try:
        folder.mkdir(exist_ok=True)
        write_files((path, [data]) for path, data in files.items())
    except OSError as failure:
        return [unwritten(Path(failure.filename or folder), failure)]
    return []


def _files(src: Path, vocabulary: Vocabulary) -> dict[Path, bytes]:
    """The JSON of each schema, with the definitions that it uses."""
    definitions = definitions_of(vocabulary)
    files = {}
    for name in FILES:
        root = definitions[name]
        used: set[str] = set()
        waiting = _references(root)
        while waiting:
            used |= waiting
            waiting = {name for one in waiting for name in _references(definitions[one])} - used
        schema = {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$comment": "Written by `cards schema`, which also says when it is out of date.",
            "title": name.removesuffix(".schema.json"),
            **root,
            "definitions": {name: one for name, one in definitions.items() if name in used},
        }
        text = json.dumps(schema, ensure_ascii=False, indent=2) + "\n"
        files[src / "schema" / name] = text.encode()
    return files


def _references(schema: Schema) -> set[str]:
    return set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(schema)))
