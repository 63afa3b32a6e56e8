"""Messages with anything in any place, and a text that no answer may repeat."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from beckn_schemas.requests import MESSAGES
from tests.support.json_edit import DELETE, edited
from tests.support.request_builders import REQUESTS

PLANTED = "planted-9812345670"
"""What hostile senders write where a person's data stand."""
ACTIONS = tuple(MESSAGES)


def places(value: Any, path: str = "") -> list[str]:
    """The path of every part of a message."""
    parts = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [path] if path else []
    for key, part in parts:
        below = f"{path}[{key}]" if isinstance(key, int) else f"{path}.{key}" if path else key
        found += places(part, below)
    return found


PLACES = [(action, path) for action in ACTIONS for path in places(REQUESTS[action])]
"""Every part of our example of every request."""

odd_values = st.sampled_from(
    [
        *(None, True, False, 0, -1, 1.5, 2**63, -(2**63), 1e308, "", " ", [], {}, [[]], [None], {"": None}, DELETE),
        *(PLANTED, PLANTED * 600, "\x7f", "\u202e", "e\u0301" * 200, "\ufdfa" * 200, "१२३", "1" * 400, "-" * 300),
        *("'; DROP TABLE orders; --", "{{7*7}}", "${jndi:x}", "../../etc/passwd", "<script>", "%00%n%s", "\\N{DASH}"),
        *("P30S", "PT999999H", "9999-12-31T23:59:59+23:59", "26.8,80.9", "1e5,1e5", "http://169.254.169.254/"),
        *([{}] * 51, [PLANTED] * 300, {PLANTED: PLANTED}, {"code": PLANTED}, {str(n): n for n in range(200)}),
    ]
) | st.text(max_size=40).filter(lambda text: "\x00" not in text)

odd_messages = st.builds(
    lambda place, odd: (place[0], edited(REQUESTS[place[0]], place[1], odd)), st.sampled_from(PLACES), odd_values
)
"""An action, and our example of it with one part changed."""
