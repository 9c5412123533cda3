"""Figures that tests measure, for the end of the tests' output.

A test records one with `record_property(FIGURE, "what it is: 1.2 s")`. `tests/conftest.py` imports the hook, as where
the tests run in several processes only that one's conftest.py is there to print.
"""

from typing import Final

import pytest

FIGURE: Final = "figure"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    properties = [each for report in reports for each in report.user_properties]
    if figures := [str(value) for name, value in properties if name == FIGURE]:
        terminalreporter.section("figures")
        for figure in figures:
            terminalreporter.line(figure)
