# No name has two meanings: nm -A -g --defined-only LIBRARY OBJECT… | awk -f names.awk
#
# The linker takes the first member of a library that has a name and never looks
# at another one, so two functions of one name link without a word, and which of
# them is called is luck.

$NF in place {
	printf "%s is defined in %s and in %s\n", $NF, place[$NF], $1
	bad++
	next
}

{
	place[$NF] = $1
	names++
}

END {
	if (names < 500) {
		print "no names were read"
		bad++
	}
	if (bad) exit 1
	printf "%d names, each defined once\n", names
}
