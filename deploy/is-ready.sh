#!/usr/bin/env bash
# Succeeds when Revenge answers and all its parts work. For health checks of containers: needs nothing but bash.
set -euo pipefail

exec 3<>"/dev/tcp/127.0.0.1/${REVENGE_SERVER__PORT:-8096}"
printf 'GET /readyz HTTP/1.0\r\nHost: localhost\r\n\r\n' >&3
read -r -t 4 _ status _ <&3
[[ $status == 200 ]]
