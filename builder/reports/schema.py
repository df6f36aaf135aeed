"""The vocabulary of a deck → the files of its JSON Schemas, for editors."""

import json
import re
from collections.abc import Mapping
from pathlib import Path

from builder.files import check_folder, read_file, unwritten, write_files
from builder.model import Vocabulary
from builder.problems import Error, Place, Problem, any_error, error
from builder.project import check_sources, load_vocabulary
from builder.reports.definitions import FILES, Schema, definitions_of
from builder.sources.decks import load_deck


def plan_schemas(src: Path) -> tuple[dict[Path, Schema], list[Problem]]:
    """The files that belong into `src`/schema; the facts are not read, and may be broken."""
    if problems := check_sources(src) or check_folder(src / "schema"):
        return {}, problems
    vocabulary, problems = load_vocabulary(src, load_deck(src)[0])
    return {} if any_error(problems) else schemas_of(vocabulary, src / "schema"), problems


def schemas_of(vocabulary: Vocabulary, folder: Path) -> dict[Path, Schema]:
    """The files of schemas in a folder, each with the definitions that it uses."""
    definitions = definitions_of(vocabulary)
    schemas = {}
    for name in FILES:
        used: set[str] = set()
        waiting = _references(definitions[name])
        while waiting:
            used |= waiting
            waiting = {name for one in waiting for name in _references(definitions[one])} - used
        schemas[folder / name] = {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "$comment": "Written by `cards schema`, which also says when it is out of date.",
            "title": name.removesuffix(".schema.json"),
            **definitions[name],
            "definitions": {name: one for name, one in definitions.items() if name in used},
        }
    return schemas


def _references(schema: Schema) -> set[str]:
    return set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(schema)))


def out_of_date(schemas: Mapping[Path, Schema]) -> list[Problem]:
    """The files of schemas that are missing or say something else."""
    message = "is out of date; run `cards schema`"
    return [
        error(Place(str(path)), message, Error.SCHEMA)
        for path, schema in schemas.items()
        if _read(path) != schema
    ]


def _read(path: Path) -> object:
    try:
        return json.loads(read_file(path))
    except (OSError, ValueError, RecursionError):
        return None


def write_schemas(schemas: Mapping[Path, Schema]) -> list[Problem]:
    """Writes files of schemas; gives what keeps them from being written."""
    folder = next(iter(schemas)).parent
    try:
        folder.mkdir(exist_ok=True)
        write_files(
            (path, [json.dumps(schema, ensure_ascii=False, indent=2).encode() + b"\n"])
            for path, schema in schemas.items()
        )
    except OSError as failure:
        return [unwritten(Path(failure.filename or folder), failure)]
    return []
