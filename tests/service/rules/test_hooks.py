"""Hooks as the providers send them, with their signatures: GitHub's from its own examples, the others as documented."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest
from standardwebhooks import Webhook

from gto_action.service.rules.hooks import MOST_READ, may_be_of_tags, named
from gto_action.service.rules.providers import CHECKS
from tests.support.webhooks import faults, of_our_tag, payloads

SECRET: Final = "the secret of these tests"
STANDARD: Final = "whsec_" + base64.b64encode(b"k" * 32).decode()
ZEROS: Final = "0" * 40
# As docs.gitlab.com ("Tag events") has it, in our words.
GITLAB: Final[dict[str, Any]] = {
    "object_kind": "tag_push",
    "event_name": "tag_push",
    "before": ZEROS,
    "after": "82b3d5ae55f7080f1e6022629cdb57bfae7cccc7",
    "ref": "refs/tags/churn#prod#1",
    "checkout_sha": "5937ac0a7beb003549fc5fd26fc247adbce4a52e",
    "project": {"id": 1, "path_with_namespace": "acme/models", "git_http_url": "https://git.example/acme/models.git"},
    "commits": [],
    "total_commits_count": 0,
}
BITBUCKET_TAG: Final = {"type": "tag", "name": "churn#prod#1", "target": {"type": "commit", "hash": "5937ac0a"}}
BITBUCKET_BRANCH: Final = {"type": "branch", "name": "main", "target": {"type": "commit", "hash": "5937ac0a"}}


def bitbucket(*changes: tuple[Any, Any]) -> dict[str, Any]:
    return {"push": {"changes": [{"new": new, "old": old, "truncated": True} for new, old in changes]}}


def data_center(*kinds: str) -> dict[str, Any]:
    changes = [
        {
            "ref": {"id": f"refs/x/{kind}", "displayId": kind, "type": kind},
            "fromHash": ZEROS,
            "toHash": "1",
            "type": "ADD",
        }
        for kind in kinds
    ]
    return {"eventKey": "repo:refs_changed", "repository": {"slug": "models"}, "changes": changes}


def azure(*names: str) -> dict[str, Any]:
    updates = [{"name": name, "oldObjectId": ZEROS, "newObjectId": "1" * 40} for name in names]
    return {"eventType": "git.push", "resource": {"refUpdates": updates, "repository": {"name": "models"}}}


def hex_of(body: bytes) -> str:
    return hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def standard(body: bytes) -> dict[str, str]:
    now = datetime.now(UTC)
    signature = Webhook(STANDARD).sign("msg_1", now, body.decode())
    return {"webhook-id": "msg_1", "webhook-timestamp": str(int(now.timestamp())), "webhook-signature": signature}


def headers_of(provider: str, body: bytes) -> dict[str, str]:
    """What a provider signs a body with."""
    basic = base64.b64encode(f"azure:{SECRET}".encode()).decode()
    return {
        "github": {"x-hub-signature-256": f"sha256={hex_of(body)}"},
        "bitbucket": {"x-hub-signature": f"sha256={hex_of(body)}"},
        "bitbucket-dc": {"x-hub-signature": f"sha256={hex_of(body)}"},
        "gitea": {"x-gitea-signature": hex_of(body)},
        "forgejo": {"x-forgejo-signature": hex_of(body)},
        "gitlab": {"x-gitlab-token": SECRET},
        "gitlab, signed": standard(body),
        "azure": {"authorization": f"Basic {basic}"},
        "generic": {"authorization": f"Bearer {SECRET}"},
        "generic, signed": standard(body),
    }[provider]


ALL: Final = (
    *("github", "bitbucket", "bitbucket-dc", "gitea", "forgejo", "gitlab", "gitlab, signed", "azure", "generic"),
    "generic, signed",
)
TAKES_STANDARD: Final = {"gitlab", "generic", "gitlab, signed", "generic, signed"}
UNSIGNED: Final = {"gitlab", "azure", "generic"}


def is_right(provider: str, headers: Mapping[str, str], body: bytes, *secrets: str) -> bool:
    check = CHECKS[provider.partition(",")[0]](headers, secrets or (SECRET, STANDARD), "azure")
    for start in range(0, len(body), 100):
        check.feed(body[start : start + 100])
    return check.is_right


BODY: Final = json.dumps(GITLAB).encode()


@pytest.mark.parametrize("provider", ALL)
def test_a_signature(provider: str) -> None:
    headers = headers_of(provider, BODY)
    mine = STANDARD if "signed" in provider else SECRET
    assert is_right(provider, headers, BODY)
    assert is_right(provider, headers, BODY, "another that is newer", mine)
    assert not is_right(provider, headers, BODY, "another")
    assert not is_right(provider, {}, BODY)


@pytest.mark.parametrize("provider", [each for each in ALL if each not in UNSIGNED])
def test_one_bit_of_the_body_is_another(provider: str) -> None:
    headers = headers_of(provider, BODY)
    for place in range(0, len(BODY) * 8, 37):
        flipped = bytearray(BODY)
        flipped[place // 8] ^= 1 << place % 8
        assert not is_right(provider, headers, bytes(flipped)), place


@pytest.mark.parametrize("provider", ALL)
def test_one_bit_of_the_signature_is_another(provider: str) -> None:
    headers = headers_of(provider, BODY)
    name = "webhook-signature" if "signed" in provider else next(iter(headers))
    value = headers[name]
    for place in range(len(value)):
        for bit in (1, 32, 128):
            flipped = value[:place] + chr(ord(value[place]) ^ bit) + value[place + 1 :]
            decoded_alike = (
                "signed" in provider and place == len(value) - 2
            )  # of Base64's last digit two bits are unused
            assert decoded_alike or not is_right(provider, {**headers, name: flipped}, BODY), (place, bit)
    assert not is_right(provider, {**headers, name: value[:-1]}, BODY)
    assert not is_right(provider, {**headers, name: value + "a"}, BODY)


@pytest.mark.parametrize("provider", ALL)
def test_no_providers_header_counts_for_another(provider: str) -> None:
    for other in ALL:
        alike = provider.partition(",")[0] == other.partition(",")[0] or (
            "signed" in other and provider in TAKES_STANDARD
        )
        if not alike and {*headers_of(provider, BODY)} != {*headers_of(other, BODY)}:
            assert not is_right(provider, headers_of(other, BODY), BODY), other


def test_gitlabs_plain_token_does_not_stand_in_for_a_wrong_signature() -> None:
    headers = {**standard(BODY), "webhook-signature": "v1,AAAA", "x-gitlab-token": SECRET}
    assert not is_right("gitlab", headers, BODY)


@pytest.mark.parametrize("seconds", [-400, 400])
def test_a_message_of_another_time_is_not_taken_again(seconds: int, monkeypatch: pytest.MonkeyPatch) -> None:
    headers, now = standard(BODY), time.time()
    monkeypatch.setattr(time, "time", lambda: now + seconds)
    assert not is_right("generic", headers, BODY)


def is_of_tag(payload: Mapping[str, Any]) -> bool:
    return bool(payload["ref"].startswith("refs/tags/") or payload.get("ref_type") == "tag")


def github_rows() -> list[Any]:
    rows = []
    for event in ("push", "create", "delete"):
        for number, payload in enumerate(payloads(event)):
            of_tag = is_of_tag(payload)
            sent = of_our_tag(payload) if of_tag else payload
            rows.append(pytest.param("github", event, sent, of_tag, id=f"{event} {number} {payload['ref']}"))
    return [*rows, *(pytest.param("github", "ping", each, False, id="ping") for each in payloads("ping"))]


@pytest.mark.parametrize("event", ["push", "create", "delete"])
def test_of_each_event_an_example_is_as_github_describes_it_now(event: str) -> None:
    assert [] in [faults(event, of_our_tag(each)) for each in payloads(event) if is_of_tag(each)]


@pytest.mark.parametrize(("provider", "event", "payload", "of_tag"), github_rows())
def test_githubs_payloads_are_as_it_describes_them(
    provider: str, event: str, payload: dict[str, Any], *, of_tag: bool
) -> None:
    """And as it signs them; with one bit flipped they are forged. Its oldest examples lack what has come since."""
    assert [each for each in faults(event, payload) if not each.endswith(" is a required property")] == []
    assert faults(event, {**payload, "sender": 7}) != []
    body = json.dumps(payload).encode()
    headers = headers_of(provider, body)
    assert is_right(provider, headers, body)
    assert may_be_of_tags(provider, event, body) is of_tag
    for place in range(0, len(body) * 8, 4_001):
        flipped = bytearray(body)
        flipped[place // 8] ^= 1 << place % 8
        assert not is_right(provider, headers, bytes(flipped)), place


@pytest.mark.parametrize(
    ("provider", "event", "payload", "expected"),
    [
        *github_rows(),
        pytest.param("gitea", "push", {"ref": "refs/tags/churn#prod#1"}, True, id="gitea tag"),
        pytest.param("forgejo", "create", {"ref": "churn#prod#1", "ref_type": "tag"}, True, id="forgejo tag"),
        pytest.param("forgejo", "push", {"ref": "refs/heads/main"}, False, id="forgejo branch"),
        pytest.param("gitlab", "Tag Push Hook", GITLAB, True, id="gitlab tag"),
        pytest.param("gitlab", "Push Hook", {**GITLAB, "object_kind": "push", "ref": "refs/heads/main"}, False, id="gitlab branch"),
        pytest.param("bitbucket", "repo:push", bitbucket((BITBUCKET_TAG, None)), True, id="bitbucket tag"),
        pytest.param("bitbucket", "repo:push", bitbucket((None, BITBUCKET_TAG)), True, id="bitbucket tag deleted"),
        pytest.param("bitbucket", "repo:push", bitbucket((BITBUCKET_BRANCH, None), (BITBUCKET_TAG, None)), True, id="bitbucket both"),
        pytest.param("bitbucket", "repo:push", bitbucket((BITBUCKET_BRANCH, BITBUCKET_BRANCH)), False, id="bitbucket branch"),
        pytest.param("bitbucket", "repo:push", bitbucket(), True, id="bitbucket says nothing"),
        pytest.param("bitbucket-dc", "repo:refs_changed", data_center("TAG"), True, id="data center tag"),
        pytest.param("bitbucket-dc", "repo:refs_changed", data_center("BRANCH", "TAG"), True, id="data center both"),
        pytest.param("bitbucket-dc", "repo:refs_changed", data_center("BRANCH"), False, id="data center branch"),
        pytest.param("bitbucket-dc", "diagnostics:ping", {"test": True}, False, id="data center ping"),
        pytest.param("azure", "", azure("refs/tags/churn#prod#1"), True, id="azure tag"),
        pytest.param("azure", "", azure("refs/heads/main", "refs/tags/x"), True, id="azure both"),
        pytest.param("azure", "", azure("refs/heads/main"), False, id="azure branch"),
        pytest.param("generic", "", {"ref": "refs/heads/main"}, True, id="generic"),
    ],
)  # fmt: skip
def test_what_a_hook_is_about(provider: str, event: str, payload: dict[str, Any], expected: bool) -> None:
    assert may_be_of_tags(provider, event, json.dumps(payload).encode()) is expected


@pytest.mark.parametrize("provider", CHECKS)
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"7", b'"x"', b'{"push": 1}', b"[" * 100_000, b"\xff", b" " * (MOST_READ + 1)],
    ids=lambda body: repr(body[:9]),
)
def test_what_is_signed_and_not_understood_may_be_of_tags(provider: str, body: bytes) -> None:
    assert may_be_of_tags(provider, "", body)


def test_what_a_provider_calls_it() -> None:
    assert named("github", {"x-github-delivery": "72d3162e", "x-github-event": "push"}) == ("72d3162e", "push")
    assert named("gitlab", {"x-github-delivery": "72d3162e"}) == ("", "")
