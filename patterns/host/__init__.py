"""The process in which runs live, and what it says to a viewer."""
