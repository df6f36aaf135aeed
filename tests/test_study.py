"""Studying a part of the deck: what is printed for learners, tried in Anki's engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from anki.collection import Collection
from anki.decks import DeckId
from anki.decks_pb2 import Deck as AnkiDeck
from anki.scheduler.v3 import CardAnswer, Scheduler
from markdown_it import MarkdownIt

from tests.command import cards
from tests.effort import sampled
from tests.engine import (
    Imported,
    cards_of,
    collection,
    double_click,
    new_cards_in_order,
    text_of,
)
from tests.public import (
    Note,
    Package,
    Project,
    guide,
    parse_package,
    parts,
    selects,
)
from tests.sources import HEAD, MINI, package_of, project_of, write_sources

if TYPE_CHECKING:
    from anki.cards import Card, CardId

SearchTerm = AnkiDeck.Filtered.SearchTerm

ROOT = Path(__file__).parent.parent
DECKS = ROOT / "decks"

ROW = re.compile(r"^\| .* \| `(.*)` \| (\d+)(?: \((\d+)\))? \|$", re.MULTILINE)
LINE = re.compile(r"^ *(\d+) +(\d+) +(tag:.*?)  ", re.MULTILINE)


@pytest.fixture(scope="module")
def project(asean: Project) -> Project:
    return asean


@pytest.fixture(scope="module")
def learner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Collection]:
    """A collection into which the largest package has been imported."""
    with collection(tmp_path_factory.mktemp("learner") / "anki.anki2") as col:
        double_click(col, DECKS / "asean.apkg")
        yield col


@pytest.fixture(scope="module")
def owner(tmp_path_factory: pytest.TempPathFactory, project: Project) -> Iterator[Collection]:
    """A collection into which all packages have been imported."""
    with collection(tmp_path_factory.mktemp("owner") / "anki.anki2") as col:
        for name in project.deck.packages:
            double_click(col, DECKS / f"{name}.apkg")
        yield col


def notes_of(project: Project, package: Package) -> list[Note]:
    """The notes that a package holds."""
    return [note for note in project.notes if selects(package.query, note.tags)]


def filtered(col: Collection, search: str) -> int:
    """How many cards a filtered deck of a search holds; they go home again."""
    assert isinstance(col.sched, Scheduler)
    deck = col.sched.get_or_create_filtered_deck(DeckId(0))
    (term, *_) = deck.config.search_terms
    term.search, term.limit = search, 9999
    del deck.config.search_terms[1:]
    deck.allow_empty = True
    made = DeckId(col.sched.add_or_update_filtered_deck(deck).id)
    count: int = col.decks.card_count(made, include_subdecks=False)
    col.decks.remove([made])
    return count


def test_each_search_of_the_study_guide_finds_as_many_cards_as_it_says(
    learner: Collection, owner: Collection
) -> None:
    rows = ROW.findall((DECKS / "STUDY.md").read_text("utf-8"))
    assert len(rows) > 80
    for search, some, all_ in filter(lambda row: sampled(rows.index(row), each=4), rows):
        assert filtered(learner, search) == int(some), search
        assert filtered(owner, search) == int(all_ or some), search


@pytest.mark.parametrize(
    "query",
    ["", "tag:ASEAN::level::core", "-tag:ASEAN::exam", "tag:*::japan or tag:*::korea", "(tag:*)"],
)
def test_each_search_of_the_tag_tree_finds_as_much_as_it_says(
    owner: Collection, query: str
) -> None:
    words = [query] if query else []
    if query.startswith("-"):
        words = ["--", query]
    printed = cards(ROOT, "tags", "--src", "cards_src", *words)
    assert printed.exit_code == 0
    lines = LINE.findall(printed.stdout)
    assert len(lines) == len(printed.stdout.splitlines()) - 1
    assert len(lines) > 20
    for number, (notes, of_cards, search) in enumerate(lines):
        assert len(owner.find_notes(search)) == int(notes), search
        if sampled(number):
            assert filtered(owner, search) == int(of_cards), search


def test_the_description_is_so_short_that_study_now_stays_in_sight(
    tmp_path: Path, project: Project
) -> None:
    for name in project.deck.packages:
        with collection(tmp_path / f"{name}.anki2") as col:
            double_click(col, DECKS / f"{name}.apkg")
            deck = col.decks.by_name("ASEAN")
            assert deck is not None
            lines = [text_of(line) for line in deck["desc"].split("<br>")]
            assert len(lines) == 3
            assert f"Cards: {col.card_count()}. Days at 20 new cards a day: " in lines[0]
            assert lines[0].endswith("As of May 2026")
            assert "the key at the foot of the card" in lines[1]
            assert "CC BY 4.0" in lines[2]
            # On a phone, 40 characters a line, in the upper half of the screen.
            assert sum(-(-len(line) // 40) for line in lines) <= 12, name


def facts(count: int, detail: int = 0) -> str:
    """So many facts of one card each, of which the first are no core."""
    text = "topic: basics\nkind: event\nlevel: core\nfacts:\n"
    for number in range(count):
        level = ", level: detail" if number < detail else ""
        text += f"  - {{id: a{number}, event: was {number}, date: 1994{level}}}\n"
    return text


def test_the_guide_begins_with_the_first_search_its_cards_and_days(tmp_path: Path) -> None:
    deck = MINI["decks.yaml"].rstrip() + "\n        searches: {the core: 'tag:Mini::level::core'}\n"
    lines = guide(project_of(tmp_path, {"decks.yaml": deck}, a=facts(41, 20))).splitlines()
    assert lines[:5] == [
        "# Studying Mini",
        "",
        "## Just study the core",
        "",
        "Import [mini-core](mini-core.apkg) and press *Study Now*."
        " Cards: 21. Days at 20 new cards a day: 2.",
    ]
    assert "| [mini](mini.apkg) | 41 | 3 | A small deck. |" in lines


def test_the_guide_tells_how_to_study_a_search_that_has_no_package_of_its_own(
    tmp_path: Path,
) -> None:
    deck = MINI["decks.yaml"].rstrip() + "\n        searches: {more: 'tag:Mini::level::detail'}\n"
    text = guide(project_of(tmp_path, {"decks.yaml": deck}, a=facts(41, 20)))
    assert "## Just study more\n\nImport [mini](mini.apkg). To study only what" in text
    assert "`tag:Mini::level::detail` finds, read on below. Cards: 20. Days" in text
    assert "such as `tag:Mini::level::detail is:new`" in text


def recipe(col: Collection, search: str, deck_id: int = 0) -> DeckId:
    """A filtered deck as the study guide says to make it; built again if it is there."""
    assert isinstance(col.sched, Scheduler)
    deck = col.sched.get_or_create_filtered_deck(DeckId(deck_id))
    (term, *_) = deck.config.search_terms
    term.search, term.limit, term.order = f"{search} is:new", 20, SearchTerm.DUE
    del deck.config.search_terms[1:]
    return DeckId(col.sched.add_or_update_filtered_deck(deck).id)


def shown(col: Collection, deck: DeckId) -> list[CardId]:
    """The cards that Anki shows of a deck, in its order."""
    col.decks.set_current(deck)
    assert isinstance(col.sched, Scheduler)
    return [queued.card.id for queued in col.sched.get_queued_cards(fetch_limit=9999).cards]


def in_order(col: Collection, search: str) -> list[CardId]:
    """The cards of a search in the deck's order."""
    return [
        card.id for card in sorted(cards_of(col, search), key=lambda card: (card.due, card.ord))
    ]


