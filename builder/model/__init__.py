"""The nouns of the builder: what its stages hand to one another, from YAML to the ledger."""

from builder.model.identity import *
from builder.model.nodes import *
from builder.model.notes import *
from builder.model.sources import *
from builder.model.work import *
