"""The generator's sentences put into words: one class for each language, with what its grammar asks for.

English  fixed order, do-support, -s of owners, a and an
German   three genders, four cases, two kinds of adjective endings, the verb second in main clauses and last in
         subordinate ones, participles and prefixes at the end, time before objects, receivers before things
Spanish  two genders, agreement of adjectives, which follow their noun, contractions, "a" before persons, no pronouns
"""

import lexicon

ONES = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "thirteen",
        "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen")
TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
EINER = ("", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun", "zehn", "elf", "zwölf", "dreizehn",
         "vierzehn", "fünfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn")
ZEHNER = ("", "", "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
UNIDADES = ("", "un", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve", "diez", "once", "doce", "trece",
            "catorce", "quince", "dieciséis", "diecisiete", "dieciocho", "diecinueve", "veinte", "veintiún", "veintidós",
            "veintitrés", "veinticuatro", "veinticinco", "veintiséis", "veintisiete", "veintiocho", "veintinueve")
DECENAS = ("", "", "", "treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")


class English:
    def sentence(self, sentence):
        if sentence.kind == "question":
            return finish(self.question(sentence.main), "?")
        main = self.clause(sentence.main)
        if sentence.other is None:
            return finish(main)
        other = self.clause(sentence.other)
        if sentence.kind == "if":
            return finish(f"if {main}, {other}")
        if sentence.kind == "that":
            return finish(f"{main} that {other}")
        if sentence.kind == "and":
            return finish(f"{main}, and {other}")
        return finish(f"{main} {sentence.conjunction[0]} {other}")

    def clause(self, clause, subject=None, plural=None):
        """`subject` and `plural` are given for relative clauses, whose subject is a pronoun."""
        plural = is_plural(clause) if plural is None else plural
        subject = subject or self.subject(clause)
        words = [subject, *self.predicate(clause, plural), *self.rest(clause)]
        time = self.time(clause.time)
        if clause.time_first:
            return join([time + ",", *words])
        return join([*words, time])

    def question(self, clause):
        subject, plural = self.subject(clause), is_plural(clause)
        not_ = "not" if clause.negated else ""
        adverb = clause.adverb[0] if clause.adverb else ""
        base, _, _, participle = clause.verb.en
        if clause.verb is lexicon.BE:
            words = [self.predicate(clause, plural)[0], subject]
        elif clause.tense == "perfect":
            words = ["have" if plural else "has", subject, not_, adverb, participle]
        else:
            words = ["did" if clause.tense == "past" else "do" if plural else "does", subject, not_, adverb, base]
        return join([*words, *self.rest(clause), self.time(clause.time)])

    def subject(self, clause):
        if clause.subject == "pronoun":
            antecedent = clause.antecedent
            if antecedent.plural:
                return "they"
            # The sex of persons is told by the Spanish noun, since a German girl is neuter.
            return {"m": "he", "f": "she"}[antecedent.noun.es_gender] if antecedent.noun.kind == "person" else "it"
        return self.phrase(clause.subject)

    def predicate(self, clause, plural):
        base, third, past, participle = clause.verb.en
        adverb = clause.adverb[0] if clause.adverb else ""
        if clause.verb is lexicon.BE:
            return [("are" if plural else "is") if clause.tense == "present" else "were" if plural else "was"]
        if clause.tense == "perfect":
            return ["have" if plural else "has", "not" if clause.negated else "", adverb, participle]
        if clause.negated:
            return ["did" if clause.tense == "past" else "do" if plural else "does", "not", base]
        return [adverb, past if clause.tense == "past" else base if plural else third]

    def rest(self, clause):
        words = []
        if clause.adjective:
            words.append(clause.adjective[0])
        if clause.price:
            words.append(f"{clause.price.euros}.{clause.price.cents:02} euros")
        if clause.object:
            words.append(self.phrase(clause.object))
        if clause.recipient:
            words += ["to", self.phrase(clause.recipient)]
        if clause.place:
            words += [clause.place.preposition[0], self.phrase(clause.place.phrase)]
        return words

    def phrase(self, phrase):
        words = [adjective[0] for adjective in phrase.adjectives] + [phrase.noun.en[phrase.plural]]
        if phrase.count:
            words.insert(0, self.count(phrase.count))
        elif phrase.owner:
            words.insert(0, self.phrase(phrase.owner) + "'s")
        elif phrase.article == "indefinite":
            words.insert(0, "an" if words[0][0] in "aeiou" else "a")
        else:
            words.insert(0, "the")
        if phrase.relative:
            words.append(self.clause(phrase.relative, "who", phrase.plural))
        return join(words)

    def count(self, count):
        if not count.written:
            return f"{count.value:,}"
        tens, ones = divmod(count.value, 10)
        if count.value < 20:
            return ONES[count.value]
        return TENS[tens] + ("-" + ONES[ones] if ones else "")

    def time(self, time):
        if time is None:
            return ""
        if time.kind == "weekday":
            return "on " + lexicon.WEEKDAYS[time.value[0]][0]
        if time.kind == "clock":
            hour, minute = time.value
            return f"at {hour % 12 or 12}:{minute:02} {'am' if hour < 12 else 'pm'}"
        year, month, day = time.value
        if time.kind == "year":
            return f"in {year}"
        if time.kind == "date":
            return f"on {lexicon.MONTHS[month][0]} {day}, {year}"
        return f"on {year}-{month + 1:02}-{day:02}"


class German:
    ARTICLES = {  # definite: nominative, accusative, dative, genitive
        "m": ("der", "den", "dem", "des"), "f": ("die", "die", "der", "der"),
        "n": ("das", "das", "dem", "des"), "p": ("die", "die", "den", "der"),
    }
    EIN = {"m": ("ein", "einen", "einem"), "f": ("eine", "eine", "einer"), "n": ("ein", "ein", "einem")}
    WEAK = {"m": ("e", "en", "en"), "f": ("e", "e", "en"), "n": ("e", "e", "en"), "p": ("en", "en", "en")}  # after der
    MIXED = {"m": ("er", "en", "en"), "f": ("e", "e", "en"), "n": ("es", "es", "en")}  # after ein
    STRONG = {"m": ("er", "en", "em"), "f": ("e", "e", "er"), "n": ("es", "es", "em"), "p": ("e", "e", "en")}
    NOMINATIVE, ACCUSATIVE, DATIVE, GENITIVE = range(4)

    def sentence(self, sentence):
        if sentence.kind == "question":
            return finish(self.clause(sentence.main, "question"), "?")
        if sentence.kind == "if":
            return finish(f"wenn {self.clause(sentence.main, 'last')}, {self.clause(sentence.other, 'question')}")
        main = self.clause(sentence.main, "second")
        if sentence.other is None:
            return finish(main)
        if sentence.kind == "that":
            return finish(f"{main}, dass {self.clause(sentence.other, 'last')}")
        if sentence.kind == "and":
            return finish(f"{main}, und {self.clause(sentence.other, 'second')}")
        return finish(f"{main}, {sentence.conjunction[1]} {self.clause(sentence.other, 'last')}")

    def clause(self, clause, order, subject=None, plural=None):
        """`order` says where the verb stands: second, last, or first as in a question."""
        plural = is_plural(clause) if plural is None else plural
        subject = subject or self.subject(clause)
        finite, ending = self.verb(clause, plural)
        time, middle = self.time(clause.time), self.middle(clause)
        if order == "last":
            separated = clause.tense != "perfect" and clause.verb.de_prefix
            verb = [ending + finite] if separated else [ending, finite]
            return join([subject, time, *middle, *verb])
        if order == "question":
            return join([finite, subject, time, *middle, ending])
        if clause.time_first:
            return join([time, finite, subject, *middle, ending])
        return join([subject, finite, time, *middle, ending])

    def verb(self, clause, plural):
        """The finite verb, and what stands at the end: participle or prefix."""
        present, present_plural, past, past_plural, participle = clause.verb.de
        if clause.tense == "perfect":
            return ("haben" if plural else "hat"), participle
        if clause.tense == "past":
            return (past_plural if plural else past), clause.verb.de_prefix
        return (present_plural if plural else present), clause.verb.de_prefix

    def subject(self, clause):
        if clause.subject == "pronoun":
            antecedent = clause.antecedent
            return "sie" if antecedent.plural else {"m": "er", "f": "sie", "n": "es"}[antecedent.noun.de_gender]
        return self.phrase(clause.subject, self.NOMINATIVE)

    def middle(self, clause):
        words = []
        if clause.adverb:
            words.append(clause.adverb[1])
        if clause.recipient:
            words.append(self.phrase(clause.recipient, self.DATIVE))
        if clause.object:
            words.append(self.phrase(clause.object, self.ACCUSATIVE))
        if clause.negated:
            words.append("nicht")
        if clause.adjective:
            words.append(clause.adjective[2])
        if clause.price:
            words.append(f"{clause.price.euros},{clause.price.cents:02} Euro")
        if clause.place:
            phrase = clause.place.phrase
            words.append(f"{clause.place.preposition[1]} {self.phrase(phrase, self.DATIVE)}".replace("in dem ", "im "))
        return words

    def phrase(self, phrase, case):
        gender = "p" if phrase.plural else phrase.noun.de_gender
        if phrase.count or phrase.owner:
            article, endings = self.count(phrase.count) if phrase.count else "", self.STRONG
            if phrase.owner:  # the thing is definite: the book of the man
                article, endings = self.ARTICLES[gender][case], self.WEAK
        elif phrase.article == "indefinite":
            article, endings = self.EIN[gender][case], self.MIXED
        else:
            article, endings = self.ARTICLES[gender][case], self.WEAK
        words = [article, *(adjective[1] + endings[gender][case] for adjective in phrase.adjectives), self.noun(phrase, case)]
        if phrase.owner:
            owner = phrase.owner.noun
            words += [self.ARTICLES[owner.de_gender][self.GENITIVE], owner.de_genitive]
        if phrase.relative:
            pronoun = self.ARTICLES[gender][self.NOMINATIVE]
            words[-1] += ","
            words.append(self.clause(phrase.relative, "last", pronoun, phrase.plural) + ",")
        return join(words)

    def noun(self, phrase, case):
        singular, plural = phrase.noun.de
        if not phrase.plural:
            return singular if case == self.NOMINATIVE else phrase.noun.de_oblique
        return plural + "n" if case == self.DATIVE and plural[-1] not in "ns" else plural

    def count(self, count):
        if not count.written:
            return f"{count.value:,}".replace(",", ".")
        tens, ones = divmod(count.value, 10)
        if count.value < 20:
            return EINER[count.value]
        return (EINER[ones] + "und" if ones else "") + ZEHNER[tens]

    def time(self, time):
        if time is None:
            return ""
        if time.kind == "weekday":
            return "am " + lexicon.WEEKDAYS[time.value[0]][1]
        if time.kind == "clock":
            return f"um {time.value[0]}.{time.value[1]:02} Uhr"
        year, month, day = time.value
        if time.kind == "year":
            return f"im Jahr {year}"
        if time.kind == "date":
            return f"am {day}. {lexicon.MONTHS[month][1]} {year}"
        return f"am {day:02}.{month + 1:02}.{year}"


class Spanish:
    def sentence(self, sentence):
        if sentence.kind == "question":
            return "¿" + finish(self.clause(sentence.main, question=True), "?")
        main = self.clause(sentence.main)
        if sentence.other is None:
            return finish(main)
        other = self.clause(sentence.other)
        if sentence.kind == "if":
            return finish(f"si {main}, {other}")
        if sentence.kind == "that":
            return finish(f"{main} que {other}")
        if sentence.kind == "and":
            return finish(f"{main}, y {other}")
        return finish(f"{main} {sentence.conjunction[2]} {other}")

    def clause(self, clause, question=False, subject=None, plural=None):
        plural = is_plural(clause) if plural is None else plural
        if subject is None:
            subject = "" if clause.subject == "pronoun" else self.phrase(clause.subject)
        verb = ["no" if clause.negated else "", self.verb(clause, plural)]
        words = [*verb, subject] if question else [subject, *verb]
        if clause.adverb:
            words.append(clause.adverb[2])
        if clause.adjective:
            owner = clause.antecedent or clause.subject
            words.append(self.adjective(clause.adjective, owner))
        if clause.price:
            words.append(f"{clause.price.euros},{clause.price.cents:02} euros")
        if clause.object:
            person = clause.object.noun.kind == "person"
            words.append(contract(("a " if person else "") + self.phrase(clause.object)))
        if clause.recipient:
            words.append(contract("a " + self.phrase(clause.recipient)))
        if clause.place:
            words.append(contract(f"{clause.place.preposition[2]} {self.phrase(clause.place.phrase)}"))
        time = self.time(clause.time)
        return join([time + ",", *words] if clause.time_first else [*words, time])

    def verb(self, clause, plural):
        present, present_plural, past, past_plural, participle = clause.verb.es
        if clause.tense == "perfect":
            return ("han " if plural else "ha ") + participle
        if clause.tense == "past":
            return past_plural if plural else past
        return present_plural if plural else present

    def phrase(self, phrase):
        feminine = phrase.noun.es_gender == "f"
        words = [phrase.noun.es[phrase.plural], *(self.adjective(adjective, phrase) for adjective in phrase.adjectives)]
        if len(phrase.adjectives) == 2:
            words.insert(2, "y")
        if phrase.count:
            words.insert(0, self.count(phrase.count, feminine))
        elif phrase.article == "indefinite":
            words.insert(0, "una" if feminine else "un")
        else:
            words.insert(0, (("los", "las") if phrase.plural else ("el", "la"))[feminine])
        if phrase.owner:
            words.append(contract("de " + self.phrase(phrase.owner)))
        if phrase.relative:
            words.append(self.clause(phrase.relative, subject="que", plural=phrase.plural))
        return join(words)

    def adjective(self, adjective, phrase):
        form = adjective[3]
        if form.endswith("o") and phrase.noun.es_gender == "f":
            form = form[:-1] + "a"
        return form + "s" if phrase.plural else form

    def count(self, count, feminine):
        if not count.written:
            return f"{count.value:,}".replace(",", ".")
        tens, ones = divmod(count.value, 10)
        if count.value < 30:
            return "veintiuna" if count.value == 21 and feminine else UNIDADES[count.value]
        if not ones:
            return DECENAS[tens]
        return f"{DECENAS[tens]} y {'una' if ones == 1 and feminine else UNIDADES[ones]}"

    def time(self, time):
        if time is None:
            return ""
        if time.kind == "weekday":
            return "el " + lexicon.WEEKDAYS[time.value[0]][2]
        if time.kind == "clock":
            return f"{'a la' if time.value[0] == 1 else 'a las'} {time.value[0]}:{time.value[1]:02}"
        year, month, day = time.value
        if time.kind == "year":
            return f"en {year}"
        if time.kind == "date":
            return f"el {day} de {lexicon.MONTHS[month][2]} de {year}"
        return f"el {day:02}/{month + 1:02}/{year}"


LANGUAGES = {"en": English(), "de": German(), "es": Spanish()}


def is_plural(clause):
    return (clause.antecedent if clause.subject == "pronoun" else clause.subject).plural


def contract(text):
    """Spanish a el and de el become one word."""
    return f" {text}".replace(" a el ", " al ").replace(" de el ", " del ").strip()


def join(words):
    return " ".join(word for word in words if word)


def finish(text, end="."):
    """A capital at the beginning, and a mark at the end that swallows a comma."""
    return text[0].upper() + text[1:].rstrip(",") + end
