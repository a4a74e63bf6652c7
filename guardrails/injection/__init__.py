"""Instructions hidden in what is only data: found in a person's text and in documents, by words, structure and code."""
