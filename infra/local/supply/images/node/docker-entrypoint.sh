#!/bin/sh
# `docker run node file.js` and `docker run node --version` mean node; anything that is a command is run as one.
set -e
if [ "${1#-}" != "$1" ] || { [ -f "$1" ] && ! [ -x "$1" ]; } || [ -z "$(command -v "$1")" ]; then
  set -- node "$@"
fi
exec "$@"
