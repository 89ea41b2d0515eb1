"""Values that break programs, and JSON documents made of them.

Everything is drawn from the ``random.Random`` that is handed in, so a run can be repeated by its seed.
"""

import json
from collections.abc import Sequence
from random import Random
from typing import Any

TEXTS: Sequence[str] = (
    "",
    " ",
    "a",
    "0",
    "-1",
    "1",
    "true",
    "None",
    "null",
    "a" * 255,
    "a" * 256,
    "a" * 70_000,
    "\0",
    "a\0b",
    "\r\nX-Injected: yes",
    "é",
    "\u2028",
    "😀",
    "\ufffe",
    "\u0663",
    "²",
    "ß" * 255,
    "../../../etc/passwd",
    "%00",
    "%s%n%d",
    "{0}{asked}",
    "' OR 1=1 --",
    "<script>alert(1)</script>",
    "\\",
    '"',
    "in:a,b",
    'in:"a',
    "in:",
    "gt:",
    "gte:2020-01-01T00:00:00Z",
    "neq:-",
    "lt:99999999-01-01",
    ":",
    ",",
    ",,a:desc,",
    "a:b:c",
    "!a",
    "2020-01-01T00:00:00Z",
    "2020-01-01T00:00:00.123456+25:00",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "2020-02-30",
    "0.0.0.0/0",
    "::/0",
    "10.0.0.0/33",
    "10.0.0.0/24",
    "10.0.0.5",
    "2001:db8::/64",
    "fe80::1%eth0",
    "255.255.255.255",
    "1.2.3.4.5",
    "00:00:00:00:00:00",
    "ff:ff:ff:ff:ff:ff",
    "https://[::1",
    "http://a:99999999/",
    "//",
    "YQ==",
    "====",
    "1" * 5000,
    "1e400",
    "inf",
    "NaN",
    "9223372036854775808",
    "-9223372036854775809",
    "00000000-0000-0000-0000-000000000000",
    "ab" * 16,
    "nova",
    "default",
    "public",
    "shared",
    "VCPU:1",
    "VCPU:-1",
    "VCPU:99999999999999999999",
    "CUSTOM_" + "A" * 300,
    "/", "[", "(", "(?P<a", "*",
)  # fmt: skip
NUMBERS: Sequence[Any] = (
    0, 1, -1, 2, 255, 65536, 2**31, 2**31 - 1, 2**32, 2**63 - 1, 2**63, -(2**63) - 1, 2**64, 10**30, 10**400,
    0.0, -0.0, 0.5, 1e16, 1e308, 1e-320, True, False, None,
)  # fmt: skip
SHAPES: Sequence[Any] = (
    [], {}, [[]], [{}], [None], {"": None}, {"a": {}}, [1, "a"], {"id": []}, ["a", "a"], [0.5], {"\0": "\0"},
    [["a", "b"]], {"a" * 300: "b" * 300},
)  # fmt: skip


def text(random: Random, known: Sequence[str] = ()) -> str:
    """A text; often the id of something that is there."""
    return random.choice(known) if known and random.random() < 0.4 else random.choice(TEXTS)


def anything(random: Random, known: Sequence[str] = ()) -> Any:
    kind = random.random()
    if kind < 0.5:
        return text(random, known)
    if kind < 0.8:
        return random.choice(NUMBERS)
    return random.choice(SHAPES)


def of_schema(
    random: Random, schema: Any, components: dict[str, Any], known: Sequence[str] = (), depth: int = 0
) -> Any:
    """A value that mostly keeps to a JSON schema (those that msgspec writes), and now and then is anything."""
    if not isinstance(schema, dict) or not schema or depth > 8 or random.random() < 0.04:
        return anything(random, known)
    if "$ref" in schema:
        return of_schema(random, components[schema["$ref"].rpartition("/")[2]], components, known, depth + 1)
    if "anyOf" in schema:
        return of_schema(random, random.choice(schema["anyOf"]), components, known, depth + 1)
    if "enum" in schema:
        return random.choice(schema["enum"])
    if "const" in schema:
        return schema["const"]
    kind = schema.get("type")
    if kind == "object":
        return _object(random, schema, components, known, depth)
    if kind == "array":
        inner = schema.get("items", {})
        least = schema.get("minItems", 0)
        count = random.choice((least, max(least, 1), max(least, 2)))
        return [of_schema(random, inner, components, known, depth + 1) for _ in range(count)]
    return _scalar(random, schema, kind, known)


