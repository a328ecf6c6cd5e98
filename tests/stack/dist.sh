#!/usr/bin/env bash
# Makes the release, build/tranche-VERSION.zip, of what is built: to be uploaded
# to a host and extracted there. The same sources make the same bytes.
#
#   htdocs/      what is served: .htaccess, tranche.fcgi, assets, help, zoneinfo
#   sql/         the tables, for those who like to look or import by hand
#   INSTALL.txt
set -euo pipefail
cd "$(dirname "$0")/../.."
umask 022
export TZ=UTC LC_ALL=C

version=$(sed -n 's/.*TRANCHE_VERSION "\([^"]*\)".*/\1/p' src/web/version.h)
# Browsers and servers tell versions of a file by its date, so it is the release's.
date=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y src/web/version.h)}
stage=build/dist
zip=$PWD/build/tranche-$version.zip

rm -rf "$stage" "$zip"
mkdir -p "$stage/htdocs"
cp -R htdocs/. "$stage/htdocs/"
cp -R sql "$stage/sql"
mv "$stage/htdocs/help/install.txt" "$stage/INSTALL.txt"
sed -i "s/VERSION/$version/g" "$stage/INSTALL.txt"
# Nothing of the machine it was built on stays in it.
strip -s -R .comment -R .note.gnu.build-id -o "$stage/htdocs/tranche.fcgi" build/release/tranche.fcgi
# Compact files (RFC 8536 with the rule at the end) of the same data as this machine's.
"$(PATH=$PATH:/usr/sbin command -v zic)" -b slim -d "$stage/htdocs/zoneinfo" /usr/share/zoneinfo/tzdata.zi
rm -f "$stage/htdocs/zoneinfo/Factory"

find "$stage" -type d -exec chmod 755 {} +
find "$stage" -type f -exec chmod 644 {} +
chmod 755 "$stage/htdocs/tranche.fcgi"
find "$stage" -exec touch -h -d "@$date" {} +
(cd "$stage" && find . -type f | sed 's,^\./,,' | sort | zip -q -9 -X -D "$zip" -@)
echo "$zip ($(du -k "$zip" | cut -f1) KiB; the program $(du -k "$stage/htdocs/tranche.fcgi" | cut -f1) KiB)"
