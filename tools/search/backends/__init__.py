"""Where `search` looks: the local indexes, wikis, metasearch and web services, each behind one protocol."""
