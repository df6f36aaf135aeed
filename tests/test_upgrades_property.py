"""The promise of upgrades, over any interleaving of a curator's and a learner's steps."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

from tests.effort import sample
from tests.upgrading import Upgrading

TestUpgrading = Upgrading.TestCase
TestUpgrading.settings = settings(
    max_examples=sample(200, each=16),
    stateful_step_count=15,
    suppress_health_check=list(HealthCheck),
)
