#!/bin/sh
# Assembles the whole root file system of the image in $1, from a built checkout in the current folder.
set -eu
umask 022
root=$1

main() {
  folders
  node
  shell
  accounts
  certificates
  resource
}

folders() {
  install -d -m 755 "$root" "$root/bin" "$root/etc/ssl/certs" "$root/usr/local/bin" "$root/opt/resource"
  install -d -m 1777 "$root/tmp"
  install -d -m 700 "$root/root"
}

# The pinned Node without its symbols, and each shared library it names at the path the loader looks for it.
node() {
  binary=$root/usr/local/bin/node
  install -m 755 "$(readlink -f node_modules/.bin/node)" "$binary"
  strip "$binary"
  test "$("$binary" --version)" = "v$(cat .node-version)"
  for library in $(ldd "$binary" | grep -o '/[^ ]*'); do
    mkdir -p "$root${library%/*}"
    cp -L "$library" "$root$library"
    chmod 755 "$root$library"
  done
}

# `fly intercept` needs a shell and the usual tools.
shell() {
  install -m 755 "$(command -v busybox)" "$root/bin/busybox"
  for applet in $("$root/bin/busybox" --list); do
    test "$applet" = busybox || ln -s busybox "$root/bin/$applet"
  done
}

accounts() {
  cat >"$root/etc/passwd" <<'PASSWD'
root:x:0:0:root:/root:/bin/sh
nonroot:x:65532:65532:nonroot:/tmp:/bin/sh
nobody:x:65534:65534:nobody:/tmp:/bin/sh
PASSWD
  cat >"$root/etc/group" <<'GROUP'
root:x:0:
nonroot:x:65532:
nogroup:x:65534:
GROUP
}

certificates() {
  install -m 644 /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/"
}

# dist/ lies beside the three commands, without what only the command line and the package need; its package.json spares Node
# the search for the module type.
resource() {
  install -m 755 assets/check assets/in assets/out "$root/opt/resource/"
  install -m 755 assets/listener "$root/usr/local/bin/"
  install -d -m 755 "$root/opt/resource/dist/chunks"
  for file in $(node_modules/.bin/node scripts/reached-files.ts check in out listener); do
    install -m 644 "dist/$file" "$root/opt/resource/dist/$file"
  done
  echo '{"type":"module"}' >"$root/opt/resource/package.json"
  chmod -R u=rwX,go=rX "$root/opt/resource"
}

main
