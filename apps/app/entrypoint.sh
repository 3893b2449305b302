#!/bin/bash
# Becomes the server, so that the server is PID 1 and gets the stop signal.
set -e
echo "starting: $*"
exec "$@"
