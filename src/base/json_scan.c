#include "base/json_scan.h"

#include <string.h>

#include "base/json.h"

enum state {
	AT_START,
	BEFORE_FIRST_KEY, /* a name or } */
	BEFORE_KEY,       /* a name */
	IN_KEY,
	BEFORE_COLON,
	BEFORE_VALUE,     /* of a member */
	BEFORE_FIRST,     /* an element or ] */
	BEFORE_ELEMENT,   /* an element */
	IN_ELEMENT,       /* of the list, or another member's value */
	AFTER_ITEMS,      /* , or } */
	AT_END,
	FAILED,
};

/* Far beyond any text that means something, and far below INT_MAX. */
#define BRACKETS_MAX 1000000
#define BRACKETS_TYPED 64

/* The bytes being fed.  `line_at` is where the present line begins; negative
 * when that was in an earlier piece. */
struct piece {
	const char *bytes;
	size_t len;
	size_t at;
	size_t from; /* first byte of the open element that is not kept yet */
	int64_t line_at;
};

void json_scan_begin(struct json_scan *scan, enum json_shape shape, size_t element_max_bytes,
		     struct json_scan_handler handler)
{
	memset(scan, 0, sizeof(*scan));
	scan->handler = handler;
	scan->shape = shape;
	scan->element_max_bytes = element_max_bytes;
	scan->element = (struct str)STR_INIT;
	scan->state = AT_START;
	scan->line = 1;
}