def test_the_filtered_deck_of_the_guide_keeps_the_order_and_makes_the_work_of_a_day(
    tmp_path: Path,
) -> None:
    search = "tag:ASEAN::exam::upsc-gs2"
    assert f"`{search} is:new`" in (DECKS / "STUDY.md").read_text("utf-8")
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, DECKS / "asean.apkg")
        wanted = in_order(col, search)
        home = DeckId(col.decks.id_for_name("ASEAN") or 0)
        before = len(shown(col, home))
        made = recipe(col, search)
        assert shown(col, made) == wanted[:20]
        answer_all(col)
        assert not shown(col, made)
        assert len(shown(col, home)) == before == 20  # the deck's own limit does not count them
        assert isinstance(col.sched, Scheduler)
        col.sched.rebuild_filtered_deck(made)
        assert shown(col, made) == wanted[20:40]


def answer_all(col: Collection) -> None:
    """Answers all cards of the current deck so well that they go home."""
    assert isinstance(col.sched, Scheduler)
    while queued := col.sched.get_queued_cards(fetch_limit=1).cards:
        card = col.get_card(queued[0].card.id)
        card.start_timer()
        states = queued[0].states
        answer = col.sched.build_answer(card=card, states=states, rating=CardAnswer.EASY)
        col.sched.answer_card(answer)


