#!/usr/bin/env bash
# Prints helm/ropewalk/defaults.yaml: values.yaml without its comments, where templates can read it.
#
#   scripts/render-defaults.sh >helm/ropewalk/defaults.yaml
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

echo "# Made by scripts/render-defaults.sh from values.yaml; do not edit. What it is for: templates/_helpers.tpl."
sed -e '/^ *#/d' -e '/^$/d' -e 's/ *# .*//' helm/ropewalk/values.yaml
