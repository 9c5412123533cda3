"""Where this is published. Each name stands here, and `tests/test_published.py` holds every file and page to it."""

from typing import Final

REPOSITORY: Final = "gto-action/gto-action"
"""On GitHub: its owner and its name."""
IMAGE: Final = "ghcr.io/gto-action/gto-action"
"""The image, whose tags are the version (`v3.0.0`) and the version with a variant (`v3.0.0-cli`, `v3.0.0-dvc`)."""
VARIANTS: Final = ("cli", "dvc")
"""Beside the action's image: one for other CI systems, with a shell; one with DVC inside."""
PACKAGE: Final = "gto-action"
"""On PyPI."""
