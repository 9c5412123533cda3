"""Addresses of the repository's pages."""

from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gto_action.render.links import AZURE, BITBUCKET, GITEA, GITLAB, Forge, Links, forge_of

HUB = Links("https://github.com/acme/models")
ENTERPRISE = Links("https://git.example.com:8443/base/acme/models")
PAGES = {
    HUB.tag("churn#prod#4"): "https://github.com/acme/models/releases/tag/churn%23prod%234",
    HUB.tag("churn@v1.0.0!"): "https://github.com/acme/models/releases/tag/churn%40v1.0.0%21",
    HUB.tag("models=churn@v1.0.0+x"): "https://github.com/acme/models/releases/tag/models%3Dchurn%40v1.0.0%2Bx",
    HUB.tag("a/b=c#d/e"): "https://github.com/acme/models/releases/tag/a/b%3Dc%23d/e",
    HUB.commit("8a1e"): "https://github.com/acme/models/commit/8a1e",
    HUB.compare("8a1e", "1c1c"): "https://github.com/acme/models/compare/8a1e...1c1c",
    HUB.file("8a1e", "a b/dvc.yaml"): "https://github.com/acme/models/blob/8a1e/a%20b/dvc.yaml",
    HUB.file("8a1e", "dvc.yaml", 3): "https://github.com/acme/models/blob/8a1e/dvc.yaml?plain=1#L3",
    ENTERPRISE.tag("x#y"): "https://git.example.com:8443/base/acme/models/releases/tag/x%23y",
    Links().tag("x#y") + Links().commit("8a1e") + Links().file("8a1e", "dvc.yaml", 3): "",
    HUB.tag("x" * 2_000): "",
}


@pytest.mark.parametrize("page", PAGES)
def test_pages(page: str) -> None:
    assert page == PAGES[page]


@given(st.text(max_size=50))
def test_a_name_is_quoted_as_everybody_does(name: str) -> None:
    assert HUB.tag(name) == f"https://github.com/acme/models/releases/tag/{quote(name, errors='replace')}"


ELSEWHERE: list[tuple[str, Forge, list[str]]] = [
    # https://docs.gitlab.com/user/project/repository/
    (
        "https://gitlab.com/acme/ml/models",
        GITLAB,
        [
            "/-/tags/churn%23prod%234",
            "/-/commit/8a1e",
            "/-/compare/8a1e...1c1c",
            "/-/blob/8a1e/a%20b/dvc.yaml",
            "/-/blob/8a1e/a%20b/dvc.yaml?plain=1#L3",
        ],
    ),
    # https://support.atlassian.com/bitbucket-cloud/docs/hyperlink-to-source-code-in-bitbucket/
    (
        "https://bitbucket.org/acme/models",
        BITBUCKET,
        [
            "/commits/tag/churn%23prod%234",
            "/commits/8a1e",
            "/branches/compare/1c1c%0D8a1e",
            "/src/8a1e/a%20b/dvc.yaml",
            "/src/8a1e/a%20b/dvc.yaml#lines-3",
        ],
    ),
    # https://docs.gitea.com/usage/permalinks
    (
        "https://codeberg.org/acme/models",
        GITEA,
        [
            "/src/tag/churn%23prod%234",
            "/commit/8a1e",
            "/compare/8a1e...1c1c",
            "/src/commit/8a1e/a%20b/dvc.yaml",
            "/src/commit/8a1e/a%20b/dvc.yaml#L3",
        ],
    ),
    # https://learn.microsoft.com/azure/devops/repos/git/
    (
        "https://dev.azure.com/acme/ml/_git/models",
        AZURE,
        [
            "?version=GTchurn%23prod%234",
            "/commit/8a1e",
            "/branchCompare?baseVersion=GC8a1e&targetVersion=GC1c1c",
            "?path=/a%20b/dvc.yaml&version=GC8a1e",
            "?path=/a%20b/dvc.yaml&version=GC8a1e&line=3&lineEnd=3&lineStartColumn=1&lineEndColumn=1",
        ],
    ),
]


@pytest.mark.parametrize(("root", "forge", "pages"), ELSEWHERE, ids=[row[0] for row in ELSEWHERE])
def test_pages_of_other_forges(root: str, forge: Forge, pages: list[str]) -> None:
    assert forge_of(root) is forge
    links = Links(root, forge)
    found = [
        links.tag("churn#prod#4"),
        links.commit("8a1e"),
        links.compare("8a1e", "1c1c"),
        links.file("8a1e", "a b/dvc.yaml"),
        links.file("8a1e", "a b/dvc.yaml", 3),
    ]
    assert found == [f"{root}{page}" for page in pages]
    assert not Links("", forge).tag("churn#prod#4")


@pytest.mark.parametrize("page", ["", "https://git.example.com/acme/models", "https://github.com.example.com/a/b"])
def test_a_page_of_which_nobody_knows_the_forge(page: str) -> None:
    assert forge_of(page) is None


def test_a_name_that_is_no_text_has_a_page() -> None:
    assert HUB.file("8a1e", "\ud800").endswith("/blob/8a1e/%3F")
