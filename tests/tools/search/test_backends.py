"""Wikis, metasearch, web services and ZIM files, against servers and files that are real."""

import asyncio
import time

import pytest
from pericles.tools.errors import ConfigError, ToolError
from pericles.tools.search import Answer, Backend, SearchHit, SearchQuery, search, search_tool
from pericles.tools.search.backends import local
from pericles.tools.search.backends.mediawiki import MediaWiki, plain_query
from pericles.tools.search.backends.opensearch import OpenSearch
from pericles.tools.search.backends.searxng import SearXNG
from pericles.tools.search.backends.tavily import Tavily
from pericles.tools.search.freshness import Freshness
from pericles.tools.search.settings import BackendSettings
from web_servers import opensearch, plain_wiki, searxng, serving, sleepy, tavily, wiki


@pytest.fixture(autouse=True)
def folders(tmp_path, monkeypatch):
    monkeypatch.setenv("PERICLES_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PERICLES_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setattr(local, "CORPORA", ())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(backend, query, **more):
    return asyncio.run(backend.search(SearchQuery(query, **more)))


def test_a_wiki_is_quoted_where_it_answers():
    with serving(wiki) as (address, seen):
        (hit,) = found(MediaWiki("wiki", f"{address}/w/api.php", 5), "When was the Rennes metro opened?").hits
    assert hit.title == "Rennes Metro: History"
    assert hit.quote == "Line A was opened on 15 March 2002 with fifteen stations."
    assert hit.locator == "https://wiki.example/wiki/Rennes_Metro#History"
    assert hit.date == "2026-10-30"
    assert seen[0].query["srsearch"] == seen[0].query["gsrsearch"] == "Rennes metro opened"


def test_a_wiki_without_extracts_gives_its_snippet():
    with serving(plain_wiki) as (address, _):
        (hit,) = found(MediaWiki("wiki", f"{address}/w/api.php", 5), "Rennes metro").hits
    assert hit.title == "Rennes Metro"
    assert hit.quote == "The Rennes Metro is a light metro"


def test_a_page_that_is_read_too_slowly_leaves_its_introduction(folders):
    def slow_page(exchange):
        if "pageids" in exchange.query:
            time.sleep(3)
        return wiki(exchange)

    with serving(slow_page) as (address, _):
        tool = search_tool([MediaWiki("wiki", f"{address}/api.php", 2)], seconds=2)
        output = asyncio.run(tool.function(query="metro"))
    assert output.sources[0].quote == "The Rennes Metro is a light metro in Rennes, France."


def test_a_wiki_that_finds_nothing():
    with serving(wiki) as (address, _):
        assert found(MediaWiki("wiki", f"{address}/w/api.php", 5), "gargoyles").hits == ()


def test_a_wiki_that_refuses():
    refusal = {"error": {"code": "readapidenied", "info": "You need read permission to use this module."}}
    with (
        serving(lambda _: refusal) as (address, _),
        pytest.raises(ToolError, match="wiki: You need read permission"),
    ):
        found(MediaWiki("wiki", f"{address}/w/api.php", 5), "metro")


@pytest.mark.parametrize("answer", [[], "text", None])
def test_a_server_that_is_no_wiki_is_told(answer):
    with serving(lambda _: answer) as (address, _), pytest.raises(ToolError, match="did not answer as a MediaWiki"):
        found(MediaWiki("wiki", f"{address}/w/api.php", 5), "metro")


@pytest.mark.parametrize("query", [[], 3, {"search": [1, {"title": 5}], "pages": {}}, {"search": {}, "pages": [None]}])
def test_a_wiki_with_another_shape_finds_nothing(query):
    with serving(lambda _: {"query": query}) as (address, _):
        assert found(MediaWiki("wiki", f"{address}/w/api.php", 5), "metro").hits == ()


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ('insource:"secret" -cats AND* (dogs|mice)', "secret cats dogs mice"),
        ("what is the capital of Peru?", "capital Peru"),
        ("what is it", "what is it"),
        ("state-of-the-art C++", "state-of-the-art C"),
    ],
)
def test_a_question_is_no_query_syntax(asked, sent):
    assert plain_query(asked) == sent


