#!/bin/sh
busybox httpd -f -p 8080 -h /www &
sleep 3
echo 'Error: lost the connection to the queue' >&2
exit 7
