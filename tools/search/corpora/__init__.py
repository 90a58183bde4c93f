"""The embedded corpora: fetched once as packages and indexed in the cache."""