def _scalar(random: Random, schema: dict[str, Any], kind: Any, known: Sequence[str]) -> Any:
    if kind == "string":
        given = text(random, known) if random.random() < 0.7 else f"name-{random.randrange(1000)}"
        return given[: schema.get("maxLength", len(given))] or "a" * schema.get("minLength", 0)
    if kind in ("integer", "number"):
        low, high = schema.get("minimum", 0), schema.get("maximum", 100)
        return random.choice((low, high, 1, random.randint(int(low), max(int(low), int(high))), *NUMBERS[:13]))
    if kind == "boolean":
        return random.random() < 0.5
    if kind == "null":
        return None
    return anything(random, known)


def _object(
    random: Random, schema: dict[str, Any], components: dict[str, Any], known: Sequence[str], depth: int
) -> dict[str, Any]:
    required = schema.get("required", ())
    most = random.random()
    made = {
        name: of_schema(random, inner, components, known, depth + 1)
        for name, inner in schema.get("properties", {}).items()
        if name in required or random.random() < most
    }
    extra = schema.get("additionalProperties")
    if isinstance(extra, dict) or random.random() < 0.03:
        for _ in range(random.randrange(3)):
            made[text(random)] = of_schema(random, extra or {}, components, known, depth + 1)
    return made


def mutated(random: Random, value: Any, known: Sequence[str] = ()) -> Any:
    """The same document with one to three parts changed, left out or added."""
    for _ in range(random.choice((1, 1, 1, 2, 3))):
        value = _mutated_once(random, value, known)
    return value


def _mutated_once(random: Random, value: Any, known: Sequence[str]) -> Any:
    if isinstance(value, dict) and value and random.random() < 0.9:
        name = random.choice(list(value))
        changed = dict(value)
        action = random.random()
        if action < 0.75:
            changed[name] = _mutated_once(random, value[name], known)
        elif action < 0.9:
            del changed[name]
        else:
            changed[text(random)] = anything(random, known)
        return changed
    if isinstance(value, list) and value and random.random() < 0.9:
        place = random.randrange(len(value))
        if random.random() < 0.2:
            return value + value
        return [*value[:place], _mutated_once(random, value[place], known), *value[place + 1 :]]
    return anything(random, known)


def encoded(random: Random, value: Any) -> bytes:
    """A document as bytes; one in twenty of them is broken."""
    data = json.dumps(value, ensure_ascii=random.random() < 0.5).encode("utf-8", "surrogatepass")
    return broken(random, data) if random.random() < 0.05 else data


DEEP = 100_000


def broken(random: Random, data: bytes) -> bytes:
    """Bytes that are not, or hardly, JSON."""
    place = random.randrange(len(data) + 1)
    return random.choice(
        (
            data[:place],
            data[:place] + b"\xff\xfe" + data[place:],
            data[:place] + b"\0" + data[place:],
            b"\xef\xbb\xbf" + data,
            data.decode("latin-1").encode("utf-16"),
            data + b"x",
            b"",
            b"null",
            b"0",
            b'""',
            b"[]",
            b"{}",
            b'{"a": NaN}',
            b'{"a": 1e999}',
            b'{"\\ud800": "\\ud800"}',
            b'{"a": 1, "a": 2}',
            b"[" * DEEP,
            b'{"a":' * DEEP,
            b'{"auth": ' + b"[" * 5000 + b"]" * 5000 + b"}",
            data[:place] + b"[" * 900 + b"]" * 900 + data[place:],
            b'{"a": "' + b"x" * (1 << 20) + b'"}',
            b'{"a": "' + b"x" * (3 << 20) + b'"}',
            b"a=b&c=d",
        )
    )
