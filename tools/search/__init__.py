"""Search over the embedded World Factbook and the user's own documents, on disk and without a network.

`search` is the tool; the rest is for the `pericles index` command. Nothing heavy is imported before the first call.
"""

from .corpora.corpus import ensure_corpus
from .index.indexing import CollectionInfo, IndexReport, drop_collection, index_path, list_collections, remove_path
from .passages import Progress
from .search_tool import search

__all__ = [
    "CollectionInfo",
    "IndexReport",
    "Progress",
    "drop_collection",
    "ensure_corpus",
    "index_path",
    "list_collections",
    "remove_path",
    "search",
]
