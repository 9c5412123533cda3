"""No test leaves a connection to a sink of another."""

from collections.abc import Iterator

import pytest

from gto_action.service.sinks.http import close
from tests.support.service import Sink


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as sink:
        yield sink
        close()
