"""The README's few lines that check a webhook."""

from __future__ import annotations

import re
from typing import Any

from ..test_readme import README
from .conftest import School
from .receivers import receiver


def test_the_example_tells_our_calls_from_others(school: School) -> None:
    example = re.search(r"```python\n(.*?)```", README.split("### Webhooks", 1)[1], re.S)
    assert example is not None
    names: dict[str, Any] = {}
    exec(example[1], names)
    is_from_intray = names["is_from_intray"]
    with receiver() as program:
        secret = school.secret(school.call(program.url))
        school.hand_in()
        school.work()
    (call,) = program.calls
    assert is_from_intray(secret, call.headers, call.body)
    assert not is_from_intray(secret, call.headers, call.body + b" ")
    assert not is_from_intray("whsec_" + "A" * 44, call.headers, call.body)
    old = {**call.headers, "webhook-timestamp": "1600000000"}
    assert not is_from_intray(secret, old, call.body)
