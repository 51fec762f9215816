#!/usr/bin/env bash
# Builds the web app into web/build, which the program embeds when it is compiled. Does nothing when no source changed.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

stamp=$PWD/.tools/stamps/web-build
key=$(cd web && find . \( -name node_modules -o -name build -o -name .svelte-kit -o -name e2e \) -prune -o -type f -print0 |
  sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1)
if [[ -e web/build/200.html && -r $stamp && $(<"$stamp") == "$key" ]]; then exit 0; fi

printf 'building the web app\n'
mkdir -p "${stamp%/*}"
# Hundreds of lines about chunks say nothing to whoever wants to see a film. A build that fails shows all of them.
log=$PWD/.tools/web-build.log
(cd web && npm run --silent build </dev/null >"$log" 2>&1) || { cat "$log" >&2; exit 1; }
printf '%s' "$key" >"$stamp"
