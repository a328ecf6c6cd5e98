#!/usr/bin/env bash
# Keeps so many programs running on the socket that is file descriptor 0:
# keep.sh COUNT PROGRAM
count=$1
shift
trap 'kill $(jobs -p) 2>/dev/null; wait; exit 0' TERM INT
while :; do
  while [ "$(jobs -pr | wc -l)" -lt "$count" ]; do
    # A background job of a shell reads /dev/null unless it is told otherwise.
    "$@" <&0 &
  done
  wait -n
done
