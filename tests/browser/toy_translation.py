"""A translation that is none, but is the same every time: of each word of a sentence one word, some of them exchanged, with
pieces, alignment, completions and other words. For tests of the page without a model.
"""

import re

WORDS = {
    "pt": {"the": "o", "cat": "gato", "sat": "sentou-se", "on": "sobre", "mat": "tapete", "and": "e", "fell": "adormeceu", "asleep": "depressa",
           "it": "ele", "rained": "choveu", "dog": "cão", "slept": "dormiu", "black": "preto", "a": "um", "house": "casa", "is": "é",
           "big": "grande", "small": "pequeno", "old": "velho", "river": "rio", "ran": "correu", "to": "para", "in": "em", "sea": "mar",
           "hello": "olá", "world": "mundo", "we": "nós", "know": "sabemos", "nothing": "nada", "of": "de", "what": "que", "wind": "vento",
           "brings": "traz", "ship": "navio", "waits": "espera", "for": "por", "morning": "manhã", "captain": "capitão", "reads": "lê",
           "his": "suas", "letters": "cartas", "again": "outra vez"},
    "ar": {"the": "ال", "cat": "قطة", "sat": "جلست", "on": "على", "mat": "حصيرة", "and": "و", "fell": "نامت", "asleep": "سريعا", "it": "هي",
           "rained": "أمطرت", "dog": "كلب", "slept": "نام", "house": "بيت", "big": "كبير", "black": "أسود"},
}
OTHERS = {"tapete": ["capacho", "chão", "colchão", "pano"], "gato": ["bichano", "felino"], "depressa": ["logo", "rapidamente"], "adormeceu": ["dormiu", "caiu no sono"]}
ADJECTIVES = {"black", "big", "small", "old"}
ARABIC = dict(zip("abcdefghijklmnopqrstuvwxyz", "ابكدهفغحيجكلمنوبقرستوفوكيز"))
HEBREW = dict(zip("abcdefghijklmnopqrstuvwxyz", "אבקדהפגחיגקלמנופקרסתובוקיז"))
LANGUAGES = [("en", "English", ["pt", "ar", "he", "ja", "th"]), ("pt", "Portuguese", ["en", "ar"]), ("ar", "Arabic", ["en"]), ("es", "Spanish", ["en", "pt"]),
             ("he", "Hebrew", ["en"])]


def sentences_of(paragraph):
    """The sentences with the white space after them; the first has that before it too."""
    return re.findall(r"\s*[^.!?。！？]*[.!?。！？]*\s*", paragraph)[:-1] or ([paragraph] if paragraph else [])


def word(text, target):
    known = WORDS.get(target, {}).get(text.lower())
    if known is None and target == "ar":
        known = "".join(ARABIC.get(c, c) for c in text.lower())
    if known is None and target == "he":
        known = "".join(HEBREW.get(c, c) for c in text.lower())
    if known is None and target in ("ja", "th"):
        first, count = (0x3042, 60) if target == "ja" else (0x0E01, 40)
        known = "".join(chr(first + ord(c) * 7 % count) for c in text.lower())
    if known is None:
        known = text + "o" if target == "pt" else text
    return known[0].upper() + known[1:] if text[0].isupper() else known


def translate_sentence(source, target):
    """Returns (source pieces, target pieces, alignment)."""
    parts = re.findall(r"\s*\w[\w'’-]*|\s*[^\w\s]|\s+", source)
    order = list(range(len(parts)))
    for i in range(len(parts) - 1):  # "black cat" becomes "gato preto"
        if parts[i].strip().lower() in ADJECTIVES and parts[i + 1].strip()[:1].isalpha():
            order[i], order[i + 1] = i + 1, i
    pieces, links = [], []
    for n, i in enumerate(order):
        text = parts[i].strip()
        lead = parts[n][:len(parts[n]) - len(parts[n].lstrip())] if parts[n].strip() else parts[n]
        if not text:
            pieces.append(parts[i])
            continue
        made = word(text, target) if text[0].isalnum() else text
        if target == "ja" and lead == " " and pieces:
            lead = ""
        half = (len(made) + 1) // 2
        halves = [lead + made] if len(made) < 8 else [lead + made[:half], made[half:]]
        for half_word in halves:
            links.append([i, len(pieces), 0.8])
            if i > 0 and parts[i - 1].strip():
                links.append([i - 1, len(pieces), 0.17])
            pieces.append(half_word)
    return parts, pieces, links


def translate(text, target):
    return "\n".join("".join("".join(translate_sentence(s, target)[1]) for s in sentences_of(line)) for line in text.split("\n"))


def complete(source, prefix, target):
    """The rest of the translation after any prefix, and its pieces."""
    whole = translate(source, target)
    words = re.findall(r"\s*\S+", whole)
    if whole.startswith(prefix):
        return whole[len(prefix):]
    given = re.findall(r"\S+", prefix)
    if not prefix or prefix[-1].isspace():
        return "".join(words[len(given):]).lstrip()
    known = sorted({w.strip().strip(".,") for w in words} | set(WORDS.get(target, {}).values()) | {w for others in OTHERS.values() for w in others})
    last = given[-1]
    ending = next((w[len(last):] for w in known if w.startswith(last) and w != last), "")
    return ending + "".join(words[len(given):])


def alternatives(source, prefix, target, most):
    """Whole words at a place: [(word, probability, preview)]."""
    rest = complete(source, prefix, target)
    first = re.match(r"\s*([\w'’-]+)", rest)
    if not first:
        return []
    own, after = first[1], rest[first.end():]
    words = [own, *OTHERS.get(own, [own + "s", own + "zinho"])][:most]
    preview = " ".join(after.split()[:4])
    return [{"word": w, "probability": round(0.61 * 0.36 ** i, 4), "preview": preview} for i, w in enumerate(words)]


def model_pieces(text):
    """Pieces as a model has them, with marks for spaces and the end of the sentence."""
    pieces = []
    for found in re.findall(r"\s*[\w'’-]+|\s*[^\w\s]", text):
        core = "▁" + found.strip() if found[0].isspace() or not pieces else found
        pieces += [core] if len(core) < 7 else [core[:4], core[4:]]
    return [*pieces, "</s>"]


def attention(source, target, kind, layer, head):
    rows = model_pieces(source if kind == "encoder" else target)
    columns = model_pieces(target if kind == "decoder" else source)
    weights = []
    for r in range(len(rows)):
        at = r * (len(columns) - 1) / max(1, len(rows) - 1)
        row = [1 / (1 + (c - at) ** 2 * (2 + layer + (head or 0))) for c in range(len(columns))]
        total = sum(row)
        weights.append([w / total for w in row])
    return {"source": model_pieces(source), "target": model_pieces(target), "weights": weights}
