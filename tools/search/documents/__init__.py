"""Files and pages, read into passages with titles and places."""