void json_scan_free(struct json_scan *scan)
{
	str_free(&scan->element);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool broken(const struct json_scan *scan, const struct piece *piece, struct fail *fail, const char *what)
{
	return fail_set(fail, FAIL_INVALID, CODE_MALFORMED_JSON, "The JSON can't be read at line %lld, column %lld: %s.",
			(long long)scan->line, (long long)((int64_t)piece->at - piece->line_at + 1), what);
}

static void next_line(struct json_scan *scan, struct piece *piece)
{
	scan->line++;
	piece->line_at = (int64_t)piece->at + 1;
}

/* --- elements -------------------------------------------------------------- */

/* Keeps bytes of an element that goes on in the next piece.  Blanks at the end
 * do not belong to the element, so only other bytes make it too large.  That
 * outdoes too deep, whichever the pieces show first. */
static void keep(struct json_scan *scan, const char *bytes, size_t len)
{
	size_t room = scan->element_max_bytes - scan->element.len;
	size_t taken = len < room ? len : room;

	str_add(&scan->element, bytes, taken);
	for (size_t i = taken; i < len && scan->element_code != CODE_ITEM_TOO_LARGE; i++) {
		if (!is_blank(bytes[i]))
			scan->element_code = CODE_ITEM_TOO_LARGE;
	}
}

static void begin_element(struct json_scan *scan, struct piece *piece)
{
	str_clear(&scan->element);
	scan->element_code = CODE_NONE;
	scan->element_line = scan->line;
	scan->depth = 0;
	scan->in_string = false;
	scan->escaped = false;
	scan->state = IN_ELEMENT;
	piece->from = piece->at;
}

/* Hands over the element that ends in front of piece->at.  One that lies in a
 * single piece is not copied. */
static bool end_element(struct json_scan *scan, const struct piece *piece, struct fail *fail)
{
	struct json_element element = { .line = scan->element_line };
	const char *bytes = piece->bytes + piece->from;
	size_t len = piece->at - piece->from;

	if (scan->element.len == 0 && len <= scan->element_max_bytes) {
		element.text = bytes;
		element.len = len;
	} else {
		keep(scan, bytes, len);
		element.text = str_text(&scan->element);
		element.len = scan->element.len;
	}
	while (element.len > 0 && is_blank(element.text[element.len - 1]))
		element.len--;
	element.code = scan->element_code;
	if (scan->shape == JSON_LIST_OR_OBJECT && !scan->in_items)
		return scan->handler.member(scan->handler.user, scan->key, &element, fail);
	return scan->handler.item(scan->handler.user, &element, fail);
}

/* Bytes that mean something: outside of texts, and inside. */
enum { PLAIN = 1, QUOTED = 2 };
static const unsigned char meaning[256] = {
	['"'] = PLAIN | QUOTED, ['\n'] = PLAIN | QUOTED, ['\\'] = QUOTED,
	['{'] = PLAIN, ['['] = PLAIN, ['}'] = PLAIN, [']'] = PLAIN, [','] = PLAIN,
};

static bool open_bracket(struct json_scan *scan, const struct piece *piece, char c, struct fail *fail)
{
	if (scan->depth < BRACKETS_TYPED) {
		uint64_t bit = (uint64_t)1 << scan->depth;

		scan->brackets = c == '[' ? scan->brackets | bit : scan->brackets & ~bit;
	}
	if (++scan->depth > JSON_DEPTH_MAX && scan->element_code == CODE_NONE)
		scan->element_code = CODE_TOO_DEEP;
	if (scan->depth > BRACKETS_MAX) {
		broken(scan, piece, fail, "too many brackets are open");
		fail->code = CODE_TOO_DEEP;
		return false;
	}
	return true;
}

static bool close_bracket(struct json_scan *scan, const struct piece *piece, char c, struct fail *fail)
{
	bool is_list;

	if (scan->depth == 0) /* of a line; a list's own bracket does not get here */
		return true;
	scan->depth--;
	is_list = scan->depth >= BRACKETS_TYPED || (scan->brackets >> scan->depth & 1);
	if (scan->shape == JSON_LINES || scan->depth >= BRACKETS_TYPED || is_list == (c == ']'))
		return true;
	return broken(scan, piece, fail, c == ']' ? "a ] stands where a } is meant" : "a } stands where a ] is meant");
}

/* The byte ends the element: what comes next? */
static bool after_element(struct json_scan *scan, struct piece *piece, char c, struct fail *fail)
{
	if (scan->shape == JSON_LIST_OR_OBJECT && c != ',' && c != (scan->in_items ? ']' : '}'))
		return broken(scan, piece, fail, scan->in_items ? "a } stands where a comma or ] is meant"
								: "a ] stands where a comma or } is meant");
	if (!end_element(scan, piece, fail))
		return false;
	if (scan->shape == JSON_LINES) {
		next_line(scan, piece);
		scan->state = BEFORE_ELEMENT;
	} else if (c == ',') {
		scan->state = scan->in_items ? BEFORE_ELEMENT : BEFORE_KEY;
	} else {
		scan->state = scan->in_items && scan->in_object ? AFTER_ITEMS : AT_END;
	}
	piece->at++;
	return true;
}

/* Walks to the end of the element or of the piece. */
static bool walk_element(struct json_scan *scan, struct piece *piece, struct fail *fail)
{
	while (piece->at < piece->len) {
		unsigned char wanted = scan->in_string ? QUOTED : PLAIN;
		char c;

		if (scan->escaped && piece->bytes[piece->at] != '\n') {
			scan->escaped = false;
			piece->at++;
			continue;
		}
		while (piece->at < piece->len && !(meaning[(unsigned char)piece->bytes[piece->at]] & wanted))
			piece->at++;
		if (piece->at == piece->len)
			break;
		c = piece->bytes[piece->at];
		if (scan->shape == JSON_LINES ? c == '\n' : scan->depth == 0 && !scan->in_string && strchr(",]}", c))
			return after_element(scan, piece, c, fail);
		if (c == '\n') {
			next_line(scan, piece);
			scan->escaped = false;
		} else if (c == '\\') {
			scan->escaped = true;
		} else if (c == '"') {
			scan->in_string = !scan->in_string;
		} else if (c == '{' || c == '[') {
			if (!open_bracket(scan, piece, c, fail))
				return false;
		} else if (c != ',' && !close_bracket(scan, piece, c, fail)) {
			return false;
		}
		piece->at++;
	}
	return true;
}

/* --- what is around them --------------------------------------------------- */

/* Has this member been there already?  Remembers it if not. */
static bool seen_before(struct json_scan *scan)
{
	uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */

	for (size_t i = 0; i < scan->key_len; i++)
		hash = (hash ^ (unsigned char)scan->key[i]) * 0x100000001b3u;
	for (size_t i = 0; i < scan->member_count; i++) {
		if (scan->members[i] == hash)
			return true;
	}
	scan->members[scan->member_count++] = hash;
	return false;
}

static bool end_key(struct json_scan *scan, const struct piece *piece, struct fail *fail)
{
	scan->key[scan->key_len] = '\0';
	scan->in_items = strcmp(scan->key, "items") == 0 && scan->key_len == 5;
	if (scan->member_count == sizeof(scan->members) / sizeof(scan->members[0]))
		return broken(scan, piece, fail, "the object has too many members");
	if (seen_before(scan))
		return fail_set(fail, FAIL_INVALID, CODE_DUPLICATE_KEY, "The member “%s” stands twice.", scan->key) ||
		       fail_at(fail, "/%s", scan->key);
	if (!scan->in_items && !scan->handler.member)
		return fail_set(fail, FAIL_INVALID, CODE_UNKNOWN_FIELD,
				"The member “%s” is not known; only “items” is.", scan->key) ||
		       fail_at(fail, "/%s", scan->key);
	if (scan->in_items)
		scan->saw_items = true;
	scan->state = BEFORE_COLON;
	return true;
}

static bool key_byte(struct json_scan *scan, const struct piece *piece, char c, struct fail *fail)
{
	if (c == '"' && !scan->escaped)
		return end_key(scan, piece, fail);
	if ((unsigned char)c < 0x20 || c == 0x7f)
		return broken(scan, piece, fail, "a name is not closed by a quote");
	scan->escaped = c == '\\' && !scan->escaped;
	if (scan->key_len == sizeof(scan->key) - 1)
		return broken(scan, piece, fail, "a name is too long");
	scan->key[scan->key_len++] = c;
	return true;
}

/* The first byte of all, after a byte order mark. */
static bool start_byte(struct json_scan *scan, struct piece *piece, char c, struct fail *fail)
{
	static const char mark[3] = { '\xef', '\xbb', '\xbf' };

	if (scan->line == 1 && scan->marks < 3 && c == mark[scan->marks]) {
		scan->marks++;
		return true;
	}
	if (scan->marks == 1 || scan->marks == 2)
		return broken(scan, piece, fail, "the text is not UTF-8");
	if (scan->shape == JSON_LINES) {
		piece->at--; /* the line's own byte */
		scan->state = BEFORE_ELEMENT;
		return true;
	}
	if (c == '[') {
		scan->in_items = true;
		scan->state = BEFORE_FIRST;
		return true;
	}
	scan->in_object = true;
	scan->state = BEFORE_FIRST_KEY;
	return c == '{' || broken(scan, piece, fail, "a list [ or an object { must come first");
}

static bool element_byte(struct json_scan *scan, struct piece *piece, char c, struct fail *fail)
{
	if (scan->shape == JSON_LIST_OR_OBJECT && c == ']' && scan->state == BEFORE_FIRST) {
		scan->state = scan->in_object ? AFTER_ITEMS : AT_END;
		return true;
	}
	if (scan->shape == JSON_LIST_OR_OBJECT && strchr(",]}", c))
		return broken(scan, piece, fail, "a value is missing");
	begin_element(scan, piece);
	piece->at--; /* walk_element() reads it again */
	return true;
}

/* A byte between elements that is not blank; a name's byte may be. */
static bool frame_byte(struct json_scan *scan, struct piece *piece, char c, struct fail *fail)
{
	switch ((enum state)scan->state) {
	case AT_START:
		return start_byte(scan, piece, c, fail);
	case BEFORE_FIRST_KEY:
	case BEFORE_KEY:
		if (c == '}' && scan->state == BEFORE_FIRST_KEY) {
			scan->state = AT_END;
			return true;
		}
		scan->state = IN_KEY;
		scan->key_len = 0;
		scan->escaped = false;
		return c == '"' || broken(scan, piece, fail, "a name in quotes is expected");
	case IN_KEY:
		return key_byte(scan, piece, c, fail);
	case BEFORE_COLON:
		scan->state = BEFORE_VALUE;
		return c == ':' || broken(scan, piece, fail, "a colon is missing after a name");
	case BEFORE_VALUE:
		if (!scan->in_items)
			return element_byte(scan, piece, c, fail);
		scan->state = BEFORE_FIRST;
		return c == '[' || broken(scan, piece, fail, "“items” must be a list");
	case BEFORE_FIRST:
	case BEFORE_ELEMENT:
		return element_byte(scan, piece, c, fail);
	case AFTER_ITEMS:
		scan->state = c == ',' ? BEFORE_KEY : AT_END;
		return c == ',' || c == '}' || broken(scan, piece, fail, "a comma or } is missing after “items”");
	case AT_END:
		return broken(scan, piece, fail, "something follows after the end");
	case IN_ELEMENT:
	case FAILED:
		break;
	}
	return broken(scan, piece, fail, "the scan has failed before");
}

bool json_scan_feed(struct json_scan *scan, const char *bytes, size_t len, struct fail *fail)
{
	struct piece piece = { .bytes = bytes, .len = len, .line_at = -scan->column };
	bool ok = true;

	while (ok && piece.at < len) {
		char c = bytes[piece.at];

		if (scan->state == IN_ELEMENT) {
			ok = walk_element(scan, &piece, fail);
			continue;
		}
		if (scan->state == IN_KEY || !is_blank(c))
			ok = frame_byte(scan, &piece, c, fail);
		else if (c == '\n')
			next_line(scan, &piece);
		piece.at++;
	}
	if (!ok) {
		scan->state = FAILED;
		return false;
	}
	if (scan->state == IN_ELEMENT)
		keep(scan, bytes + piece.from, len - piece.from);
	scan->column = (int64_t)len - piece.line_at;
	return true;
}

bool json_scan_end(struct json_scan *scan, struct fail *fail)
{
	struct piece piece = { .bytes = "", .line_at = -scan->column };
	int state = scan->state;

	scan->state = FAILED;
	if (scan->shape == JSON_LINES && state == IN_ELEMENT)
		return end_element(scan, &piece, fail);
	if (state == AT_END || (scan->shape == JSON_LINES && (state == AT_START || state == BEFORE_ELEMENT)))
		return true;
	if (state == FAILED)
		return broken(scan, &piece, fail, "the scan has failed before");
	if (state == AT_START)
		return broken(scan, &piece, fail, "the text is empty");
	if (state != IN_ELEMENT)
		return broken(scan, &piece, fail, "the text ends too early");
	broken(scan, &piece, fail, "the text ends inside an item");
	return fail_detail(fail, "the open item began at line %lld", (long long)scan->element_line);
}
