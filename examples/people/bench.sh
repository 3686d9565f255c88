#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Three customers at once, each with 1,000 requests at concurrency 100, by ApacheBench.
#
#   examples/people/bench.sh [address of the service, http://127.0.0.1:8080 by default]
set -eu
address=${1:-http://127.0.0.1:8080}

if ! command -v ab >/dev/null 2>&1; then
  echo "ab (ApacheBench) is missing. Debian and Ubuntu: apt-get install apache2-utils;" \
    "Fedora: dnf install httpd-tools; macOS has it." >&2
  exit 2
fi

results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

pids=
for customer in 1 2 3; do
  ab -q -n 1000 -c 100 -m POST -H "X-Customer-ID: $customer" "$address/person/$customer" \
    >"$results/$customer" 2>&1 &
  pids="$pids $!"
done

failed=0
for pid in $pids; do
  wait "$pid" || failed=1
done

for customer in 1 2 3; do
  echo "customer $customer"
  if ! grep -E 'Complete requests|Non-2xx|Requests per second|^ +(50|99)%' "$results/$customer"; then
    cat "$results/$customer"
    failed=1
  fi
  # Ids grow longer, so answers differ in length: ab counts that as failed, and only what is not 2xx is.
  if grep -q 'Non-2xx' "$results/$customer"; then
    failed=1
  fi
done
exit "$failed"