def test_a_deck_of_ones_own_keeps_order_and_limit_and_newer_editions_leave_it(
    tmp_path: Path,
) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, DECKS / "asean-core.apkg")
        own = DeckId(col.decks.id("Mine") or 0)
        wanted = in_order(col, "tag:ASEAN::exam::upsc-gs2")
        col.set_deck(wanted, own)
        config = col.decks.config_dict_for_deck_id(own)
        config["newSortOrder"] = 1  # Order gathered
        col.decks.update_config(config)
        assert shown(col, own) == wanted[:20]
        double_click(col, DECKS / "asean.apkg")
        assert {card.did for card in map(col.get_card, wanted)} == {own}
        added = set(in_order(col, "tag:ASEAN::exam::upsc-gs2")) - set(wanted)
        assert {col.get_card(one).did for one in added} == {col.decks.id_for_name("ASEAN")}


def test_the_options_that_the_guide_names_keep_the_order_and_part_siblings(tmp_path: Path) -> None:
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, DECKS / "asean.apkg")
        home = DeckId(col.decks.id_for_name("ASEAN") or 0)
        assert len({col.get_card(card).nid for card in shown(col, home)}) < 20
        config = col.decks.config_dict_for_deck_id(home)
        config["newSortOrder"] = 1  # Order gathered
        config["new"]["bury"] = True  # Bury new siblings
        col.decks.update_config(config)
        order = in_order(col, "")
        places = [order.index(card) for card in shown(col, home)]
        assert places == sorted(places)
        assert len({col.get_card(card).nid for card in shown(col, home)}) == 20


def test_the_guide_names_options_as_anki_does(tmp_path: Path) -> None:
    written = (DECKS / "STUDY.md").read_text("utf-8")
    with collection(tmp_path / "anki.anki2") as col:
        tr = col.tr
        names = [
            *(tr.decks_limit_to(), tr.decks_order_due(), tr.decks_build(), tr.actions_rebuild()),
            *(tr.studying_empty(), tr.studying_study_now(), tr.qt_misc_browse()),
            tr.decks_cards_selected_by().capitalize(),
            tr.decks_reschedule_cards_based_on_my_answers(),
            *(tr.deck_config_new_gather_priority(), tr.deck_config_new_gather_priority_deck()),
            tr.deck_config_new_gather_priority_position_lowest_first(),
            *(tr.deck_config_new_card_sort_order(), tr.deck_config_sort_order_gather()),
            *(tr.deck_config_bury_new_siblings(), tr.deck_config_bury_title()),
            tr.scheduling_new_cardsday(),
        ]
    for name in names:
        assert f"*{name}*" in written, name
    assert "*Tools → Create Filtered Deck…*" in written
    assert "*Cards → Change Deck…*" in written


def test_the_guide_has_a_section_for_a_group_and_one_for_all_flat_tags(tmp_path: Path) -> None:
    tags = """
        topic: {_: What it is about, basics: The start, forums: {_: Forums, arf: The forum}}
        level: {_: How deep, core: First, detail: Later}
        hard: What is hard
        dry: What is dry
        """
    text = guide(
        project_of(
            tmp_path,
            {"tags.yaml": tags},
            a=HEAD + A.replace("}", ", tags: [hard]}") + B.replace("partner::india", "dry"),
        )
    )
    assert re.findall("^###? .*", text, re.MULTILINE)[-3:] == [
        "### How deep",
        "### The form of fact",
        "### Other tags",
    ]
    assert text.endswith(
        "| What is hard | `tag:Mini::hard` | 2 |\n| What is dry | `tag:Mini::dry` | 3 |\n"
    )


def test_no_table_of_the_guide_is_empty(tmp_path: Path) -> None:
    files = {"decks.yaml": ONE, "sources.yaml": "handbook: {title: A Handbook}\n"}
    text = guide(project_of(tmp_path, files, a=HEAD + A))
    tables = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert [table.count("\n") - 2 for table in tables] == [2, 1, 1]
    assert "### The document" not in text
    assert "## The packages" not in text


ONE = """
    namespace: mini
    deck: Mini
    tag_root: Mini
    packages: {mini: {title: Mini, about: A small deck.}}
    """


def state(card: Card) -> tuple[object, ...]:
    """What Anki knows of a learner's progress with a card."""
    return (
        *(card.type, card.queue, card.due, card.ivl, card.factor, card.reps, card.lapses),
        *(card.left, card.did, card.custom_data, card.memory_state),
    )


