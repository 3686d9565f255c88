#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Runs a program for as long as standard input lasts, and ends with the program's exit code. The input is a pipe that
# only the owner holds: when it ends, because the owner closed it or was killed, the program gets SIGTERM and, after
# GRACE tenths of a second, SIGKILL.
# Usage: owned.sh GRACE PROGRAM [ARGUMENT ...]

grace=$1
shift

# Caught, not ignored, as what is ignored here the program would ignore too. Ctrl-C reaches the owner, who decides.
trap : HUP INT TERM
# What shells say of a program that a signal ended ("Terminated") is no news: its errors go past this shell.
exec 3<&0 4>&2 2>/dev/null

"$@" </dev/null 2>&4 3<&- 4>&- &
program=$!

(
  while read -r _; do :; done
  kill -TERM "$program" 2>/dev/null
  while [ "$grace" -gt 0 ] && kill -0 "$program" 2>/dev/null; do
    sleep 0.1
    grace=$((grace - 1))
  done
  kill -KILL "$program" 2>/dev/null
) <&3 4>&- &
watch=$!
exec 3<&- 4>&-

# A caught signal ends wait early.
while :; do
  wait "$program"
  status=$?
  kill -0 "$program" 2>/dev/null || break
done
kill -KILL "$watch" 2>/dev/null
exit "$status"
