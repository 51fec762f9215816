#!/bin/sh
exec python3 -B "$(dirname "$0")/measure/search.py" "$@"