def study(col: Collection, count: int) -> None:
    """Answers so many cards, well and badly."""
    new_cards_in_order(col, "ASEAN")
    assert isinstance(col.sched, Scheduler)
    ratings = (CardAnswer.GOOD, CardAnswer.AGAIN, CardAnswer.EASY, CardAnswer.HARD)
    for number in range(count):
        (queued,) = col.sched.get_queued_cards(fetch_limit=1).cards
        card = col.get_card(queued.card.id)
        card.start_timer()
        rating = ratings[number % 4]
        answer = col.sched.build_answer(card=card, states=queued.states, rating=rating)
        col.sched.answer_card(answer)


@pytest.mark.parametrize(("first", "then"), [("asean-india", "asean"), ("asean", "asean-india")])
def test_whoever_studies_one_package_keeps_all_progress_when_another_comes(
    tmp_path: Path, project: Project, first: str, then: str
) -> None:
    packages = project.deck.packages
    had, gets = ({note.key for note in notes_of(project, packages[name])} for name in (first, then))
    with collection(tmp_path / "anki.anki2") as col:
        assert double_click(col, DECKS / f"{first}.apkg") == Imported(len(had), 0, 0, 0)
        study(col, 60)
        before = {card.id: state(card) for card in cards_of(col)}
        db = col.db
        assert db is not None
        reviews = db.all("select * from revlog order by id")
        assert len(reviews) == 60
        assert sum(card.reps > 0 for card in cards_of(col)) > 40

        log = double_click(col, DECKS / f"{then}.apkg")
        assert log == Imported(len(gets - had), 0, len(gets & had), 0)
        after = {card.id: card for card in cards_of(col)}
        assert {id_: state(after[id_]) for id_ in before} == before
        assert db.all("select * from revlog order by id") == reviews
        rest = [card for id_, card in after.items() if id_ not in before]
        assert {card.note()["Key"] for card in rest} == gets - had
        assert all(
            card.reps == 0 and card.type == 0 and card.did == col.decks.id_for_name("ASEAN")
            for card in rest
        )


def test_custom_study_offers_the_tags_at_the_end_of_the_tree(
    learner: Collection, project: Project
) -> None:
    deck = learner.decks.id_for_name("ASEAN")
    assert deck is not None
    offered = {tag.name for tag in learner.sched.custom_study_defaults(deck).tags}
    whole = notes_of(project, project.deck.packages["asean"])
    assert offered == {tag for note in whole for tag in note.tags}
    tags = project.vocabulary.tags
    ends = {tag for tag in tags if not any(f"{tag}::" in one for one in tags)}
    assert {f"ASEAN::{tag}" for tag in ends} - offered == {"ASEAN::level::reference"}


def test_a_tag_that_comes_by_a_search_is_on_what_anki_finds_by_it(
    owner: Collection, project: Project
) -> None:
    facts = {note.key: note.fact for note in project.notes}
    searches = {name: tag.query for name, tag in project.vocabulary.tags.items() if tag.query}
    assert len(searches) >= 4
    for name, search in searches.items():
        found = set(owner.find_notes(search))
        carry = set(owner.find_notes(f"tag:ASEAN::{name}"))
        named = {owner.get_note(note)["Key"] for note in carry - found}
        assert found <= carry
        assert named == {key for key, fact in facts.items() if name in fact.tags}


def test_a_filtered_deck_sends_its_cards_home(learner: Collection) -> None:
    before = {card.id: state(card) for card in cards_of(learner)}
    assert filtered(learner, "tag:ASEAN::level::core") > 100
    assert {card.id: state(card) for card in cards_of(learner)} == before


A = "  - {id: a, kind: event, event: was a, date: 1994-07-25, place: Bangkok}\n"
B = "  - {id: b, kind: list, list: Some, items: [x, y, z], level: detail, tags: [partner::india]}\n"
DECK = """
    namespace: mini
    deck: Mini
    tag_root: Mini
    packages:
      mini-core: {title: Mini core, about: "Its core, a|b.", only: "tag:Mini::level::core"}
      mini: {title: Mini, about: A small deck.}
    searches:
      what is | what: tag:Mini::level::core
      more of it: tag:Mini::topic (tag:Mini::partner or tag:none)
    """


