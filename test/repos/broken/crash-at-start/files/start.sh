#!/bin/sh
echo 'hello 2.0 starting'
if [ -z "$DATABASE_URL" ]; then
  echo 'Error: DATABASE_URL is not set' >&2
  exit 1
fi
exec busybox httpd -f -p 8080 -h /www
