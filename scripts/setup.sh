#!/usr/bin/env bash
# Installs the Debian packages that Ropewalk needs to be built and tested (deploy/packages.txt), if any is
# missing. A second run finds nothing to do and asks for no rights.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

mapfile -t packages < <(grep -E '^[a-z0-9]' deploy/packages.txt)
command -v dpkg-query >/dev/null || {
  echo "setup: this is not Debian; install what these packages stand for: ${packages[*]}" >&2
  exit 1
}
mapfile -t present < <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' "${packages[@]}" 2>/dev/null | sed -n 's/^ii *//p')
mapfile -t missing < <(comm -23 <(printf '%s\n' "${packages[@]}" | sort) <(printf '%s\n' "${present[@]}" | sort))
if ((${#missing[@]} == 0)); then
  echo "setup: all ${#packages[@]} packages are there"
  exit 0
fi

as_root=()
if ((EUID != 0)); then
  command -v sudo >/dev/null || { echo "setup: root is needed to install: ${missing[*]}" >&2; exit 1; }
  as_root=(sudo)
fi
echo "setup: installing ${#missing[@]} of ${#packages[@]} packages: ${missing[*]}"
"${as_root[@]}" apt-get update -q
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"
echo "setup: done"
