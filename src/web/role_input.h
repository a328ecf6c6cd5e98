/* Reading a role: a name and grants, out of JSON or a form. */
#ifndef WEB_ROLE_INPUT_H
#define WEB_ROLE_INPUT_H

#include "store/roles.h"
#include "web/http.h"

/* Members name and grants of an object; those that are absent stay. */
void role_read(const json_t *object, struct role *role, struct issues *issues);
/* Fields name, p_PERMISSION (no, own, all) and t_PERMISSION (types); issues at
 * the fields' names. */
void role_read_form(const struct request *request, struct role *role, struct issues *issues);

#endif
