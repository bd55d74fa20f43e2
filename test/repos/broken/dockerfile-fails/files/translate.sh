#!/bin/sh
echo 'translate: reading index.html'
echo 'translate: 1 sentence found'
echo 'translate: no dictionary for "fr-CH"' >&2
exit 3
