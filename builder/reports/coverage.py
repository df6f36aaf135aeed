"""Facts and claims left out → how much of each document is on cards, section by section."""

from collections import Counter

from builder.model import Fact
from builder.project import Project
from builder.sources.documents import section_of


def coverage(project: Project) -> dict[str, list[tuple[str, int, int, int]]]:
    """Slug → its sections in order, for every source that lists them.

    A section has its name, the number of facts and of notes that cite it, and of claims left out.
    """
    sources = project.vocabulary.sources

    def cited(fact: Fact) -> set[tuple[str, str]]:
        places = ((citation.source, citation.at) for citation in fact.citations)
        return {(slug, section_of(sources[slug], at)) for slug, at in places}

    facts = Counter(place for fact in project.facts for place in cited(fact))
    notes = Counter(place for note in project.notes for place in cited(note.fact))
    left_out = Counter(
        (claim.source.slug, section_of(claim.source, claim.at)) for claim in project.left_out
    )
    return {
        slug: [
            (name, facts[slug, name], notes[slug, name], left_out[slug, name])
            for name in source.sections
        ]
        for slug, source in sources.items()
        if source.sections
    }
