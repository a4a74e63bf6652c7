"""The nurses' week in Notion: a database, a page for each item, read back as it changes."""
