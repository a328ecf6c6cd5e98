/* The program's version, as /health and the OpenAPI document tell it. */
#ifndef WEB_VERSION_H
#define WEB_VERSION_H

#define TRANCHE_VERSION "0.1.0"

#endif
