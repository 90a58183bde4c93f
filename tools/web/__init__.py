"""Reading the web: one careful HTTP client, and the `fetch` tool."""
