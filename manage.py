#!/usr/bin/env python3
"""Django's command line, run by the right Python with the right packages."""

import os
import sys

from explorer import bootstrap

if __name__ == "__main__":
    bootstrap.hand_over(sys.argv)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "explorer.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
