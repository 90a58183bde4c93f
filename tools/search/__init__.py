"""Search over embedded corpora, the user's own documents, wikis and the web.

`search` is the tool with the back ends that the settings name, `search_tool` one with back ends of your own; the rest
is for the `pericles index` command. Nothing heavy is imported before the first call.
"""

from .backends.protocol import Answer, Backend, SearchHit, SearchQuery
from .corpora.corpus import ensure_corpora
from .index.indexing import IndexReport, index_path
from .index.upkeep import (
    CollectionInfo,
    collection_files,
    drop_collection,
    list_collections,
    list_corpora,
    rebuild_collection,
    rebuild_path,
    remove_path,
)
from .passages import Progress
from .search_tool import search, search_tool

__all__ = [
    "Answer",
    "Backend",
    "CollectionInfo",
    "IndexReport",
    "Progress",
    "SearchHit",
    "SearchQuery",
    "collection_files",
    "drop_collection",
    "ensure_corpora",
    "index_path",
    "list_collections",
    "list_corpora",
    "rebuild_collection",
    "rebuild_path",
    "remove_path",
    "search",
    "search_tool",
]
