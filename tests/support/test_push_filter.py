"""The patterns mean what GitHub's documentation says of them; its own examples are the first rows."""

import pytest

from tests.support.push_filter import starts


@pytest.mark.parametrize(
    ("patterns", "tag", "expected"),
    [
        ("feature/*", "feature/my-branch", True),
        ("feature/*", "feature/beta-a/my-branch", False),
        ("feature/**", "feature/mona/the/octocat", True),
        ("*", "releases", True),
        ("*", "all/the/branches", False),
        ("**", "all/the/branches", True),
        ("*feature", "mona-feature", True),
        ("*feature", "feature", True),
        ("v2*", "v2.9", True),
        ("v[12].[0-9]+.[0-9]+", "v1.10.1", True),
        ("v[12].[0-9]+.[0-9]+", "v3.0.0", False),
        ("v[12].[0-9]+.[0-9]+", "v1x10.1", False),
        ("*.jsx?", "page.js", True),
        ("*.jsx?", "page.jsx", True),
        ("*.jsx?", "page.jsxx", False),
        ("*.md !README.md", "hello.md", True),
        ("*.md !README.md", "README.md", False),
        ("*.md !README.md README*", "README.md", True),
        (r"v1+cpu", "v1+cpu", False),
        (r"v1\+cpu", "v1+cpu", True),
        ("**#prod", "churn#prod", True),
        ("**#prod", "churn#prod\n", False),
    ],
)
def test_a_pattern(patterns: str, tag: str, expected: bool) -> None:
    assert starts(patterns.split(), tag) is expected


@pytest.mark.parametrize("pattern", ["!v*", "v[", "v[]", "v[!]", "v\\", "**/v1", "+v"])
def test_no_pattern(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"pattern|not documented"):
        starts([pattern], "v1")
