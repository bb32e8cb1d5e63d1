"""Small live backends of system-integration patterns, and the process they run in. Knows no Django."""