def test_the_guide_shows_both_numbers_where_the_first_package_is_not_all(tmp_path: Path) -> None:
    lines = guide(project_of(tmp_path, {"decks.yaml": DECK}, a=HEAD + A + B)).splitlines()
    assert lines[0] == "# Studying Mini"
    assert "package [mini-core](mini-core.apkg). A number in brackets counts all" in " ".join(lines)
    start = lines.index("## Searches for a part")
    assert lines[start + 2 : start + 6] == [
        "| to study | search | cards |",
        "| --- | --- | ---: |",
        "| what is \\| what | `tag:Mini::level::core` | 2 |",
        "| more of it | `tag:Mini::topic (tag:Mini::partner or tag:none)` | 0 (3) |",
    ]
    both = "tag:Mini::level::core (tag:Mini::topic (tag:Mini::partner or tag:none))"
    assert f"| what is in both of the first two | `{both}` | 0 |" in lines
    assert "| [mini-core](mini-core.apkg) | 2 | 1 | Its core, a\\|b. |" in lines
    assert "| Something that happened | `tag:Mini::kind::event` | 2 |" in lines
    assert "| A list | `tag:Mini::kind::list` | 0 (3) |" in lines


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("-tag:Mini::partner", "tag:Mini::level::core or tag:Mini::partner"),
        ("(tag:*::arf)or(tag:none)", "-tag:none"),
        ('"tag:Mini::level::core"', "-(tag:Mini::topic -tag:Mini::level::core)"),
        ("tag:Mini::level::*\u3000-tag:none", "TAG:mini"),
    ],
)
def test_searches_of_any_form_go_together_as_the_guide_says(
    tmp_path: Path, one: str, two: str
) -> None:
    deck = DECK[: DECK.index("    searches")] + f"    searches: {{one: '{one}', two: '{two}'}}\n"
    project = project_of(tmp_path, {"decks.yaml": deck}, a=HEAD + A + B)
    package_of(project, tmp_path)
    rows = ROW.findall((tmp_path / "decks" / "STUDY.md").read_text("utf-8"))
    assert [row[0] for row in rows[:2]] == [one, two]
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        for search, some, all_ in rows:
            assert filtered(col, search) == int(all_ or some), search


def test_what_a_tag_means_is_no_markup_in_the_guide(tmp_path: Path) -> None:
    tags = "topic: {_: What <b>, forums: {_: '[a](b) *c*', arf: x}}\nlevel: {_: y, core: '`z`'}\n"
    other = "  - {id: b, kind: event, event: was b, date: 1994, topic: x, level: low}\n"
    tags = tags.replace("arf: x}", "arf: x}, x: y").replace("z`'", "z`', low: z")
    text = guide(project_of(tmp_path, {"tags.yaml": tags}, a=HEAD + A + other))
    assert "\n### What \\<b\\>\n" in text
    assert "| \\[a\\](b) \\*c\\* |" in text
    assert "| \\`z\\` |" in text


def test_the_guide_of_a_deck_without_searches_begins_with_all_of_it(tmp_path: Path) -> None:
    more = "  - {id: c, kind: event, event: was c, date: 1994, topic: basics}\n"
    text = guide(project_of(tmp_path, None, a=HEAD + A + B + more))
    assert "\n## Just study all of it\n" in text
    assert "Searches for a part" not in text
    assert "in brackets" not in text
    assert "| Forums | `tag:Mini::topic::forums` | 5 |" in text
    assert "| · The regional forum | `tag:Mini::topic::forums::arf` | 5 |" in text


def test_the_tree_is_in_the_order_of_the_tags(tmp_path: Path) -> None:
    project = project_of(tmp_path, None, a=HEAD + A + B)
    assert [
        (part.depth, part.tag, part.notes, part.cards) for part in parts(project, project.tally)
    ][:5] == [
        (0, "Mini", 3, 5),
        (1, "Mini::topic", 3, 5),
        (2, "Mini::topic::forums", 3, 5),
        (3, "Mini::topic::forums::arf", 3, 5),
        (1, "Mini::level", 3, 5),
    ]


def test_a_build_of_all_packages_writes_the_guide_and_check_watches_it(tmp_path: Path) -> None:
    write_sources(tmp_path, {"decks.yaml": DECK}, a=HEAD + A + B)
    assert cards(tmp_path, "build", "mini").exit_code == 0
    path = tmp_path / "decks" / "STUDY.md"
    assert not path.exists()
    assert cards(tmp_path, "build").exit_code == 0
    written = path.read_text("utf-8")
    assert cards(tmp_path, "tags", "--markdown").stdout == written
    assert cards(tmp_path, "build", "--check").exit_code == 0
    path.write_text("old", "utf-8")
    done = cards(tmp_path, "build", "--check")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[:2] == [
        "error[stale]: is out of date; run `cards build`",
        " --> decks/STUDY.md:1:1",
    ]
    assert cards(tmp_path, "build", "mini", "--check").exit_code == 0
    cards(tmp_path, "build")
    assert path.read_text("utf-8") == written