def test_searxng():
    with serving(searxng) as (address, seen):
        answer = found(SearXNG("searx", address, 5, "fr"), "Rennes metro", freshness=Freshness("week", "this week"))
    (hit,) = answer.hits
    assert (hit.title, hit.date) == ("Metro of Rennes", "2026-09-20")
    assert hit.quote == "The metro of Rennes has two lines since 2022."
    assert (seen[0].query["language"], seen[0].query["time_range"]) == ("fr", "month")


def test_searxng_without_json():
    with serving(lambda _: (403, {}, b"Forbidden")) as (address, _), pytest.raises(ToolError, match=r"search\.formats"):
        found(SearXNG("searx", address, 5), "metro")


def test_tavily():
    with serving(tavily) as (address, seen):
        answer = found(Tavily("tavily", "tvly-secret", 5, address), "Rennes metro", freshness=Freshness("day", "today"))
    (hit,) = answer.hits
    assert (hit.locator, hit.date) == ("https://example.org/metro", "2022-09-20")
    assert seen[0].body == {"query": "Rennes metro", "max_results": 3, "time_range": "day", "topic": "news"}


def test_a_wrong_key_is_told_without_the_key():
    with serving(tavily) as (address, _), pytest.raises(ToolError, match="401") as caught:
        found(Tavily("tavily", "tvly-wrong", 5, address), "metro")
    assert "tvly" not in str(caught.value)
    assert "tvly" not in repr(Tavily("tavily", "tvly-wrong", 5, address))


def test_opensearch():
    with serving(opensearch) as (address, seen):
        settings = BackendSettings(kind="opensearch", key="user:password")
        (hit,) = found(OpenSearch("papers", f"{address}/papers", settings), "Rennes metro").hits
    assert (hit.title, hit.locator, hit.date) == ("On Rennes", "https://example.org/p", "2024-05-06")
    assert hit.quote == "Rennes has a metro."
    assert seen[0].headers["authorization"] == "Basic dXNlcjpwYXNzd29yZA=="
    assert seen[0].body["query"]["multi_match"]["query"] == "Rennes metro"


@pytest.fixture
def zim_file(folders):
    """A ZIM file with a full-text index, made by libzim."""
    writer = pytest.importorskip("libzim.writer")

    class Page(writer.Item):
        def __init__(self, path, title, body):
            super().__init__()
            self.path, self.title = path, title
            self.body = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>{body}</body></html>"

        def get_path(self):
            return self.path

        def get_title(self):
            return self.title

        def get_mimetype(self):
            return "text/html"

        def get_hints(self):
            return {writer.Hint.FRONT_ARTICLE: True}

        def get_contentprovider(self):
            return writer.StringProvider(self.body)

    file = folders / "wiki.zim"
    with writer.Creator(file).config_indexing(True, "eng") as creator:
        creator.set_mainpath("Rennes")
        creator.add_metadata("Date", b"2026-05-01", "text/plain")
        long = "<p>" + "Nothing of interest stands in this part of the page. " * 40 + "</p>"
        creator.add_item(Page("Rennes", "Rennes", f"{long}<h2>Transport</h2><p>Its metro opened in March 2002.</p>"))
        creator.add_item(Page("Lyon", "Lyon", "<p>Lyon has four funicular lines.</p>"))
    return file


def test_a_zim_file(zim_file):
    from pericles.tools.search.backends.zim import ZimFile

    backend = ZimFile("offline", str(zim_file))
    hit = found(backend, "metro opened").hits[0]
    assert hit.title == "Rennes: Transport"
    assert "Its metro opened in March 2002." in hit.quote
    assert hit.locator.startswith("zim:offline/Rennes#")
    assert hit.date == "2026-05-01"
    assert found(backend, "xylophone").hits == ()


def test_a_zim_file_that_is_none(folders):
    from pericles.tools.search.backends.zim import ZimFile

    (folders / "no.zim").write_bytes(b"not a zim file" * 100)
    for path in ("no.zim", "missing.zim"):
        with pytest.raises(ToolError, match="cannot be read"):
            found(ZimFile("offline", str(folders / path)), "metro")


