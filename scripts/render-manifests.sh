#!/usr/bin/env bash
# Prints deploy/manifests.yaml: the chart with its default values, for those who do not use Helm.
#
#   scripts/render-manifests.sh >deploy/manifests.yaml
#
# Needs helm on PATH (make kube-tools builds it).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
command -v helm >/dev/null || { echo "render-manifests.sh: helm is not on PATH (make kube-tools builds it)" >&2; exit 1; }

cat <<'YAML'
# Made by scripts/render-manifests.sh from helm/ropewalk; do not edit.
# Put the name of your registry in place of REGISTRY, then: kubectl apply --server-side -f FILE
apiVersion: v1
kind: Namespace
metadata:
  name: ropewalk-system
  labels:
    pod-security.kubernetes.io/enforce: restricted
YAML
helm template ropewalk helm/ropewalk --namespace ropewalk-system --set image.repository=registry/ropewalk |
  sed -e 's|image: registry/|image: REGISTRY/|' -e '/^# Source: /d' -e '/helm\.sh\/chart:/d' -e 's|managed-by: Helm|managed-by: kubectl|'
