/*
 * What the fuzz targets share.  Each target is one file with libFuzzer's entry
 * point; it is linked with libFuzzer, with replay.c, or (all of them) with
 * tests/unit/test_fuzz_corpus.c.
 */
#ifndef FUZZ_FUZZ_H
#define FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A property that must hold for every input. */
#define REQUIRE(property) \
	do { \
		if (!(property)) { \
			fprintf(stderr, "%s:%d: %s does not hold\n", __FILE__, __LINE__, #property); \
			abort(); \
		} \
	} while (0)

#endif
