"""Tests that ask for what a machine may lack."""

import os
from typing import NoReturn

import pytest


def skip(what: str, why: str) -> NoReturn:
    """Skips a test, in words that are the same for all of its kind, so that they are printed once.

    In CI nothing is skipped: the test fails.

    Args:
        what: the kind of the test.
        why: what there is not.
    """
    if os.environ.get("CI"):
        pytest.fail(f"{what} must not be skipped in CI, but {why}", pytrace=False)
    pytest.skip(f"{what}: {why}")
