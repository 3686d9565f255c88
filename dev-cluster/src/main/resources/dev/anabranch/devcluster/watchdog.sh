#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Waits until its standard input ends, because the JVM closed it or died; then ends every process of one server and
# removes the server's folder. Usage: watchdog.sh FOLDER
# FOLDER/server holds two lines: the folder of the binaries, and the signal that ends the server fast.

trap '' HUP INT QUIT TERM

folder=$1
{ read -r binaries && read -r signal; } < "$folder/server" || exit 1

while read -r _; do :; done

# The pids of the server's processes: they work inside of its folder and run its binaries.
members() {
  if [ -e /proc/self/cwd ]; then
    ls -ld /proc/[0-9]*/cwd 2>/dev/null | while read -r line; do
      case $line in
        *" -> $folder" | *" -> $folder/"*)
          pid=${line#*/proc/}
          pid=${pid%%/cwd -> *}
          case $(readlink "/proc/$pid/exe" 2>/dev/null) in
            "$binaries"/*) echo "$pid" ;;
          esac ;;
      esac
    done
  else
    ps -axo pid=,ppid=,command= | FOLDER=$folder BINARIES=$binaries awk '
      { parent[$1] = $2 }
      index($0, ENVIRON["BINARIES"] "/") && index($0, ENVIRON["FOLDER"] "/") { server[$1] = 1 }
      END { for (pid in parent) if (pid in server || parent[pid] in server) print pid }'
  fi
}

attempt=0
while found=$(members); [ -n "$found" ]; do
  # Stopped processes take no signal but KILL until they continue. Five seconds, then no more courtesy.
  if [ "$attempt" -eq 0 ]; then
    kill -s "$signal" $found 2>/dev/null
    kill -s CONT $found 2>/dev/null
  elif [ "$attempt" -ge 100 ]; then
    kill -s KILL $found 2>/dev/null
  fi
  attempt=$((attempt + 1))
  sleep 0.05
done

# PostgreSQL, when killed, leaves the shared memory segment that its pid file names (line 7: key and id). An id may
# have been given to somebody else since: only a segment with the same key that nobody uses is removed.
if [ -f "$folder/data/postmaster.pid" ] && [ -r /proc/sysvipc/shm ]; then
  { read -r key id; } <<EOF
$(sed -n 7p "$folder/data/postmaster.pid")
EOF
  if [ -n "$id" ] && awk -v key="$key" -v id="$id" '
      $2 == id && $7 == 0 && ($1 == key || $1 + 4294967296 == key) { unused = 1 }
      END { exit !unused }' /proc/sysvipc/shm; then
    ipcrm -m "$id"
  fi
fi

rm -rf "$folder"
