#!/bin/sh
# Builds the image, runs the step suite inside it, measures it, and tests the result from outside: on Debian or Ubuntu,
# as root, without a container daemon or an image registry. Vitest's reports go to $REPORTS when that is set.
set -eu
cd "$(dirname "$0")/.."

limit=50000000
suite=bookworm
packages=binutils,busybox-static,ca-certificates,libatomic1,libstdc++6
cache=${XDG_CACHE_HOME:-/var/cache}/concourse-slack-aws-resource
image=localhost/concourse-slack-aws-resource

main() {
  test "$(id -u)" = 0 || { echo 'test:image needs root: it makes and enters root file systems' >&2; exit 1; }
  work=$(mktemp -d)
  reports=${REPORTS:-$work/reports}
  mkdir -p "$cache" "$reports"
  # One build at a time: the image store is shared by every checkout on this machine.
  exec 9>"$cache/lock"
  flock 9
  trap clean EXIT
  trap 'exit 1' INT TERM
  step 'packages' install_missing buildah debootstrap
  step 'base' make_base
  step 'build' build
  step 'size' measure
  step 'tests from outside' test_outside
}

step() {
  echo "== image: $1 ($(date +%T))"
  shift
  "$@"
}

clean() {
  store rm --all >/dev/null 2>&1 || true
  store rmi --prune --force >/dev/null 2>&1 || true
  rm -rf "$work"
}

store() {
  buildah --root "$cache/storage" --runroot "$work/run" --storage-driver vfs "$@"
}

install_missing() {
  missing=
  for command in "$@"; do
    command -v "$command" >/dev/null || missing="$missing $command"
  done
  if test -z "$missing"; then return; fi
  apt-get update -qq
  # shellcheck disable=SC2086 # one word per package
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# A minimal Debian with npm on the pinned Node, made once per version of what goes into it.
make_base() {
  key=$(printf '%s ' "$suite" "$packages" "$(npm --version)" "$(cat .node-version)" | sha256sum | cut -c1-12)
  base=localhost/builder-base:$key
  if store inspect --type image "$base" >/dev/null 2>&1; then return; fi
  container=$(store from scratch)
  root=$(store mount "$container")
  # shellcheck disable=SC2046 # no mirror: no argument
  debootstrap --variant=minbase --include="$packages" "$suite" "$root" $(host_mirror) >"$cache/debootstrap.log" ||
    { tail -n 20 "$cache/debootstrap.log" >&2; exit 1; }
  apt-config dump | grep -E '^Acquire::(https?::|Check-)' >"$root/etc/apt/apt.conf.d/90host" || true
  cp "$(readlink -f node_modules/.bin/node)" "$root/usr/local/bin/node"
  npm install --global --loglevel error --prefix "$root/usr/local" "npm@$(npm --version)"
  store commit --quiet --rm "$container" "$base" >/dev/null
}

# The mirror that this host has for the same Debian, if it has one.
host_mirror() {
  apt-get indextargets --format '$(CODENAME) $(REPO_URI)' 'Created-By: Packages' |
    awk -v suite="$suite" '$1 == suite { print $2; exit }'
}

# Every stage in one go: the tests stage runs although the final image does not come from it.
build() {
  set -- --build-arg "BASE_IMAGE=$base" --build-arg "NPM_CONFIG_REGISTRY=$(npm config get registry --loglevel error)"
  ca=$(trusted_certificates)
  if test -n "$ca"; then
    set -- "$@" --volume "$(dirname "$ca"):/ca:ro" --build-arg "NODE_EXTRA_CA_CERTS=/ca/$(basename "$ca")"
  fi
  store bud --isolation chroot --skip-unused-stages=false --volume "$reports:/reports" "$@" --tag "$image" .
}

# What this host's npm trusts beside Node's own list: a private CA of the network.
trusted_certificates() {
  for file in "${NODE_EXTRA_CA_CERTS:-}" "$(npm config get cafile --loglevel error)" /etc/ssl/certs/ca-certificates.crt; do
    if test -f "$file"; then echo "$file"; return; fi
  done
}

measure() {
  store push --quiet "$image" "oci:$work/oci:latest"
  size=$(find "$work/oci/blobs" -type f -size +64k -exec stat -c %s {} + | awk '{ sum += $1 } END { print sum }')
  echo "compressed layers: $size bytes, limit $limit"
  test "$size" -le "$limit" || { echo "the image is larger than $limit bytes" >&2; exit 1; }
}

test_outside() {
  IMAGE_ROOT=$(store mount "$(store from "$image")")
  export IMAGE_ROOT
  (cd "$IMAGE_ROOT" && du -sh . && du -sh usr/local/bin/node opt/resource)
  node_modules/.bin/node node_modules/vitest/vitest.mjs run --config vitest.image.config.ts \
    --reporter=default --reporter=json --outputFile.json="$reports/image.json"
}

main
