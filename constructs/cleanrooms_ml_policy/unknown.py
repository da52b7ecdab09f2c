"""Texts that represent values which are known later."""

from __future__ import annotations

import re
from functools import lru_cache

from cleanrooms_ml_handlers.partial import PartialText

# CloudFormation resolves these with Systems Manager or Secrets Manager. None has the beginning of another one in it:
# what never ends is read once.
_DYNAMIC_REFERENCE = re.compile(r"\{\{resolve:(?:(?!\{\{resolve:)[^}])*\}\}")
# What lookups of the CDK give in the first pass of a synth, after which the CLI looks the value up. Source: dummyValue
# in the CDK's SSM, IAM, ECR, Route 53, EC2 and ELB modules; "dummy-value" is what people pass to ContextProvider.
_DUMMY = re.compile(
    r"^dummy-value|dummy-value-for-|DUMMY_ARN|(?:^|/)DUMMY$|^dummy1[abc]$|^ami-1234$|^vpc-12345$|^[sip]-(?:12345|67890)$"
    r"|^sg-123456789012$|^sg-12345678$|^pl-xxxxxxxx$|/50dc6c495c0c9188(?:/|$)"
)


# The same texts are asked about many times.
@lru_cache(maxsize=4096)
def is_dummy(text: str) -> bool:
    """Whether a text is, or contains, the dummy of a lookup that the CDK has not done yet."""
    return _DUMMY.search(text) is not None


def is_placeholder(text: str) -> bool:
    """Whether a text is, or contains, a dynamic reference or a dummy."""
    return "{{resolve:" in text or is_dummy(text)


def partial(text: str, marker: re.Pattern[str] = _DYNAMIC_REFERENCE) -> PartialText | str:
    """A text with what is known of it, if only a part of it is; otherwise the text itself.

    Args:
        text: The text.
        marker: Matches what represents unknown text, in addition to dynamic references.
    """
    if is_dummy(text):
        return text
    parts = tuple(part for some in marker.split(text) for part in _DYNAMIC_REFERENCE.split(some))
    return PartialText(parts) if len(parts) > 1 and any(parts) else text