def settings(folder, text):
    (folder / "pericles.toml").write_text(text)


def test_back_ends_are_chosen_in_the_settings_and_combined(folders, zim_file):
    with (
        serving(wiki) as (wiki_address, _),
        serving(searxng) as (searx_address, _),
        serving(tavily) as (api_address, _),
    ):
        settings(
            folders,
            f"""
            [search]
            backends = ["wiki", "searx", "tavily", "offline"]
            hits = 4
            [search.backend.wiki]
            kind = "mediawiki"
            url = "{wiki_address}/api.php"
            [search.backend.searx]
            kind = "searxng"
            url = "{searx_address}/"
            [search.backend.tavily]
            kind = "tavily"
            url = "{api_address}"
            key = "tvly-secret"
            [search.backend.offline]
            kind = "zim"
            path = "{zim_file}"
            """,
        )
        output = asyncio.run(search("Rennes metro"))
    # The web service and the metasearch found the same page: it has two votes.
    assert [hit["backend"] for hit in output.data["hits"]] == ["searx", "wiki", "offline"]
    assert output.data["hits"][0]["locator"] == "https://www.example.org/metro?utm_source=x"
    assert output.text.startswith("[1] Metro of Rennes: The metro of Rennes has two lines since 2022.")
    assert [source.title for source in output.sources][1] == "Rennes Metro"


def test_a_slow_back_end_does_not_keep_the_others_waiting(folders):
    with serving(wiki) as (address, _), serving(sleepy(3, {})) as (slow, _):
        settings(
            folders,
            f"""
            [search]
            backends = ["slow", "wiki"]
            [search.backend.slow]
            kind = "searxng"
            url = "{slow}"
            seconds = 0.5
            [search.backend.wiki]
            kind = "mediawiki"
            url = "{address}/api.php"
            """,
        )
        asyncio.run(search("warm up the metro"))
        started = time.monotonic()
        output = asyncio.run(search("Rennes metro"))
        taken = time.monotonic() - started
    assert taken < 2.0
    assert output.data["hits"][0]["backend"] == "wiki"
    assert "slow" in output.data["problems"][0] or "127.0.0.1" in output.data["problems"][0]


def test_nothing_found_says_who_was_not_asked(folders):
    with serving(wiki) as (address, _):
        settings(
            folders,
            f"""
            [search]
            backends = ["dead", "wiki"]
            [search.backend.dead]
            kind = "searxng"
            url = "http://127.0.0.1:9"
            [search.backend.wiki]
            kind = "mediawiki"
            url = "{address}/api.php"
            """,
        )
        output = asyncio.run(search("gargoyles"))
    first, second = output.text.splitlines()
    assert first == "No passage found for 'gargoyles'."
    assert second.startswith("(Not searched: ")
    assert output.sources == ()


def test_when_no_back_end_answers_the_search_has_failed(folders):
    settings(
        folders, '[search]\nbackends = ["dead"]\n[search.backend.dead]\nkind = "searxng"\nurl = "http://127.0.0.1:9"'
    )
    with pytest.raises(ToolError, match=r"127\.0\.0\.1"):
        asyncio.run(search("gargoyles"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[search]\nbackend = ["local"]', "backend: "),
        ('[search]\nbackends = ["wikipeda"]', "did you mean 'wikipedia'"),
        ("[search]\nbackends = []", "names no back end"),
        ("[search]\nhit = 3", "did you mean 'hits'"),
        ("[search]\nhits = 0", "greater than or equal to 1"),
        ('[search]\nbackends = ["x"]\n[search.backend.x]\nkind = "searxng"', "needs an address"),
        ('[search]\nbackends = ["x"]\n[search.backend.x]\nkind = "bing"', "kind"),
        ('[search]\nbackends = ["x"]\n[search.backend.x]\nkind = "searxng"\nurl = "ftp://x"', "http:// or https://"),
        ('[search]\nbackends = ["x"]\n[search.backend.x]\nkind = "searxng"\nulr = "http://x"', "did you mean 'url'"),
        ('[search]\nbackends = ["tavily"]', "TAVILY_API_KEY"),
        ('[search]\nbackends = ["x"]\n[search.backend.x]\nkind = "zim"', "needs a path"),
        ("[search\n", "is not TOML"),
        ("search = 3", "must be a section"),
    ],
)
def test_wrong_settings_say_what_is_wrong(folders, monkeypatch, text, message):
    monkeypatch.delenv("TAVILY_API_KEY", raising=False)
    settings(folders, text)
    with pytest.raises(ConfigError) as caught:
        asyncio.run(search("metro"))
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_environment_overrides_the_file(folders, monkeypatch):
    settings(folders, '[search]\nbackends = ["local"]')
    with serving(wiki) as (address, _):
        monkeypatch.setenv("PERICLES_SEARCH__BACKENDS", '["mine"]')
        monkeypatch.setenv("PERICLES_SEARCH__BACKEND__MINE__KIND", "mediawiki")
        monkeypatch.setenv("PERICLES_SEARCH__BACKEND__MINE__URL", f"{address}/api.php")
        output = asyncio.run(search("Rennes metro"))
    assert output.data["hits"][0]["backend"] == "mine"


