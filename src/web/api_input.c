#include "web/api_input.h"

#include "web/form.h"

struct issues no_issues(const struct request *request)
{
	return (struct issues){ .arena = request->ctx->arena };
}

void respond_issues(struct response *response, const struct issues *issues)
{
	struct ctx *ctx = response->request->ctx;
	if (issues->count > 0)
		(void)issues_fail(&ctx->fail, issues);
	respond_fail(response, issues);
}

json_t *object_body(struct request *request, bool optional)
{
	json_t *object;
	/* curl -d '' names a type of what it does not send. */
	bool is_absent = request->content_length == 0 || (request->content_length < 0 && !request->content_type[0]);
	if (optional && is_absent)
		object = json_read(request->ctx->arena, "{}", 2, &request->ctx->fail);
	else
		object = json_body(request, SMALL_BODY_BYTES);
	if (!object || json_is_object(object))
		return object;
	fail_set(&request->ctx->fail, FAIL_INVALID, CODE_INVALID_TYPE, "The body must be a JSON object");
	return NULL;
}

void refuse_unknown(const json_t *object, const char *const *names, struct issues *issues)
{
	const char *key;
	json_t *value;
	/* The iteration macro takes no const object; nothing is changed. */
	json_object_foreach((json_t *)(uintptr_t)object, key, value) {
		const char *const *name = names;
		while (*name && strcmp(*name, key) != 0)
			name++;
		if (!*name)
			issue_add(issues, CODE_UNKNOWN_FIELD, arena_printf(issues->arena, "/%.100s", key), NULL,
				  "There is no field %.100s here", key);
	}
}

static bool is_given(const json_t *object, const char *name, const json_t **value_out)
{
	*value_out = json_object_get(object, name);
	return *value_out && !json_is_null(*value_out);
}

static void wrong(struct issues *issues, enum code code, const char *name, const char *format, const char *what)
{
	issue_add(issues, code, arena_printf(issues->arena, "/%s", name), NULL, "%s %s%s", name, format, what);
}

const char *text_member(const json_t *object, const char *name, const char *fallback, size_t min, size_t max,
			struct issues *issues)
{
	const json_t *value;
	if (!is_given(object, name, &value))
		return fallback;
	const char *text = json_string_value(value);
	size_t length = text ? utf8_length(text, strlen(text)) : 0;
	if (!text)
		wrong(issues, CODE_INVALID_TYPE, name, "must be a text", "");
	else if (length < min || (min > 0 && !text[strspn(text, " \t\r\n")]))
		wrong(issues, CODE_REQUIRED, name, "must not be empty", "");
	else if (length > max)
		issue_add(issues, CODE_TOO_LONG, arena_printf(issues->arena, "/%s", name), NULL,
			  "%s has at most %zu characters", name, max);
	else
		return text;
	return fallback;
}

int64_t int_member(const json_t *object, const char *name, int64_t fallback, int64_t min, int64_t max,
		   struct issues *issues)
{
	const json_t *value;
	if (!is_given(object, name, &value))
		return fallback;
	if (!json_is_integer(value))
		wrong(issues, CODE_INVALID_TYPE, name, "must be a whole number", "");
	else if (json_integer_value(value) < min || json_integer_value(value) > max)
		issue_add(issues, CODE_OUT_OF_RANGE, arena_printf(issues->arena, "/%s", name), NULL,
			  "%s is from %lld to %lld", name, (long long)min, (long long)max);
	else
		return json_integer_value(value);
	return fallback;
}

bool bool_member(const json_t *object, const char *name, bool fallback, struct issues *issues)
{
	const json_t *value;
	if (!is_given(object, name, &value))
		return fallback;
	if (json_is_boolean(value))
		return json_is_true(value);
	wrong(issues, CODE_INVALID_TYPE, name, "must be true or false", "");
	return fallback;
}

void list_begin(struct json_writer *w, struct response *response)
{
	jw_begin(w, &response->body);
	jw_object(w, NULL);
	jw_list(w, "items");
}

void list_end(struct json_writer *w, bool has_more, int64_t next)
{
	jw_end_list(w);
	if (has_more)
		jw_int(w, "next", next);
	else
		jw_null(w, "next");
	jw_end_object(w);
}

bool list_params(struct request *request, int64_t *after_out, int32_t *limit_out)
{
	int64_t limit;
	if (!param_int(request, "after", 0, INT64_MAX, 0, after_out) || !param_int(request, "limit", 1, 500, 100, &limit))
		return false;
	*limit_out = (int32_t)limit;
	return true;
}

bool if_match(struct request *request, int64_t *version_out)
{
	const char *given = request->header(request, "HTTP_IF_MATCH");
	*version_out = 0;
	if (!given || strcmp(given, "*") == 0)
		return true;
	size_t len = strlen(given);
	if (len > 2 && given[0] == '"' && given[len - 1] == '"' && parse_i64(given + 1, len - 2, version_out) &&
	    *version_out > 0)
		return true;
	return fail_set(&request->ctx->fail, FAIL_CONFLICT, CODE_PRECONDITION_FAILED,
			"If-Match is not an ETag of this resource: \"12\" names row version 12");
}

bool if_match_row(struct request *request, int64_t *row_version)
{
	int64_t given;
	if (!if_match(request, &given))
		return false;
	*row_version = given ? given : *row_version;
	return true;
}

void respond_etag(struct response *response, int64_t row_version)
{
	response_header(response, "ETag", "\"%lld\"", (long long)row_version);
}

/* "7", "true" and "skip" as JSON has them. */
static json_t *value_of(const char *text)
{
	int64_t number;
	if (parse_i64(text, strlen(text), &number))
		return json_integer(number);
	if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
		return json_boolean(text[0] == 't');
	return json_string(text);
}

/* "17,18" as a list. */
static json_t *list_value(const char *text)
{
	json_t *list = json_array();
	for (size_t len; *text; text += len + (text[len] == ',')) {
		int64_t number;
		len = strcspn(text, ",");
		json_array_append_new(list, parse_i64(text, len, &number) ? json_integer(number) : json_stringn(text, len));
	}
	return list;
}

bool options_from_query(struct request *request, enum job_type type, struct batch_options *options,
			struct issues *issues)
{
	json_t *object = json_object();
	(void)json_keep(request->ctx->arena, object);
	for (size_t i = 0; i < request->param_count; i++) {
		const struct pair *pair = &request->params[i];
		if (strcmp(pair->name, "type") != 0 && strcmp(pair->name, "label") != 0)
			json_object_set_new(object, pair->name,
					    strcmp(pair->name, "depends_on") ? value_of(pair->value) : list_value(pair->value));
	}
	return options_read(object, type, options, issues);
}

static long read_source(void *user, char *buffer, size_t size)
{
	struct request *request = user;
	return request->read_body(request, buffer, size);
}

struct byte_source body_source(struct request *request)
{
	return (struct byte_source){ read_source, request };
}

bool format_of(struct request *request, enum ingest_format *format_out)
{
	static const struct {
		const char *type;
		enum ingest_format format;
	} formats[] = {
		{ "application/json", INGEST_JSON },
		{ "application/x-ndjson", INGEST_NDJSON },
		{ "text/csv", INGEST_CSV },
	};
	for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
		if (strcmp(request->content_type, formats[i].type) == 0) {
			*format_out = formats[i].format;
			return true;
		}
	return fail_set(&request->ctx->fail, FAIL_INVALID, CODE_UNSUPPORTED_MEDIA_TYPE,
			"The body must be application/json, application/x-ndjson or text/csv");
}
