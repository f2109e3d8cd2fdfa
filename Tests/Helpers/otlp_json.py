"""The JSON form of OTLP, which is protobuf's but for hexadecimal ids, and stricter where the official parser is lenient."""
import base64
import json
import re

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor

IDS = {"traceId": 32, "spanId": 16, "parentSpanId": 16}
LONG = {FieldDescriptor.TYPE_INT64, FieldDescriptor.TYPE_UINT64, FieldDescriptor.TYPE_FIXED64,
        FieldDescriptor.TYPE_SFIXED64, FieldDescriptor.TYPE_SINT64}


def without_double_names(pairs):
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError(f"a name stands twice: {names}")
    return dict(pairs)


def walk_ids(value, change):
    if isinstance(value, dict):
        return {key: change(key, item) if key in IDS else walk_ids(item, change) for key, item in value.items()}
    return [walk_ids(item, change) for item in value] if isinstance(value, list) else value


def to_base64(key, value):
    if not re.fullmatch(f"[0-9a-f]{{{IDS[key]}}}", value):
        raise ValueError(f"{key} is {value}")
    return base64.b64encode(bytes.fromhex(value)).decode()


def to_hex(_, value):
    return base64.b64decode(value).hex()


def check_json_types(message, value, place):
    """What the parser would also accept: names with underscores, long numbers that are no texts, names of enumerators."""
    for name, item in value.items():
        field = message.fields_by_camelcase_name.get(name)
        if field is None:
            raise ValueError(f"{place} has no field {name}")
        for one in item if isinstance(item, list) else [item]:
            if field.type in LONG and not isinstance(one, str):
                raise ValueError(f"{place}.{name}: {one!r} is no text")
            if field.enum_type is not None and not isinstance(one, int):
                raise ValueError(f"{place}.{name}: {one!r} is no number")
            if field.message_type is not None:
                check_json_types(field.message_type, one, f"{place}.{name}")


def parse(data, message):
    """Reads a request; raises an error for what a strict reader would not take."""
    value = json.loads(data.decode(), object_pairs_hook=without_double_names)
    check_json_types(message.DESCRIPTOR, value, message.DESCRIPTOR.name)
    json_format.ParseDict(walk_ids(value, to_base64), message)


def content(message):
    """The fields of a request, with hexadecimal ids and enumerations as numbers."""
    return walk_ids(json_format.MessageToDict(message, use_integers_for_enums=True), to_hex)
