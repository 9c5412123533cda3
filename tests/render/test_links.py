"""Addresses of the repository's pages."""

import pytest

from gto_action.render.links import Links

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


def test_a_name_that_is_no_text_has_a_page() -> None:
    assert HUB.file("8a1e", "\ud800").endswith("/blob/8a1e/%3F")
