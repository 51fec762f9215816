#!/usr/bin/env bash
# Builds what changed and becomes the server, so that Ctrl-C reaches the program itself.
# MEDIA=/path offers that folder in the first-run wizard; DATA=/path keeps the data there instead of in your home.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

scripts/build-web.sh
program=${CARGO_TARGET_DIR:-target}/release/revenge
[[ -x $program ]] || printf 'building the program (some minutes, once)\n'
cargo build --release --quiet -p revenge

if [[ -x .tools/postgresql/bin/postgres ]]; then export REVENGE_DATABASE__BINARIES=$PWD/.tools/postgresql/bin; fi
if [[ -n ${DATA:-} ]]; then export REVENGE_DATA_DIR=$DATA; fi
arguments=(serve)
if [[ -n ${MEDIA:-} ]]; then arguments+=(--media "$MEDIA"); fi
exec "$program" "${arguments[@]}"
