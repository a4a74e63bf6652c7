"""The nurses' week: what is drawn, who reads it, what they said, and what comes of it."""
