"""Reading the web: one careful HTTP client, and the `fetch` tool.

`fetch` is the tool. The client (`client.request_json`, `client.get_page`) is imported where it is needed: httpx is slow
to import.
"""

from .fetch_tool import fetch
from .page_text import Document, read_document, read_document_sync
from .settings import FetchSettings

__all__ = ["Document", "FetchSettings", "fetch", "read_document", "read_document_sync"]
