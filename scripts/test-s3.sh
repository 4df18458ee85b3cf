#!/bin/sh
# Boots Ceph's S3 server, which verifies signatures as strictly as AWS does, and runs our steps against it: on Debian or
# Ubuntu, as root, on loopback only. Vitest's report goes to $REPORTS when that is set.
set -eu
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

main() {
  test "$(id -u)" = 0 || { echo 'test:s3 needs root: it installs and runs Ceph' >&2; exit 1; }
  install_missing
  work=$(mktemp -d)
  trap clean EXIT
  trap 'exit 1' INT TERM
  echo "== s3: boot ($(date +%T))"
  read -r monitor gateway <<PORTS
$(free_ports)
PORTS
  export CEPH_CONF="$work/ceph.conf"
  # By itself: behind `||` the shell would go on after a command that fails.
  boot >"$work/boot.log" 2>&1 &
  wait $! || { tail -n 30 "$work/boot.log" >&2; exit 1; }
  echo "== s3: tests ($(date +%T))"
  run_tests
}

install_missing() {
  command -v radosgw >/dev/null && command -v ceph-mon >/dev/null && command -v ceph-osd >/dev/null && return
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends radosgw ceph-mon ceph-osd >/dev/null
}

# The daemons put themselves into the background and note their process ids.
clean() {
  for file in "$work"/run/*.pid; do
    test -f "$file" && kill -9 "$(cat "$file")" 2>/dev/null || true
  done
  rm -rf "$work"
}

# One monitor, one store, one gateway; no manager and no authentication among themselves. Returns once S3 answers.
boot() {
  mkdir "$work/mon" "$work/osd" "$work/run"
  fsid=$(cat /proc/sys/kernel/random/uuid)
  osd=$(cat /proc/sys/kernel/random/uuid)
  configuration >"$CEPH_CONF"
  monmaptool --create --addv a "[v1:127.0.0.1:$monitor]" --fsid "$fsid" "$work/monmap"
  ceph-mon -i a --mkfs --monmap "$work/monmap"
  ceph-mon -i a --pid-file "$work/run/mon.pid"
  ceph osd new "$osd"
  ceph-osd -i 0 --mkfs --osd-uuid "$osd"
  start_store
  users
  radosgw -n client.rgw --pid-file "$work/run/rgw.pid"
  tries=0
  until curl -sf -o /dev/null "http://127.0.0.1:$gateway/"; do
    tries=$((tries + 1))
    test "$tries" -lt 150 || { echo 'the gateway does not answer'; return 1; }
    sleep 0.2
  done
}

# A store that asks before it has heard from the monitor is told "wrong fsid", and ends.
start_store() {
  for _ in 1 2 3 4 5; do
    if ceph-osd -i 0 --pid-file "$work/run/osd.pid"; then return; fi
    sleep 1
  done
  return 1
}

free_ports() {
  node -e '
    const listen = () => new Promise((resolve) => {
      const server = net.createServer().listen(0, "127.0.0.1", () => resolve(server));
    });
    Promise.all([listen(), listen()]).then((all) => {
      console.log(all.map((server) => server.address().port).join(" "));
      for (const server of all) server.close();
    });'
}

configuration() {
  cat <<CONF
[global]
fsid = $fsid
mon host = v1:127.0.0.1:$monitor
auth cluster required = none
auth service required = none
auth client required = none
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
mon allow pool size one = true
mon data avail crit = 1
osd crush chooseleaf type = 0
osd objectstore = bluestore
bluestore block size = 1073741824
run dir = $work/run
admin socket = $work/run/\$name.asok
log file = $work/\$name.log
[mon.a]
mon data = $work/mon
[osd.0]
osd data = $work/osd
[client.rgw]
# Without tcp_nodelay small answers wait 40 ms.
rgw frontends = beast endpoint=127.0.0.1:$gateway tcp_nodelay=1
rgw dns name = s3.test
rgw s3 auth use sts = true
rgw sts key = sixteen-letters!
CONF
}

# Our user, a stranger with a bucket of his own, and a role that our user may assume.
users() {
  radosgw-admin user create --uid=ci --display-name=ci --access-key=AKIAORACLE --secret-key=sensitive-oracle-secret \
    --caps='roles=*'
  radosgw-admin user create --uid=other --display-name=other --access-key=AKIASTRANGER --secret-key=sensitive-stranger-secret
  radosgw-admin role create --role-name=reports --path=/ --assume-role-policy-doc='{
    "Version": "2012-10-17",
    "Statement": [{ "Effect": "Allow", "Principal": { "AWS": ["arn:aws:iam:::user/ci"] }, "Action": ["sts:AssumeRole"] }] }'
  radosgw-admin role-policy put --role-name=reports --policy-name=all --policy-doc='{
    "Version": "2012-10-17",
    "Statement": [{ "Effect": "Allow", "Action": ["s3:*"], "Resource": "arn:aws:s3:::*" }] }'
}

run_tests() {
  set -- --config vitest.s3.config.ts --reporter=default
  if test -n "${REPORTS:-}"; then set -- "$@" --reporter=json --outputFile.json="$REPORTS/s3.json"; fi
  S3_ORACLE_URL="http://127.0.0.1:$gateway" node node_modules/vitest/vitest.mjs run "$@"
}

main
