"""Sentences without a language: what the corpus generator draws, and what corpora/languages.py puts into words.

A sentence is a small tree of the tuples below; all choices are made here, so that every language says the same.
"""

from typing import NamedTuple, Optional, Union

import lexicon


class Count(NamedTuple):
    value: int
    written: bool  # in letters rather than digits


class NounPhrase(NamedTuple):
    noun: lexicon.Noun
    plural: bool
    article: str  # definite, indefinite, or none where a count or an owner stands
    adjectives: tuple = ()
    count: Optional[Count] = None
    owner: Optional["NounPhrase"] = None
    relative: Optional["Clause"] = None  # a clause without subject, or without object


class Place(NamedTuple):
    preposition: tuple
    phrase: NounPhrase


class Time(NamedTuple):
    kind: str  # date, iso_date, year, weekday or clock
    value: tuple


class Price(NamedTuple):
    euros: int
    cents: int


class Clause(NamedTuple):
    subject: Union[NounPhrase, str, None]  # "pronoun": of the antecedent; None: the relative pronoun
    verb: lexicon.Verb
    tense: str  # present, past or perfect
    negated: bool = False
    adverb: Optional[tuple] = None
    object: Optional[NounPhrase] = None
    recipient: Optional[NounPhrase] = None
    adjective: Optional[tuple] = None  # with the verb to be
    price: Optional[Price] = None
    place: Optional[Place] = None
    time: Optional[Time] = None
    time_first: bool = False
    antecedent: Optional[NounPhrase] = None  # what a pronoun stands for


class Sentence(NamedTuple):
    kind: str  # plain, question, if, that, and, conjunction
    main: Clause
    other: Optional[Clause] = None
    conjunction: Optional[tuple] = None


