"""The 25 kinds of instruction of IFEval, each as its arguments and a check that a program can make.

The kinds and their arguments have the names of "Instruction-Following Evaluation for Large Language Models" (Zhou et
al. 2023, arXiv:2311.07911), so that its records can be read as they are. The checks are our own, written from the
paper's descriptions; each docstring says the rule. Where the published code is known to be looser or stricter, a rule
here follows the instruction's wording: figures are near to published ones, not equal to them.
"""

from __future__ import annotations

import json
import re
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from .language_guess import LANGUAGES, likely_languages
from .text_counts import paragraphs, sentences, words

Relation = Literal["at least", "less than"]
Count = Annotated[int, Field(ge=0)]
Text = Annotated[str, Field(min_length=1)]
Texts = Annotated[list[Text], Field(min_length=1)]


class _Constraint(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def holds(self, reply: str) -> bool:
        """Whether a reply follows the instruction."""
        raise NotImplementedError


def _related(number: int, relation: Relation, wanted: int) -> bool:
    return number >= wanted if relation == "at least" else number < wanted


def _times(word: str, reply: str) -> int:
    """How often a text occurs, in whatever case and inside longer words too, as IFEval has it."""
    return reply.casefold().count(word.casefold())


class Existence(_Constraint):
    """All keywords occur; "cat" occurs in "cats"."""

    kind: Literal["keywords:existence"]
    keywords: Texts

    def holds(self, reply: str) -> bool:
        return all(_times(keyword, reply) for keyword in self.keywords)


class Frequency(_Constraint):
    """A keyword occurs so often."""

    kind: Literal["keywords:frequency"]
    keyword: Text
    frequency: Count
    relation: Relation

    def holds(self, reply: str) -> bool:
        return _related(_times(self.keyword, reply), self.relation, self.frequency)


class ForbiddenWords(_Constraint):
    """None of the words occurs as a whole word; "cats" is no "cat"."""

    kind: Literal["keywords:forbidden_words"]
    forbidden_words: Texts

    def holds(self, reply: str) -> bool:
        return not any(
            re.search(rf"(?<!\w){re.escape(word)}(?!\w)", reply, re.IGNORECASE) for word in self.forbidden_words
        )


class LetterFrequency(_Constraint):
    """A letter (or another character) occurs so often, in whatever case."""

    kind: Literal["keywords:letter_frequency"]
    letter: Annotated[str, Field(min_length=1, max_length=1)]
    let_frequency: Count
    let_relation: Relation

    def holds(self, reply: str) -> bool:
        return _related(reply.lower().count(self.letter.lower()), self.let_relation, self.let_frequency)


class ResponseLanguage(_Constraint):
    """The reply is in this language, as `language_guess` tells; where it cannot tell, it is not."""

    kind: Literal["language:response_language"]
    language: str

    @field_validator("language")
    @classmethod
    def _is_known(cls, value: str) -> str:
        if value.split("-")[0] not in LANGUAGES:
            raise ValueError(f"must be one of the languages that can be told: {', '.join(sorted(LANGUAGES))}")
        return value

    def holds(self, reply: str) -> bool:
        return self.language.split("-")[0] in likely_languages(reply)


class NumberSentences(_Constraint):
    """The reply has so many sentences, see `text_counts.sentences`."""

    kind: Literal["length_constraints:number_sentences"]
    num_sentences: Count
    relation: Relation

    def holds(self, reply: str) -> bool:
        return _related(len(sentences(reply)), self.relation, self.num_sentences)


class NumberParagraphs(_Constraint):
    """The reply has exactly so many paragraphs with `***` between each two."""

    kind: Literal["length_constraints:number_paragraphs"]
    num_paragraphs: Count

    def holds(self, reply: str) -> bool:
        parts = [part.strip() for part in re.split(r"(?<![*\w])\*\*\*(?![*\w])", reply)]
        # A divider at either end separates nothing, but stands in no one's way.
        parts = parts[not parts[0] : len(parts) - (len(parts) > 1 and not parts[-1])]
        return all(parts) and len(parts) == self.num_paragraphs


class NumberWords(_Constraint):
    """The reply has so many words, see `text_counts.words`."""

    kind: Literal["length_constraints:number_words"]
    num_words: Count
    relation: Relation

    def holds(self, reply: str) -> bool:
        return _related(len(words(reply)), self.relation, self.num_words)


class NthParagraphFirstWord(_Constraint):
    """There are exactly so many paragraphs with blank lines between them, and one of them starts with this word."""

    kind: Literal["length_constraints:nth_paragraph_first_word"]
    num_paragraphs: Annotated[int, Field(ge=1)]
    nth_paragraph: Annotated[int, Field(ge=1)]
    first_word: Text

    @model_validator(mode="after")
    def _is_there(self) -> NthParagraphFirstWord:
        if self.nth_paragraph > self.num_paragraphs:
            raise ValueError(f"there is no paragraph {self.nth_paragraph} among {self.num_paragraphs}")
        return self

    def holds(self, reply: str) -> bool:
        parts = paragraphs(reply)
        if len(parts) != self.num_paragraphs:
            return False
        return [word.casefold() for word in words(parts[self.nth_paragraph - 1])[:1]] == [self.first_word.casefold()]


class NumberPlaceholders(_Constraint):
    """There are at least so many placeholders such as [name]; links `[…](…)` and marks such as [1] are none."""

    kind: Literal["detectable_content:number_placeholders"]
    num_placeholders: Count

    def holds(self, reply: str) -> bool:
        found = re.findall(r"\[([^\[\]\n]+)\](?!\()", reply)
        return sum(bool(words(name)) and not name.strip().isdigit() for name in found) >= self.num_placeholders


class Postscript(_Constraint):
    """The marker starts a line or follows a space, and text stands behind it; "p. s." will do for "P.S."."""

    kind: Literal["detectable_content:postscript"]
    postscript_marker: Text

    def holds(self, reply: str) -> bool:
        marker = r"\s?".join(re.escape(character) for character in self.postscript_marker if not character.isspace())
        # "P.S." must not be found in "P. P.S.".
        found = re.finditer(rf"(?:^|(?<=[\s*_#>(]))(?<!P\.\s){marker}", reply, re.IGNORECASE)
        return any(words(reply[match.end() :]) for match in found)


class NumberBulletLists(_Constraint):
    """There are exactly so many Markdown bullets: lines that begin with `*`, `-` or `+`, a space and a word."""

    kind: Literal["detectable_format:number_bullet_lists"]
    num_bullets: Count

    def holds(self, reply: str) -> bool:
        bullets = re.findall(r"^[ \t]*[*+-][ \t]+(.*)$", reply, re.MULTILINE)
        return sum(bool(words(bullet)) for bullet in bullets) == self.num_bullets


class ConstrainedResponse(_Constraint):
    """The reply says "My answer is yes.", "My answer is no." or "My answer is maybe."."""

    kind: Literal["detectable_format:constrained_response"]

    def holds(self, reply: str) -> bool:
        return re.search(r"My answer is (?:yes|no|maybe)\.", reply) is not None


class NumberHighlightedSections(_Constraint):
    """At least so many parts of lines are *highlighted* or **highlighted** as in Markdown."""

    kind: Literal["detectable_format:number_highlighted_sections"]
    num_highlights: Count

    def holds(self, reply: str) -> bool:
        found = re.findall(r"(?<!\*)(\*{1,3})(?![\s*])[^*\n]*(?<!\s)\1(?!\*)", reply)
        return len(found) >= self.num_highlights


class MultipleSections(_Constraint):
    """At least so many sections are marked with the splitter and a number each, such as "SECTION 1"."""

    kind: Literal["detectable_format:multiple_sections"]
    section_spliter: Text
    num_sections: Count

    def holds(self, reply: str) -> bool:
        # By their numbers, so that a section that another one mentions is not counted twice.
        found = re.findall(rf"(?<!\w){re.escape(self.section_spliter)}\s?(\d+|[IVX]+\b)", reply)
        return len(set(found)) >= self.num_sections


class JsonFormat(_Constraint):
    """The whole reply is a JSON object or array; a code fence around it is allowed."""

    kind: Literal["detectable_format:json_format"]

    def holds(self, reply: str) -> bool:
        fenced = re.fullmatch(r"\s*```\w*\s*\n?(.*?)```\s*", reply, re.DOTALL)
        try:
            value = json.loads(fenced[1] if fenced else reply)
        except (ValueError, RecursionError):
            return False
        return isinstance(value, dict | list)


class Title(_Constraint):
    """There is a title in double angular brackets, <<such as this>>."""

    kind: Literal["detectable_format:title"]

    def holds(self, reply: str) -> bool:
        return any(words(title) for title in re.findall(r"<<([^<>\n]+)>>", reply))


class TwoResponses(_Constraint):
    """There are two different responses with six asterisks, ******, between them."""

    kind: Literal["combination:two_responses"]

    def holds(self, reply: str) -> bool:
        parts = [part.strip() for part in re.split(r"(?<!\*)\*{6}(?!\*)", reply)]
        parts = parts[not parts[0] : len(parts) - (len(parts) > 1 and not parts[-1])]
        return len(parts) == 2 and all(parts) and parts[0] != parts[1]


class RepeatPrompt(_Constraint):
    """The reply begins with the prompt, in whatever case, and goes on behind it."""

    kind: Literal["combination:repeat_prompt"]
    prompt_to_repeat: Text

    def holds(self, reply: str) -> bool:
        reply, prompt = reply.strip().casefold(), self.prompt_to_repeat.strip().casefold()
        return reply.startswith(prompt) and bool(words(reply[len(prompt) :]))


class EndChecker(_Constraint):
    """The reply ends with exactly this phrase, in whatever case; closing quotes may follow."""

    kind: Literal["startend:end_checker"]
    end_phrase: Text

    def holds(self, reply: str) -> bool:
        return reply.rstrip("\"'”’ \t\r\n").casefold().endswith(self.end_phrase.strip("\"'”’ \t\r\n").casefold())


class Quotation(_Constraint):
    """The whole reply stands in double quotation marks, straight or curly."""

    kind: Literal["startend:quotation"]

    def holds(self, reply: str) -> bool:
        reply = reply.strip()
        return len(reply) > 2 and reply[0] in '"“' and reply[-1] in '"”'


class CapitalWordFrequency(_Constraint):
    """So many words are all capitals; "I" and "A" count, "I'm" does not."""

    kind: Literal["change_case:capital_word_frequency"]
    capital_frequency: Count
    capital_relation: Relation

    def holds(self, reply: str) -> bool:
        number = sum(word.isupper() for word in words(reply))
        return _related(number, self.capital_relation, self.capital_frequency)


class EnglishCapital(_Constraint):
    """No letter is small, and the text is in no other language than English as far as can be told."""

    kind: Literal["change_case:english_capital"]

    def holds(self, reply: str) -> bool:
        return reply.isupper() and _maybe_english(reply)


class EnglishLowercase(_Constraint):
    """No letter is a capital, and the text is in no other language than English as far as can be told."""

    kind: Literal["change_case:english_lowercase"]

    def holds(self, reply: str) -> bool:
        return reply.islower() and _maybe_english(reply)


def _maybe_english(reply: str) -> bool:
    languages = likely_languages(reply)
    return not languages or "en" in languages


class NoComma(_Constraint):
    """There is no comma."""

    kind: Literal["punctuation:no_comma"]

    def holds(self, reply: str) -> bool:
        return "," not in reply


Constraint = Annotated[
    Existence | Frequency | ForbiddenWords | LetterFrequency | ResponseLanguage | NumberSentences | NumberParagraphs
    | NumberWords | NthParagraphFirstWord | NumberPlaceholders | Postscript | NumberBulletLists | ConstrainedResponse
    | NumberHighlightedSections | MultipleSections | JsonFormat | Title | TwoResponses | RepeatPrompt | EndChecker
    | Quotation | CapitalWordFrequency | EnglishCapital | EnglishLowercase | NoComma,
    Field(discriminator="kind"),
]  # fmt: skip
