#!/bin/sh
# Builds what tests and benchmarks run beside wasmstate, all of it pinned by go.mod files, into
# test/dapr/build: daprd, placement, scheduler, grpcurl and the Go SDK's component (gosdk).
#
#   scripts/dapr-binaries.sh [name...]     default: all of them
#
# The first build takes minutes, a later one a second: Go's cache decides what is stale.
set -eu

module=$(CDPATH= cd -- "$(dirname -- "$0")/../test/dapr" && pwd)
mkdir -p "$module/build"

# Test packages run side by side and each asks for its binaries: one builds, the others wait.
exec 9>"$module/build/.lock"
flock 9

[ $# -gt 0 ] || set -- daprd placement scheduler grpcurl gosdk
for name in "$@"; do
  from=$module
  case $name in
    daprd) package=./cmd/daprd ;;
    placement | scheduler) package=github.com/dapr/dapr/cmd/$name ;;
    grpcurl) package=github.com/fullstorydev/grpcurl/cmd/grpcurl ;;
    gosdk) from=$module/peers/gosdk package=. ;;
    *)
      echo "no binary of that name: $name" >&2
      exit 2
      ;;
  esac
  (cd "$from" && go build -o "$module/build/$name" "$package")
done
