/* Rows of an account as its pages show them. */
#ifndef WEB_ACCOUNT_VIEWS_H
#define WEB_ACCOUNT_VIEWS_H

#include "store/tokens.h"
#include "views/page_account.h"

struct token_view token_view_of(const struct api_token *token);

#endif
