"""The scenarios of the tier, in the order in which they run: a later one may find what an earlier one restarted."""

from tier.scenarios import chart, changes, failures, gateway, rollouts

CHART = chart.SCENARIOS
GATEWAY = gateway.SCENARIOS + changes.SCENARIOS + rollouts.SCENARIOS + failures.SCENARIOS
