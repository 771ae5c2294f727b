"""One pair made fit for training, or the reason to drop it."""

import re
import unicodedata

CREDITS = {"translator-credits", "translator_credits", "translator-credit", "your names", "your emails",
           "translators", "name of translators", "email of translators"}

_INVISIBLE = dict.fromkeys([0x00AD, 0x200B, 0x200E, 0x200F, 0xFEFF, 0x2060, *range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_PRINTF = re.compile(r"%(?:\d+\$)?[-+#0'I]*(?:\*|\d+)?(?:\.(?:\*|\d+)?)?(?:hh|h|ll|l|L|q|j|z|t)?([diouxXeEfFgGaAcsSpnmCQDEqTKHRV])(?!\w{3})")
_NAMED = re.compile(r"%\(\w+\)[sdifr]?|%\w+%|%[A-Z_]{3,}|%L?\d{1,2}(?![\d%])|\$\(?\{?\w+[)}]?|\{[\w.:!]*\}|\[[A-Z_]{4,}\]|@\w+@|#\d\b|@\d\b")
_TAG = re.compile(r"<(/?[a-zA-Z][\w:-]*)(?:\s[^<>]*)?/?>")
_ENTITY = re.compile(r"&(?:[a-zA-Z]\w*|#\d+);")
_WORD = re.compile(r"[^\W\d_]{2,}")
_IDEOGRAPH = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")


def normalise(text):
    """Composed letters, no invisible characters, single spaces."""
    text = unicodedata.normalize("NFC", text).translate(_INVISIBLE)
    return re.sub(r"\s+", " ", text).strip() if re.search(r"\s\s|[\t\v\f\x1c-\x1f\x85\u2028\u2029]", text) else text.strip()


def reason_to_drop(source, target, most_words):
    """Why this pair should not be learned from, as a short text, or None. Judges the pair alone."""
    if not source or not target:
        return "one side empty"
    if any(unicodedata.category(c) in ("Cc", "Co", "Cn", "Cs") or c == "\ufffd" for c in source + target if not c.isascii() or c < " "):
        return "control characters"
    if source.lower() in CREDITS:
        return "translators' names"
    plain_source, plain_target = words_only(source), words_only(target)
    if not (_has_word(plain_source) and _has_word(plain_target)):
        return "no words"
    if source == target or re.findall(r"\w+", plain_source.casefold()) == re.findall(r"\w+", plain_target.casefold()):
        return "untranslated"
    if max(length_in_words(source), length_in_words(target)) > most_words:
        return "too long"
    if placeholders(source) != placeholders(target):
        return "placeholders differ"
    if sorted(_TAG.findall(source)) != sorted(_TAG.findall(target)):
        return "markup differs"
    if source.count("|") != target.count("|") or source.count("\\n") != target.count("\\n"):
        return "placeholders differ"
    letters = sum(c.isalpha() for c in plain_source)
    if 2 * letters < len(source.replace(" ", "")) and letters < 20:
        return "hardly any words"
    return None


def _has_word(text):
    """Two letters next to each other; elsewhere than in English vowel signs may stand between, or one sign is a word."""
    return bool(_WORD.search(text) or _IDEOGRAPH.search(text) or sum(c.isalpha() and not c.isascii() for c in text) > 1)


def placeholders(text):
    """What a program fills in, as a sorted list; %2$s counts as %s, since translations may reorder."""
    text = text.replace("%%", "")
    named = _NAMED.findall(text)
    return sorted(named + ["%" + kind for kind in _PRINTF.findall(_NAMED.sub(" ", text))])


def words_only(text):
    """The text without markup, placeholders and entities."""
    return _PRINTF.sub(" ", _NAMED.sub(" ", _ENTITY.sub(" ", _TAG.sub(" ", text))))


def length_in_words(text):
    """Words; in scripts without spaces, every two characters count as one."""
    return len(text.split()) + len(_IDEOGRAPH.findall(text)) // 2


def is_natural(source, target):
    """Would a translator call this a sentence or a phrase? Such pairs make a test set that says something."""
    words = _WORD.findall(words_only(source))
    lower = sum(word.islower() for word in words)
    marks = len(_TAG.findall(source)) + len(placeholders(source)) + len(re.findall(r"[=\\{}<>|@#/_]|--", source))
    return 4 <= len(words) <= 40 and lower >= 3 and marks <= 1 and length_in_words(target) >= 2
