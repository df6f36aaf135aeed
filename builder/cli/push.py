"""`cards push`: a package → a running Anki."""

from pathlib import Path
from urllib.parse import urlsplit

import click

from builder.cli import common
from builder.cli.terminal import (
    counted,
    echo,
    fail,
    known_or_stop,
    stop_if_wrong,
    value_or_stop,
    wrong_call,
)
from builder.files import check_packages

# Where AnkiConnect listens unless it is told otherwise.
_ADDRESS = "http://127.0.0.1:8765"


@common.command(
    "push",
    "cards push                    the first package",
    "cards push asean-core         another one, or several",
    "cards push ~/japan.apkg       a file",
)
@click.argument("packages", nargs=-1, shell_complete=common.complete_packages)
@click.option(
    "--address", default=_ADDRESS, envvar="ANKICONNECT_ADDRESS", show_envvar=True,
    help="Where AnkiConnect listens.",
)  # fmt: skip
@click.option(
    "--key", default="", envvar="ANKICONNECT_KEY", show_envvar=True, show_default=False,
    help="The API key of AnkiConnect, if it needs one.",
)  # fmt: skip
@click.option(
    "--timeout", default=300, type=click.IntRange(1), metavar="SECONDS",
    help="How long to wait for an answer.",
)  # fmt: skip
def command(
    packages: tuple[str, ...], address: str, key: str, timeout: int, src: Path, decks: Path
) -> None:
    """Import packages into a running Anki.

    Anki needs the add-on AnkiConnect (2055492159), and must run on this computer. PACKAGES are
    names, as in `cards build`, or files; without them, the first package of decks.yaml is imported.
    """
    from builder.anki import connect  # takes long, and the other commands need it not
    from builder.anki.edition import read_package

    if not _is_address(address):
        wrong_call(f"“{address}” is not the address of AnkiConnect, such as {_ADDRESS}")
    paths = [_path_of(package, src, decks) for package in packages or (None,)]
    editions = [value_or_stop(read_package(path)) for path in paths]
    for path, edition in zip(paths, editions, strict=True):
        try:
            done = connect.push(connect.Anki(address, key, timeout), path, edition)
        except connect.AnkiError as failure:
            fail(str(failure))
        echo(f"{path}  {done['new']} new, {done['updated']} updated, {done['skipped']} skipped")
        for what in (connect.EDITED, connect.REFUSED, connect.UNSEEN):
            if done[what]:
                echo(f"  {counted(done[what], 'note')} {what}")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _path_of(package: str | None, src: Path, decks: Path) -> Path:
    """The file that is meant."""
    from builder.project import check_sources
    from builder.sources.decks import load_deck
    from builder.speed.last_run import LastRun

    if package and package.lower().endswith(".apkg"):
        return Path(package)
    stop_if_wrong(check_sources(src))
    deck = value_or_stop(load_deck(src))
    name = package or next(iter(deck.packages))
    known_or_stop("package", [name], deck.packages)
    path = decks / f"{name}.apkg"
    stop_if_wrong(check_packages(decks))
    if not path.exists():
        fail(f"{path} has not been built; run `cards build` first")
    cache = common.open_cache()
    runs = (LastRun(cache, src, decks, "build", *names) for names in ((), (name,)))
    if cache.folder and not any(run.found() for run in runs):
        echo(f"{path} may be older than the sources; `cards build` brings it up to date", err=True)
    return path
