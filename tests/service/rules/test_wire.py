"""What is sent, read by what others wrote: CloudEvents' SDK and Standard Webhooks' library."""

import base64
import json
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest
from cloudevents.core.bindings.http import HTTPMessage, from_structured_event
from cloudevents.core.formats.json import JSONFormat
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from gto_action.gto.tag import parse_tag
from gto_action.service.rules.body import CONTENT_TYPE, Told, body_of
from gto_action.service.rules.providers import CHECKS
from gto_action.service.rules.ref_changes import Action, Change
from gto_action.service.rules.signing import key_of, sign

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()
OLD = "whsec_" + base64.b64encode(b"o" * 32).decode()


def told(action: Action = Action.CREATED, document: object = None, tag: str = "models=churn#prod#4") -> str:
    parsed = parse_tag(tag)
    assert parsed
    change = Change(parsed, action, "b" * 40, 3, "a" * 40 if action is Action.MOVED else "")
    return body_of(
        Told(
            id="gto_x",
            change=change,
            sequence=7,
            source="https://example.com/o/r",
            time="2022-11-30T14:00:00+03:00",
            document={"schema_version": 1, "said": document},
        )
    )


@pytest.mark.parametrize("action", list(Action))
def test_a_body_is_a_cloud_event(action: Action) -> None:
    message = HTTPMessage(headers={"content-type": CONTENT_TYPE}, body=told(action, "é").encode())
    event = from_structured_event(message, JSONFormat())
    word = "assignment" if action is Action.CREATED else action.value
    assert event.get_type() == f"io.github.gto-action.{word}.v1"
    assert (event.get_id(), event.get_source(), event.get_subject()) == (
        "gto_x",
        "https://example.com/o/r",
        "models:churn",
    )
    assert event.get_time() == datetime(2022, 11, 30, 11, tzinfo=UTC)
    assert event.get_extension("sequence") == "0000000007"
    assert event.get_extension("movedfrom") == ("a" * 40 if action is Action.MOVED else None)
    assert event.get_data() == {"schema_version": 1, "said": "é"}


@given(st.text())
def test_whatever_a_document_says_the_body_is_ascii_and_says_it(text: str) -> None:
    body = told(document=text)
    assert body.isascii()
    assert json.loads(body)["data"]["said"] == text


@pytest.mark.parametrize("secrets", [(SECRET,), (OLD, SECRET), (SECRET, OLD)], ids=["one", "a new one", "an old one"])
def test_a_signature_is_right_by_the_library_of_the_standard(secrets: tuple[str, ...]) -> None:
    body = told().encode()
    headers = sign("gto_x", int(time.time()), body, [key_of(each) for each in secrets])
    assert Webhook(SECRET).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(body + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 32).decode()).verify(body, headers)


def by_library(body: str, when: datetime, message: str = "msg_1") -> dict[str, str]:
    signature = Webhook(SECRET).sign(message, when, body)
    return {"webhook-id": message, "webhook-timestamp": str(int(when.timestamp())), "webhook-signature": signature}


def is_signed(headers: Mapping[str, str]) -> bool:
    check = CHECKS["generic"](headers, (SECRET,), "")
    check.feed(b"{}")
    return check.is_right


def test_a_signature_of_the_library_is_right() -> None:
    assert is_signed(by_library("{}", datetime.now(UTC)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "msg_2"),
        ("webhook-id", ""),
        ("webhook-timestamp", "1"),
        ("webhook-timestamp", "٣"),
        ("webhook-timestamp", "-5"),
        ("webhook-timestamp", ""),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1,é"),
        ("webhook-signature", "v1a,AAAA"),
    ],
)
def test_a_header_that_is_not_right(name: str, value: str) -> None:
    assert not is_signed({**by_library("{}", datetime.now(UTC)), name: value})


@pytest.mark.parametrize("seconds", [-310, 310])
def test_an_old_message_is_not_taken_again(seconds: int) -> None:
    assert not is_signed(by_library("{}", datetime.now(UTC) + timedelta(seconds=seconds)))


def test_what_is_not_base64_is_no_key() -> None:
    with pytest.raises(ValueError, match="after 'whsec_' it is not Base64"):
        key_of("whsec_é!")
