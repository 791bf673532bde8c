"""What every test of this folder needs."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import pytest

from tests.e2e.processes import start_fork_server

FIRST_TEST_TIMEOUT_S: Final = 180


@pytest.fixture(scope="session")
def fork_server() -> None:
    """Have the process from which `tests.e2e.processes.serving` forks."""
    start_fork_server()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give the first test of a worker, which waits for the imports of the fork server, its time."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(FIRST_TEST_TIMEOUT_S))
