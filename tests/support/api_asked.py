"""One tag, and a run that asks GitHub's API about it."""

import time

from tests.support.action import Run

TOKEN = "s3cret"
TAG = "churn#prod#1"
NOW = int(time.time())


def count(run: Run) -> str:
    assert run.outputs, run.log
    return run.outputs["count"]
