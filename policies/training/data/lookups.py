"""Questions of fact: one search in a few words, and an answer copied from the passage, or an honest no.

Every kind of question has one form of query, whatever the wording. Names are spelt rightly in it even where the user
slipped, and an answer says what the passage says, never what is known otherwise.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable

from .dialogue import Found, Turn, Unusable, asks, calls, returns, says, use
from .entities import invented_person, invented_place, slots, word
from .phrasing import Split, capitalised, fill, humanised, share, table

KIND = "lookup"
MAX_FACT = 110  # characters of a passage that an answer repeats
SLIPS = 0.1  # share of names of countries that are misspelt, and as many in small letters
FRAMES = (
    *("{t}",) * 14,
    "Please tell me: {t}",
    "Can you look this up? {t}",
    "hey, {t}",
    "I have a question: {t}",
    "quick question, {t}",
    "I was wondering: {t}",
    "For a quiz: {t}",
    "{t} Please check.",
    "{t} thanks",
    "{t} I need it for school.",
    "My son asks: {t}",
    "Hello! {t}",
    "{t} Look it up please.",
    "we are arguing about this: {t}",
    "sorry to bother you, {t}",
    "For my essay: {t}",
)
NOT_FOUND = (
    "I could not find anything about that.",
    "I'm sorry, the search found nothing about that.",
    "I looked it up, but found no passage about it.",
    "I could not find that in my library.",
    "Sorry, I found nothing on that.",
)
OTHER_FOUND = (
    "I could not find that. The search brought only {title} [1].",
    "I found no answer to that; the search only brought {title} [1].",
    "The search does not answer that: it brought only {title} [1].",
)


def draw(rng: random.Random, split: Split) -> Turn:
    """One lookup.

    Raises:
        Unusable: the tool failed, or found something that cannot be retold.
    """
    makers: dict[Callable[[random.Random, Split], Turn], float] = {
        factbook: 0.40,
        _element: 0.07,
        _named: 0.18,
        _definition: 0.07,
        _work: 0.05,
        general: 0.10,
        _invented: 0.04,
        document: 0.05,
        _in_chinese: 0.06,
    }
    return rng.choices(list(makers), list(makers.values()))[0](rng, split)


def factbook(rng: random.Random, split: Split, country: str | None = None, name: str | None = None) -> Turn:
    """A question that the Factbook answers."""
    fields = table("lookups")["fields"]
    wordings = share([(field, wording) for field in fields for wording in fields[field]["t"]], split)
    wordings = [(field, wording) for field, wording in wordings if name in (None, field)]
    if not wordings:
        raise Unusable(f"no wording of {name} in {split}")
    weights = [fields[field]["weight"] / len(fields[field]["t"]) for field, _ in wordings]
    chosen, wording = rng.choices(wordings, weights)[0]
    country = country or rng.choice(share(table("lookups")["countries"], split))
    prompt = framed(fill(humanised(wording, rng), {"c": slipped(country, rng)}), rng)
    return about(prompt, chosen, country, rng)


def slipped(name: str, rng: random.Random) -> str:
    """A name as people type it: mostly right, sometimes in small letters or with a slip of the keyboard."""
    roll = rng.random()
    if roll < SLIPS:
        return name.lower()
    if roll > 2 * SLIPS or len(name) < 6:
        return name
    at = rng.randrange(2, len(name) - 1)
    return rng.choice(
        (
            name[:at] + name[at + 1 :],
            name[:at] + name[at] + name[at:],
            name[: at - 1] + name[at] + name[at - 1] + name[at + 1 :],
        )
    )


def about(prompt: str, name: str, country: str, rng: random.Random) -> Turn:
    """The turn that answers a question about one field of one country.

    Raises:
        Unusable: the search brought another passage first.
    """
    field = table("lookups")["fields"][name]
    query = fill(field["q"], {"c": country.removeprefix("the ")})
    found, value = _labelled(query, field["label"], whole=field.get("whole", False))
    answer = f"{capitalised(fill(field['a'], {'c': country, 'v': value}))} [1]."
    if rng.random() < 0.08:
        answer = f"{capitalised(value)} [1]."
    return _searched(prompt, query, found, answer, name)


def _labelled(query: str, label: str, whole: bool = False) -> tuple[Found, str]:
    """The result of a query, and the value of its first passage if that is the one asked for."""
    found = use("search", query)
    match = re.match(r"\[1\] (.+?) — (.+?): (.+)", found.text)
    if found.is_error or not match or match[2] != label:
        raise Unusable(f"{query}: {found.text[:80]}")
    return found, shortened(match[3], whole)


def shortened(text: str, whole: bool = False) -> str:
    """The opening of a passage up to a natural break; `whole`: as many of its parts as fit."""
    text = text.split("\n")[0].removesuffix(" …").strip()
    text = text if re.search(r"\.[A-Z]\.$", text) else text.rstrip(".")
    if not whole and "; " in text and len(text.split("; ")[0]) > 2:
        text = text.split("; ")[0]
    if len(text) <= MAX_FACT:
        return text
    for mark in ("; ", ". ", ", ", " "):
        at = text.rfind(mark, 30, MAX_FACT)
        if at > 0:
            return text[:at]
    return text[:MAX_FACT]


def _element(rng: random.Random, split: Split) -> Turn:
    facts = table("facts")["elements"]
    wording, name = rng.choice(share([(text, name) for name in facts for text in facts[name]["t"]], split))
    element = rng.choice(share(table("facts")["element_names"], split))
    query = fill(facts[name]["q"], {"e": element})
    found, value = _labelled(query, facts[name]["label"])
    answer = f"{capitalised(fill(facts[name]['a'], {'e': element, 'v': value}))} [1]."
    return _searched(_prompt(wording, {"e": element}, rng), query, found, answer, "element")


def _named(rng: random.Random, split: Split) -> Turn:
    """A person, a place, an event or a notion: the query is its name alone."""
    group, entities = rng.choice(
        (("people", "known"), ("people", "known"), ("places", "sights"), ("events", "happenings"), ("terms", "notions"))
    )
    kinds = table("facts")[group]
    wording, kind = rng.choice(share([(text, kind) for kind in kinds for text in kinds[kind]["t"]], split))
    name = rng.choice(share(table("facts")[entities], split))
    query = re.sub(r"^(?:the|a|an) ", "", fill(kinds[kind]["q"], {"p": name}))
    shown = name.lower() if rng.random() < SLIPS else name
    prompt = _prompt(wording, {"p": shown}, rng)
    found = use("search", query)
    title, gist = _gist(found)
    if title is None:
        return unanswered(prompt, query, rng, group)
    if name.split()[-1].lower()[:5] not in title.lower():
        raise Unusable(f"{query}: {found.text[:80]}")
    answer = f"{capitalised(name)}: {shortened(gist)} [1]."
    if kind in ("born", "died"):
        years = re.search(r"\((\d{4})-(\d{4})\)", gist)
        if not years:
            raise Unusable(f"no years of {name}")
        event, year = ("was born", years[1]) if kind == "born" else ("died", years[2])
        answer = f"{capitalised(name)} {event} in {year} [1]."
    elif kind == "when" and not re.search(r"\d{3}", shortened(gist)):
        years = re.findall(r"\d{3,4}(?:-\d{2,4})?(?: BC)?", gist)
        if not years:
            raise Unusable(f"no year of {name}")
        answer = f"{capitalised(name)}: {years[0]} [1]."
    return _searched(prompt, query, found, answer, group)


def _gist(found: Found) -> tuple[str | None, str]:
    """Title and meaning of the first passage, of a word one or two senses; no title where nothing was found."""
    line = found.text.split("\n")[0].removeprefix("[1] ")
    if found.is_error or not found.text.startswith("[1] "):
        return None, ""
    if entry := re.match(r"(.+?) \((?:noun|verb|adjective|adverb)\) (.+)", line):
        part = re.split(r"; \((?:noun|verb|adjective|adverb)\) ", entry[2])[0].removesuffix(" …")
        senses = [
            re.sub(r" \((?:also|opposite:) [^)]*\)$", "", sense) for sense in re.split(r"(?:^|; )\d\. ", part) if sense
        ]
        return entry[1], senses[0] if len(senses) < 2 or len(
            senses[0] + senses[1]
        ) > MAX_FACT else f"{senses[0]}; or {senses[1]}"
    if named := re.match(r"(.+?)(?: \(also [^)]*\))?: (.+)", line):
        return named[1], named[2]
    raise Unusable(f"no meaning in {line[:80]}")


def _definition(rng: random.Random, split: Split) -> Turn:
    facts = table("facts")
    wanted = rng.choice(share(facts["rare_words"], split))
    query = fill(facts["words"]["define"]["q"], {"w": wanted})
    found = use("search", query)
    title, gist = _gist(found)
    if title != wanted:
        raise Unusable(f"{query}: {found.text[:80]}")
    answer = rng.choice(("{W} means: {v} [1].", "{W}: {v} [1].", '"{W}" means: {v} [1].'))
    prompt = _prompt(rng.choice(share(facts["words"]["define"]["t"], split)), {"w": wanted}, rng)
    return _searched(prompt, query, found, fill(answer, {"w": wanted, "v": shortened(gist, whole=True)}), "definition")


def _work(rng: random.Random, split: Split) -> Turn:
    """Who made it? Where no passage says so, neither does the answer."""
    works = table("facts")["works"]
    wording, index = rng.choice(share([(text, i) for i, item in enumerate(works) for text in item["t"]], split))
    item = works[index]
    work = rng.choice(share(list(item["pairs"]), split))
    query = fill(item["q"], {"x": work})
    found, prompt = use("search", query), _prompt(wording, {"x": work}, rng)
    maker = re.search(rf"^\[(\d)\] [^\n]*?\b{re.escape(item['pairs'][work])}\b", found.text, re.MULTILINE)
    if not maker:
        return unanswered(prompt, query, rng, "work", about=work)
    answer = fill(item["a"], {"x": work, "y": item["pairs"][work]})
    return _searched(prompt, query, found, f"{capitalised(answer)} [{maker[1]}].", "work")


def general(rng: random.Random, split: Split) -> Turn:
    """A question that the embedded corpora do not answer."""
    questions = [(text, item["q"]) for item in table("lookups")["general"] for text in item["t"]]
    wording, template = rng.choice(share(questions, split))
    drawn = slots(rng, split)
    asked = " ".join(str(drawn[name]) for name in re.findall(r"\{(\w+)\}", template) if name in drawn)
    return unanswered(_prompt(wording, drawn, rng), fill(template, drawn), rng, "general", about=asked)


def _invented(rng: random.Random, split: Split) -> Turn:
    """What there is not."""
    questions = [(text, item["q"]) for item in table("facts")["invented"] for text in item["t"]]
    wording, template = rng.choice(share(questions, split))
    made = word(rng).capitalize()
    drawn = {
        "term": rng.choice((f"the {made} Treaty", f"Project {made}", f"the {made} effect", f"the {made} method")),
        "country": rng.choice((f"{made}ia", f"{made}land", invented_place(rng, split))),
        "person": invented_person(rng, split),
        "title": f"The {rng.choice(('Last', 'Silent', 'Glass', 'Red', 'Lost', 'Third'))} {made}",
    }
    query = re.sub(r"^the ", "", fill(template, drawn))
    return unanswered(_prompt(wording, drawn, rng), query, rng, "invented", about=query)


def unanswered(prompt: str, query: str, rng: random.Random, operation: str, about: str = "") -> Turn:
    """A lookup whose result, if there is any, is about something else.

    Args:
        prompt: what the user says.
        query: what is searched for.
        rng: chooses the answer.
        operation: named in the row's `parts`.
        about: what the question is about; a result that names it may be an answer, so it is not used.

    Raises:
        Unusable: the tool failed, or its result is long or may be an answer.
    """
    found = use("search", query)
    if found.is_error or len(found.text) > 420:
        raise Unusable(f"{query}: {found.text[:80]}")
    answer = rng.choice(NOT_FOUND)
    if found.titles:
        if any(part.lower() in found.text.lower() for part in re.findall(r"\w{4,}", about)):
            raise Unusable(f"{query} may be answered: {found.text[:80]}")
        answer = fill(rng.choice(OTHER_FOUND), {"title": found.titles[0]})
    return _searched(prompt, query, found, answer, operation)


def _in_chinese(rng: random.Random, split: Split) -> Turn:
    """A question in Chinese about a country, an element or a person; the corpora are English, so the query is too."""
    chinese, facts = table("chinese"), table("facts")
    group, fields, named, subjects = rng.choice(
        (
            *(("fields", table("lookups")["fields"], "countries", table("lookups")["countries"]),) * 3,
            ("elements", facts["elements"], "element_names", facts["element_names"]),
            ("people", facts["people"], "known", facts["known"]),
        )
    )
    wording, name = rng.choice(
        share([(text, name) for name, item in chinese[group].items() for text in item["t"]], split)
    )
    subject = rng.choice([one for one in share(subjects, split) if one in chinese[named]] or [None])
    if subject is None:
        raise Unusable(f"no Chinese name in {named} for {split}")
    said, bare = chinese[named][subject], subject.removeprefix("the ")
    query = fill(fields[name]["q"], {"c": bare, "e": bare, "p": bare})
    if group == "people":
        found = use("search", query)
        title, value = _gist(found)
        if title is None:
            raise Unusable(f"{query}: {found.text[:80]}")
        answer = f"{said}：{shortened(value)} [1]。"
    else:
        found, value = _labelled(query, fields[name]["label"], whole=fields[name].get("whole", False))
        answer = f"{fill(chinese[group][name]['a'], {'c': said, 'v': value})} [1]。"
    prompt = fill(rng.choice(share(chinese["frames"], split)), {"t": fill(wording, {"c": said})})
    return _searched(prompt, query, found, answer, "chinese")


def document(rng: random.Random, split: Split) -> Turn:
    """A question that a document of the user's own answers; the passage is made up."""
    questions = [(text, item) for item in table("lookups")["documents"] for text in item["ask"]]
    wording, item = rng.choice(share(questions, split))
    drawn = slots(rng, split)
    drawn["product"] = rng.choice(("kettle", "drill", "camera", "washing machine", "bike", "printer", "heater"))
    text = f"[1] {fill(item['title'], drawn)}: {fill(item['body'], drawn)}"
    answer = f"{fill(item['a'], drawn)} [1]."
    return _searched(_prompt(wording, drawn, rng), fill(item["q"], drawn), Found(text), answer, "document")


def _searched(prompt: str, query: str, found: Found, answer: str, operation: str) -> Turn:
    messages = (asks(prompt), calls("search", query=query), returns("search", found.text), says(answer))
    return Turn(messages, KIND, operation)


def _prompt(wording: str, drawn: dict[str, object] | dict[str, str], rng: random.Random) -> str:
    return framed(fill(humanised(wording, rng), drawn), rng)


def framed(text: str, rng: random.Random) -> str:
    return fill(rng.choice(FRAMES), {"t": text})
