"""Compiled gettext catalogs (.mo files), read into messages.

The format is described in the gettext manual, "The Format of GNU MO Files": two tables of (length, offset), one for
the originals and one for their translations. A context stands before the original, separated by \\x04; the forms of a
plural are separated by \\0.
"""

import gettext
import re
import struct
from typing import NamedTuple


class CatalogError(Exception):
    """A file that is no catalog, or a damaged one."""


class Message(NamedTuple):
    context: str  # "" when there is none
    singular: str
    plural: str  # "" for a message without plural
    forms: list  # translations: one, or one for each plural form of the language


class Catalog(NamedTuple):
    messages: list
    undecodable: int  # messages that are not valid in the catalog's own charset
    form_of: object  # number -> index into Message.forms


def read_catalog(data, name="catalog"):
    """Reads the bytes of a .mo file. Raises CatalogError, naming `name`, for anything that is none."""
    messages, undecodable = [], 0
    charset, plural_rule = "utf-8", "n != 1"
    for original, translation in _entries(data, name):
        if original == b"":
            header = translation.decode("ascii", "replace")
            charset = _header_charset(header) or charset
            plural_rule = _header_plural(header) or plural_rule
            break
    for original, translation in _entries(data, name):
        if original == b"":
            continue
        try:
            source, target = original.decode(charset), translation.decode(charset)
        except (UnicodeDecodeError, LookupError):
            undecodable += 1
            continue
        context, mark, source = source.rpartition("\x04")
        singular, _, plural = source.partition("\0")
        messages.append(Message(context if mark else "", singular, plural, target.split("\0")))
    try:
        form_of = gettext.c2py(plural_rule)
    except ValueError as error:
        raise CatalogError(f"{name}: plural rule {plural_rule!r}: {error}") from None
    return Catalog(messages, undecodable, form_of)


def plural_pairs(message, form_of):
    """The pairs (source, target) of a message: the singular with the form that is used for 1, the plural with each
    of the forms used for larger numbers."""
    if not message.plural:
        return [(message.singular, message.forms[0])]
    forms = message.forms

    def index(number):
        found = form_of(number)
        return found if 0 <= found < len(forms) else 0

    one = index(1)
    many = dict.fromkeys(index(number) for number in range(2, 201))
    if len(many) > 1:
        many.pop(one, None)  # the form of 1 that also serves 21, 31 ... is no plural
    return [(message.singular, forms[one])] + [(message.plural, forms[i]) for i in many]


def _entries(data, name):
    """(original, translation) as bytes, in the order of the file."""
    if len(data) < 28:
        raise CatalogError(f"{name}: {len(data)} bytes, a catalog has at least 28")
    magic = data[:4]
    if magic == b"\xde\x12\x04\x95":
        order = "<"
    elif magic == b"\x95\x04\x12\xde":
        order = ">"
    else:
        raise CatalogError(f"{name}: begins with {magic.hex()}, expected the magic number of a .mo file")
    revision, count, originals, translations = struct.unpack_from(order + "4I", data, 4)
    if revision >> 16 > 1:
        raise CatalogError(f"{name}: format revision {revision >> 16}, expected 0 or 1")
    if max(originals, translations) + 8 * count > len(data):
        raise CatalogError(f"{name}: {count} messages do not fit into {len(data)} bytes")
    for i in range(count):
        strings = []
        for table in (originals, translations):
            length, offset = struct.unpack_from(order + "2I", data, table + 8 * i)
            if offset + length > len(data):
                raise CatalogError(f"{name}: message {i} ends after the end of the file")
            strings.append(data[offset : offset + length])
        yield tuple(strings)


def _header_charset(header):
    found = re.search(r"^Content-Type:.*charset=([-\w.:]+)", header, re.MULTILINE | re.IGNORECASE)
    return found and found.group(1)


def _header_plural(header):
    found = re.search(r"^Plural-Forms:.*?plural\s*=([^;\n]+)", header, re.MULTILINE | re.IGNORECASE)
    return found and found.group(1).strip()
