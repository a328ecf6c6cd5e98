# Holds src/ to its layers: awk -f layers.awk src/LAYERS src/**/*.[ch]
#
# Besides src/LAYERS it checks that the two foreign interfaces have one user
# each, and that functions without a bound appear nowhere (banned.h refuses
# them as well, but only in files that are compiled).

function complain(text) {
	printf "%s:%d: %s\n", FILENAME, FNR, text
	bad++
}

FILENAME ~ /LAYERS$/ {
	if (/^#/ || !/:/) next
	folder = $1
	sub(/:.*/, "", folder)
	known[folder] = 1
	allowed[folder, folder] = 1
	for (i = 2; i <= NF; i++) allowed[folder, $i] = 1
	next
}

FNR == 1 {
	depth = split(FILENAME, part, "/")
	own = depth > 2 ? part[2] : ""
	files++
	if (own != "" && !(own in known)) complain("folder " own " is not in LAYERS")
}

/^[ \t]*#[ \t]*include[ \t]*"/ {
	split($0, quoted, "\"")
	target = quoted[2]
	if (target !~ /\//) complain("write the include as \"folder/file.h\", not \"" target "\"")
	sub(/\/.*/, "", target)
	if (own != "" && !((own, target) in allowed)) complain(own " must not include " target)
	next
}

/^[ \t]*#[ \t]*include[ \t]*</ {
	if (/<(mariadb\/|mysql\/)?(mysql|mysqld_error|errmsg|ma_[a-z_]*|mariadb_[a-z]*)[^>]*>/ && own != "db")
		complain("only db/ may include the database connector")
	if (/<(fastcgi|fcgi[a-z_]*)\.h>/ && FILENAME != "src/web/gateway.c")
		complain("only web/gateway.c may include libfcgi")
	next
}

FILENAME != "src/base/banned.h" && /(^|[^A-Za-z0-9_])(sprintf|vsprintf|strcpy|strcat|gets|strtok|atoi)[ \t]*\(/ {
	complain("a function without a bound or without an error")
}

END {
	if (files == 0) {
		print "no source files"
		bad++
	}
	if (bad) exit 1
	printf "%d files keep their layers\n", files
}