def test_a_key_is_never_told(folders):
    settings(folders, '[search.backend.t]\nkind = "tavily"\nkey = ["tvly-secret"]')
    with pytest.raises(ConfigError) as caught:
        asyncio.run(search("metro"))
    assert "tvly-secret" not in str(caught.value)


class Listed:
    """A back end as a user would write it."""

    def __init__(self, name, *hits, seconds=0.0, error=None):
        self.name = name
        self.hits = hits
        self.seconds = seconds
        self.error = error

    async def search(self, query):
        await asyncio.sleep(self.seconds)
        if self.error:
            raise self.error
        return Answer(self.hits)


def hit(title, locator=""):
    return SearchHit(title, locator or f"https://example.org/{title}", f"The text of {title}.")


def asked(*backends, seconds=4.0, hits=5):
    tool = search_tool(backends, seconds=seconds, hits=hits)
    assert tool.name == "search"
    return asyncio.run(tool.function(query="text"))


def test_own_back_ends_are_combined_by_rank():
    assert isinstance(Listed("a"), Backend)
    output = asked(Listed("a", hit("one"), hit("two"), hit("three")), Listed("b", hit("three"), hit("four")))
    assert [item["title"] for item in output.data["hits"]] == ["three", "one", "two", "four"]


def test_the_same_page_counts_once_for_each_back_end():
    same = [hit("one", "http://www.example.org/one/?utm_source=x"), hit("one", "https://example.org/one#part")]
    output = asked(Listed("a", *same), Listed("b", hit("two")))
    assert [item["title"] for item in output.data["hits"]] == ["one", "two"]


def test_a_back_end_with_a_bug_does_not_take_the_others_with_it(caplog):
    output = asked(Listed("a", error=RuntimeError("secret detail")), Listed("b", hit("two")))
    assert output.data["problems"] == ["a failed."]
    assert "secret detail" in caplog.text
    assert output.sources[0].title == "two"


def test_the_slowest_allowed_back_end_sets_the_time():
    started = time.monotonic()
    output = asked(Listed("a", hit("one"), seconds=30), Listed("b", hit("two")), seconds=0.3)
    assert 0.25 < time.monotonic() - started < 5.0
    assert output.data["problems"] == ["a did not answer within 0.3 s."]


def test_dates_reach_the_policy_when_the_question_wants_news():
    news = SearchHit("News", "https://example.org/n", "The mayor resigned.", "2026-11-01")
    tool = search_tool([Listed("a", news)])
    plain = asyncio.run(tool.function(query="mayor of Rennes"))
    fresh = asyncio.run(tool.function(query="latest news on the mayor of Rennes"))
    assert plain.text == "[1] News: The mayor resigned."
    first, second = fresh.text.splitlines()
    assert first == "[1] News: The mayor resigned. (2026-11-01)"
    assert second.startswith("Today is 2")
    assert plain.sources[0].date == "2026-11-01"
