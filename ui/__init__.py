"""The pages, the command and the server."""
