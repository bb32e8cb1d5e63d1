"""Real servers that a lab can run on: each is started and stopped by one module here, or reached by a URL."""
