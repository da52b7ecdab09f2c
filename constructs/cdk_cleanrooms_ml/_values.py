"""What the small values of the public interface share."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar, Self, TypeVar

T = TypeVar("T")


def form_of(value: object) -> str:
    """The form of a value, for a message: its type with an article."""
    if value is None:
        return "None"
    name = type(value).__name__
    return f"{'an' if name[0] in 'AEIOaeio' else 'a'} {name}"


def expect(keyword: str, value: object, kind: type | tuple[type, ...], what: str) -> None:
    """Stops at an argument of the wrong form; its value may be secret and is not shown.

    Raises:
        ValueError: The value is neither None nor of the kind.
    """
    if value is not None and not isinstance(value, kind):
        raise ValueError(f"{keyword} is {form_of(value)}; allowed is {what}")


def each_of(keyword: str, values: Iterable[T], kind: type[T]) -> list[T]:
    """The items of an argument, each of one kind.

    Raises:
        ValueError: One is of another kind, or the argument is one item instead of several.
    """
    if isinstance(values, str | Mapping) or not isinstance(values, Iterable):
        allowed = "texts" if kind is object else kind.__name__
        raise ValueError(f"{keyword} is {form_of(values)}; allowed is a list of {allowed}")
    items = list(values)
    for each in items:
        expect(keyword, each, kind, kind.__name__)
    return items


def required_text(keyword: str, value: object) -> str:
    """The text of an argument that cannot be absent.

    Raises:
        ValueError: It is no text.
    """
    if not isinstance(value, str):
        raise ValueError(f"{keyword} is {form_of(value)}; allowed is text")
    return value


def without_mark(keyword: str, text: object) -> str:
    """The text without the byte order mark that editors on Windows write, which is no SQL to the service.

    Raises:
        ValueError: It is no text, or has null characters, as UTF-16 has that was read as another encoding.
    """
    text = required_text(keyword, text)
    if "\0" in text:
        raise ValueError(f"{keyword} has null characters; allowed is text. Read it in its own encoding, as UTF-16")
    return text.removeprefix("\ufeff")


def switched(value: bool | None) -> str | None:
    """A switch as AWS Clean Rooms writes it; None stays None."""
    return None if value is None else "ENABLED" if value else "DISABLED"


def expect_reference(keyword: str, value: object, member: str, what: str) -> None:
    """Rejects what has no reference of the kind that aws-cdk-lib generates: neither an L1 nor one of this library.

    Raises:
        ValueError: The value has no such member.
    """
    # What the CDK returns as an interface is a proxy of one or several.
    proxied = getattr(value, "__dict__", {}).get("_delegates", ())
    # On the class: on the value, it would be evaluated.
    if not any(hasattr(type(each), member) for each in (value, *proxied)):
        raise ValueError(f"{keyword} is {form_of(value)}; allowed is {what}")


def expect_role(keyword: str, role: object) -> None:
    """Rejects what is no role.

    Raises:
        ValueError: It is none.
    """
    if role is not None:
        expect_reference(keyword, role, "role_arn", "a role. Pass iam.Role.from_role_arn(...)")


def expect_key(keyword: str, key: object) -> None:
    """Rejects what is no key.

    Raises:
        ValueError: It is none.
    """
    if key is not None:
        expect_reference(keyword, key, "key_arn", "a key. Pass kms.Key.from_key_arn(...)")


def expect_bucket(keyword: str, bucket: object) -> None:
    """Rejects what is no bucket.

    Raises:
        ValueError: It is none.
    """
    expect_reference(keyword, bucket, "bucket_arn", "a bucket. Pass s3.Bucket.from_bucket_name(...)")


def expect_location(what: str, bucket: object, prefix: object) -> None:
    """Rejects what is no bucket, and what is no prefix in it.

    Args:
        what: What the arguments begin with: "output" for output_bucket and output_prefix.
        bucket: The bucket.
        prefix: The prefix; None for all of it.

    Raises:
        ValueError: One is of the wrong form.
    """
    expect_bucket(f"{what}_bucket", bucket)
    expect(f"{what}_prefix", prefix, str, "text")


def expect_target(target: object) -> None:
    """Rejects what is no target of a rule, as a topic or a function by itself is none.

    Raises:
        ValueError: It is none.
    """
    if target is not None:
        expect_reference("target", target, "bind", "a target. Pass aws_events_targets.SnsTopic(topic), or another one")


def expect_tags(tags: object) -> None:
    """Rejects what is no mapping of tags.

    Raises:
        ValueError: It is none.
    """
    expect("tags", tags, Mapping, "a dict of texts")


class NewerValue(str):
    """A value that the user vouches for: the stored service model may not know it yet."""

    __slots__ = ()


class OneOf:
    """A value out of a set that AWS extends: constants for those known today, ``of`` for the others.

    Two of the same text are equal.
    """

    _known: ClassVar[frozenset[str]] = frozenset()

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def of(cls, value: str) -> Self:
        """A value that this version has no constant for. Synth warns of one that it does not know.

        Args:
            value: The value as the API writes it.
        """
        return cls(NewerValue(value))

    @property
    def value(self) -> str:
        """The value as the API writes it."""
        return self._value

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.value == self.value

    def __hash__(self) -> int:
        return hash((type(self), str(self._value)))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self._value)!r})"


def values_of(keyword: str, items: Iterable[OneOf], kind: type[OneOf]) -> list[str]:
    """The values of an argument's items, each of one kind.

    Raises:
        ValueError: One is of another kind, or the argument is one item instead of several.
    """
    return [each.value for each in each_of(keyword, items, kind)]