def test_a_description_is_html_whatever_the_deck_says(tmp_path: Path) -> None:
    deck = DECK.replace("A small deck.", '"<b>small</b> & [sound:x.mp3]"')
    deck += """
    home: https://example.org/?a=1&b='2'
    labels: {mistake: "<i>Key</i>", guide_at: "<u> {home}"}
    """
    write_sources(tmp_path, {"decks.yaml": deck}, a=HEAD + A + B)
    assert cards(tmp_path, "build").exit_code == 0
    assert parse_package((tmp_path / "decks" / "mini.apkg").read_bytes())
    with collection(tmp_path / "anki.anki2") as col:
        double_click(col, tmp_path / "decks" / "mini.apkg")
        found = col.decks.by_name("Mini")
        assert found is not None
        assert "&lt;b&gt;small&lt;/b&gt; &amp; [sound:x.mp3]" in found["desc"]
        address = "https://example.org/?a=1&amp;b=&#x27;2&#x27;"
        assert f'<br>&lt;u&gt; <a href="{address}">{address}</a><br>&lt;i&gt;Key' in found["desc"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["tag:x"], "this search matches no notes: tag:x"),
        (["tag:Mini::level::cor"], "level::cor; did you mean “tag:Mini::level::core”?"),
        (["tag:Mini -tag:Mini"], "this search matches no notes: tag:Mini -tag:Mini\n"),
        (["--markdown", "tag:x"], "--markdown cannot be combined with QUERY"),
        (["--html", "tag:x"], "--html cannot be combined with QUERY"),
        (["--html", "--markdown"], "--markdown and --html cannot be combined"),
        (
            ["tag:a or"],
            "this search is not valid: expected a term after “or”\n    tag:a or\n          ^\n",
        ),
    ],
)
def test_a_tree_that_cannot_be_is_a_wrong_call(
    tmp_path: Path, words: list[str], message: str
) -> None:
    write_sources(tmp_path, a=HEAD + A + B)
    done = cards(tmp_path, "tags", *words)
    assert done.exit_code == 2
    assert message in done.stderr


def test_no_text_of_the_deck_makes_markup_of_the_guide(tmp_path: Path) -> None:
    forged = "x\\n\\n# Forged | [click](https://evil.example) `a` <b>&lt; https://evil.example"
    search = 'tag:"a`|[click](https\\://evil.example)" or -tag:b'
    files = {
        "decks.yaml": f"""
            namespace: mini
            deck: Mini
            tag_root: Mini
            packages: {{mini: {{title: Mini, about: "{forged}"}}}}
            searches: {{"{forged}": '{search}'}}
            """,
        "tags.yaml": f"""
            topic: {{_: "{forged}", forums: {{_: "{forged}", arf: "{forged}"}}}}
            level: {{_: Level, core: First}}
            """,
    }
    text = guide(project_of(tmp_path, files))
    tokens = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)
    inline = [child for token in tokens for child in token.children or []]
    links = {str(token.attrs["href"]) for token in inline if token.type == "link_open"}
    assert links == {"mini.apkg"}
    assert not [token for token in inline if "html" in token.type or token.type == "image"]
    assert [token.tag for token in tokens if token.type == "heading_open"].count("h1") == 1
    shown = [token.content for token in inline if token.type == "code_inline"]
    assert search in shown
    outside = re.sub(r"`+.*?`+", "", text.replace("\\`", ""))
    assert "https://evil" not in outside


def test_the_guide_is_a_page_too_in_which_no_text_is_markup(tmp_path: Path) -> None:
    decks = MINI["decks.yaml"].replace("deck: Mini", "deck: '</title><script>{{ 1 }} & GUIDE'")
    tags = MINI["tags.yaml"].replace("The start", "'<img src=x onerror=1> [a](javascript:1)'")
    write_sources(tmp_path, {"decks.yaml": decks, "tags.yaml": tags})
    page = cards(tmp_path, "tags", "--html").stdout
    assert "<title>&lt;/title&gt;&lt;script&gt;{{ 1 }} &amp; GUIDE</title>" in page
    assert not re.search("<(script|img|iframe)", page)
    assert "javascript:" not in "".join(re.findall("<a [^>]*>", page))
    assert "<th>search</th>" in page
