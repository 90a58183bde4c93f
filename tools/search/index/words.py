"""The one analysis of indexed text and of queries: what counts as a word.

Words of languages with spaces are lower case, without accents and with English stems. Chinese, Japanese and Korean runs
have no spaces to cut at: their words are all single characters and all pairs of neighbours (Lucene's `CJKBigram`); a
query's run is its pairs alone, cut first where a particle or a question word stands that says nothing.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tantivy

# Han, kana with its marks, Hangul syllables.
_CJK_CLASS = (
    "\u3005-\u3007\u3031-\u3035\u3041-\u3096\u309d-\u309f\u30a1-\u30fa\u30fc-\u30ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U000323af"
)
_CJK = re.compile(f"[{_CJK_CLASS}]+")
_SPOKEN = re.compile(rf"[{_CJK_CLASS}]+|[^\W{_CJK_CLASS}]+")
_WIDE = re.compile(r"[\uff01-\uff9f]")  # full-width Latin and half-width katakana

_STOP_WORDS = """a about all also am an and any are as at be been being by can could current currently did do does
doing done for from get gets give given had has have having he hello her hi him his how i if in into is it its just
kindly know let list look lookup me many may might much must my need of on one or our out over please regarding s say
search shall she should show so some t tell than thanks that the their them then there these they this those to today
up us use very want was we were what whats which will with within without would you your"""

_CJK_FILLERS = re.compile(
    # Chinese: question words, particles, requests.
    "请问|請問|告诉我|告訴我|我想知道|帮我|幫我|查一下|一下|什么时候|什麼時候|什么|什麼|甚麼|为什么|為什麼|怎么样|怎麼樣|怎么|怎麼|怎样|怎樣"
    "|哪一个|哪一個|哪个|哪個|哪里|哪裡|哪儿|哪些|哪|多少|几个|幾個|谁|誰|是不是|有没有|有沒有|关于|關於|以及|吗|嗎|呢|吧|的|是|了|在|有|和|与|與|叫"
    # Japanese: question words, particles, forms of being and asking.
    "|について|に関する|に関して|を教えてください|を教えて|教えてください|教えて|ください|とは何ですか|とは何|とは|何ですか|ですか|ますか|でしょうか"
    "|どこですか|どこ|どれ|どの|だれ|いつ|いくら|いくつ|なに|なぜ|どう|です|ます|でした|何|(?<![ぁ-ん])[はがをにのでともへや](?![ぁ-ん])|か$"
    # Korean: question words.
    "|무엇입니까|무엇|어디입니까|어디|누구|언제|입니까|인가요"
)


@functools.cache
def analyzer() -> tantivy.TextAnalyzer:
    """For fields of running text: words, lower case, no accents, English stems.

    Stop words are kept in the index and left out of queries: "The Who" stays findable.
    """
    from tantivy import Filter, TextAnalyzerBuilder, Tokenizer

    builder = TextAnalyzerBuilder(Tokenizer.simple())
    for step in (Filter.remove_long(64), Filter.lowercase(), Filter.ascii_fold(), Filter.stemmer("english")):
        builder = builder.filter(step)
    return builder.build()


@functools.cache
def spaced_analyzer() -> tantivy.TextAnalyzer:
    """For a field whose words have been made already and stand with spaces between them."""
    from tantivy import TextAnalyzerBuilder, Tokenizer

    return TextAnalyzerBuilder(Tokenizer.whitespace()).build()


def words(text: str) -> list[str]:
    """The index's words of a text; unpaired surrogates count as unknown characters.

    Words of spaced languages come first, in order, then those of runs without spaces.
    """
    if text.isascii():
        return analyzer().analyze(text)
    text = plain(text)
    runs = _CJK.findall(text)
    if not runs:
        return analyzer().analyze(text)
    return analyzer().analyze(_CJK.sub(" ", text)) + [word for run in runs for word in _indexed(run)]


def word_places(text: str) -> Iterator[tuple[int, int, str]]:
    """Where the words of a text stand: start, end, word. Of runs without spaces, the pairs and lone characters."""
    for match in _SPOKEN.finditer(text):
        start, end = match.span()
        if not _CJK.match(match[0]):
            yield from ((start, end, word) for word in words(match[0])[:1])
            continue
        if end - start == 1:
            yield start, end, match[0]
        yield from ((at, at + 2, text[at : at + 2]) for at in range(start, end - 1))


def unspaced_words(text: str) -> str:
    """The words of a text's runs without spaces, one space between them; empty for most texts."""
    if text.isascii():
        return ""
    return " ".join(word for run in _CJK.findall(plain(text)) for word in _indexed(run))


def query_words(text: str) -> list[str]:
    """The words that a query asks for, stop words included."""
    if text.isascii():
        return analyzer().analyze(text)
    text = plain(text)
    runs = _CJK.findall(text)
    found = analyzer().analyze(_CJK.sub(" ", text))
    for run in runs:
        parts = [part for part in _CJK_FILLERS.split(run) if part] or [run]
        found += [word for part in parts for word in _asked(part)]
    return found


def content_words(text: str) -> list[str]:
    """A query's words without stop words, unless there is nothing else."""
    found = query_words(text)
    return [word for word in found if word not in stop_words()] or found


def is_unspaced(word: str) -> bool:
    """Whether a word stands in the field for runs without spaces."""
    return _CJK.match(word) is not None


@functools.cache
def stop_words() -> frozenset[str]:
    """Stems of the words that say nothing in a query."""
    return frozenset(analyzer().analyze(_STOP_WORDS))


def is_stop_word(spoken: str) -> bool:
    """Whether a word as it is written says nothing in a query."""
    found = analyzer().analyze(spoken.encode("utf-8", "replace").decode())
    return bool(found) and all(word in stop_words() for word in found)


def plain(text: str) -> str:
    """A text that can be stored and compared: no unpaired surrogates, one width for each character."""
    text = text.encode("utf-8", "replace").decode()
    return unicodedata.normalize("NFKC", text) if _WIDE.search(text) else text


def _indexed(run: str) -> list[str]:
    return [*run, *(run[at : at + 2] for at in range(len(run) - 1))]


def _asked(run: str) -> list[str]:
    return [run] if len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]