class Writer:
    """Draws sentences. Uses nothing but random(), whose numbers Python promises to keep the same for a seed."""

    def __init__(self, random):
        self.random = random

    def sentence(self):
        kind = self.weighted((0.34, "plain"), (0.1, "question"), (0.1, "if"), (0.14, "that"), (0.08, "and"),
                             (0.14, "conjunction"), (0.1, "pronoun"))
        if kind == "plain":
            return Sentence("plain", self.clause(time_first=True, relative=True))
        if kind == "question":
            return Sentence("question", self.clause())
        if kind == "if":
            return Sentence("if", self.clause(tense="present"), self.clause(tense="present"))
        if kind == "that":
            subject = self.phrase(lexicon.PERSONS)
            main = Clause(subject, self.pick(lexicon.VERBS_OF_SAYING), self.pick(("present", "past")))
            return Sentence("that", main, self.clause(tense=self.tense()))
        if kind == "and":
            return Sentence("and", self.clause(), self.clause())
        if kind == "conjunction":
            return Sentence("conjunction", self.clause(), self.clause(), self.pick(lexicon.CONJUNCTIONS))
        main = self.state()
        other = Clause("pronoun", lexicon.BE, main.tense, adjective=self.pick(lexicon.ADJECTIVES), antecedent=main.subject)
        return Sentence("conjunction", main, other, self.pick(lexicon.CONJUNCTIONS[:2]))

    def clause(self, tense=None, time_first=False, relative=False):
        kind = self.weighted((0.42, "transitive"), (0.16, "giving"), (0.14, "state"), (0.08, "price"), (0.2, "alone"))
        if kind == "state":
            return self.state(tense)
        if kind == "price":
            price = Price(1 + self.below(99), self.pick((25, 50, 75, 95)))
            return Clause(self.phrase(lexicon.THINGS), lexicon.COST, "present", price=price)
        tense = tense or self.tense()
        subject = self.phrase(lexicon.PERSONS, relative=relative)
        time = self.time() if self.chance(0.35) else None
        # Tenses and times that people would not put together are fine: nothing but the words is to be learned.
        common = dict(tense=tense, time=time, time_first=time is not None and time_first and self.chance(0.4),
                      place=self.place() if self.chance(0.6 if kind == "alone" else 0.2) else None)
        if kind == "alone":
            return Clause(subject, self.pick(lexicon.VERBS_ALONE), adverb=self.adverb(), **common)
        if kind == "giving":
            return Clause(subject, self.pick(lexicon.VERBS_OF_GIVING), object=self.phrase(lexicon.THINGS),
                          recipient=self.phrase(lexicon.PERSONS), adverb=self.adverb(), **common)
        verb, thing = self.verb_and_object()
        negated = thing.article == "definite" and self.chance(0.25)
        return Clause(subject, verb, object=thing, negated=negated, adverb=None if negated else self.adverb(), **common)

    def state(self, tense=None):
        subject = self.phrase(lexicon.THINGS if self.chance(0.6) else lexicon.PERSONS)
        return Clause(subject, lexicon.BE, tense if tense != "perfect" and tense else self.pick(("present", "past")),
                      adjective=self.pick(lexicon.ADJECTIVES))

    def verb_and_object(self):
        verbs, nouns = self.pick(((lexicon.VERBS_FOR_THINGS, lexicon.THINGS), (lexicon.VERBS_FOR_PERSONS, lexicon.PERSONS),
                                  (lexicon.VERBS_FOR_ALL, lexicon.THINGS + lexicon.PERSONS)))
        return self.pick(verbs), self.phrase(nouns)

    def phrase(self, nouns, relative=False):
        noun = self.pick(nouns)
        adjectives = tuple({self.pick(lexicon.ADJECTIVES): 0 for _ in range(self.weighted((0.6, 0), (0.34, 1), (0.06, 2)))})
        kind = self.weighted((0.5, "definite"), (0.26, "indefinite"), (0.16, "count"), (0.08, "owner"))
        if kind == "count":
            written = self.chance(0.6)
            value = 2 + self.below(98) if written else self.pick((100 + self.below(900), 1000 + 50 * (1 + self.below(179))))
            return NounPhrase(noun, True, "none", adjectives, count=Count(value, written))
        if kind == "owner" and noun.kind == "thing":
            owner = NounPhrase(self.pick(lexicon.PERSONS), False, "definite")
            return NounPhrase(noun, self.chance(0.3), "none", adjectives, owner=owner)
        if kind == "indefinite":
            return NounPhrase(noun, False, "indefinite", adjectives)
        clause = None
        if relative and self.chance(0.35):
            verb, thing = self.verb_and_object()
            clause = Clause(None, verb, self.tense(), object=thing)
        return NounPhrase(noun, self.chance(0.4), "definite", adjectives, relative=clause)

    def place(self):
        return Place(self.pick(lexicon.PREPOSITIONS), NounPhrase(self.pick(lexicon.PLACES), self.chance(0.15), "definite"))

    def time(self):
        kind = self.weighted((0.3, "date"), (0.2, "iso_date"), (0.1, "year"), (0.2, "weekday"), (0.2, "clock"))
        year, month, day = 1980 + self.below(50), self.below(12), 1 + self.below(28)
        if kind == "clock":
            return Time(kind, (self.below(24), 5 * self.below(12)))
        if kind == "weekday":
            return Time(kind, (self.below(7),))
        return Time(kind, (year, month, day))

    def tense(self):
        return self.pick(("present", "past", "perfect"))

    def adverb(self):
        return self.pick(lexicon.ADVERBS) if self.chance(0.25) else None

    def chance(self, probability):
        return self.random.random() < probability

    def below(self, limit):
        return int(self.random.random() * limit)

    def pick(self, choices):
        return choices[self.below(len(choices))]

    def weighted(self, *choices):
        point = self.random.random() * sum(weight for weight, _ in choices)
        for weight, choice in choices:
            point -= weight
            if point < 0:
                return choice
        return choices[-1][1]
