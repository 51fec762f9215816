#!/bin/sh
cd "$(dirname "$0")/queue" || exit
exec cargo run --release --quiet -- "${REVENGE_DATABASE__BINARIES:-$PWD/../../.tools/postgresql/bin}"
