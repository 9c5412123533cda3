"""The hook that GitHub sends for a push of a tag, to a service of the tests."""

import hashlib
import hmac
import itertools
import json

from tests.support.service import HOOK_SECRET, Service

_numbers = itertools.count()


def push_hook(service: Service, name: str = "models", *, padding: int = 0) -> int:
    """Sends it, signed; gives the answer's status."""
    body = json.dumps({"ref": "refs/tags/churn#prod#1", "number": next(_numbers), "pad": "x" * padding}).encode()
    signature = hmac.new(HOOK_SECRET.encode(), body, hashlib.sha256).hexdigest()
    headers = {"x-hub-signature-256": f"sha256={signature}", "x-github-event": "push", "x-github-delivery": "d"}
    return service.post(headers, body, name)
