/*
 * The OpenAPI 3.1 document: src/web/openapi.json, which the Makefile makes
 * part of the program.
 */
#ifndef WEB_OPENAPI_H
#define WEB_OPENAPI_H

#include <stddef.h>

extern const unsigned char openapi_json[];
extern const size_t openapi_json_len;

#endif
