/* One trial. */
#include "trial.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client.h"
#include "memory.h"

/* Of a child; give_up() has 2. */
enum { EXIT_GAVE_UP = 3, EXIT_NOT_REACHED };

static _Noreturn void be_child(struct trial *trial, const struct line *line, const struct disturbance *disturbance)
{
	static struct config config;
	struct client client = { .line = line, .eyes = disturbance->is_beside ? world_process(trial->config) : trial->eyes };
	char number[24];
	config = *trial->config;
	if (disturbance->proxy)
		memcpy(config.db_socket, disturbance->proxy->path, sizeof disturbance->proxy->path);
	snprintf(number, sizeof number, "%lld", (long long)disturbance->fault_at);
	setenv("TRANCHE_FAULT_AT", number, 1);
	snprintf(number, sizeof number, "%d", disturbance->fault_signal);
	setenv("TRANCHE_FAULT_SIGNAL", number, 1);
	client.ctx = world_ctx(&config);
	client.is_starved = disturbance->memory_at > 0;
	memory_fail_at(disturbance->memory_at, disturbance->memory_for_good);
	bool came_through = client_run(&client);
	_Exit(!came_through ? EXIT_GAVE_UP : client.is_starved && !memory_has_failed() ? EXIT_NOT_REACHED : EXIT_SUCCESS);
}

pid_t trial_begin(struct trial *trial, const struct line *line, const struct disturbance *disturbance)
{
	fflush(NULL);
	pid_t child = fork();
	if (child == 0)
		be_child(trial, line, disturbance);
	if (child < 0)
		give_up("no child");
	return child;
}

enum end trial_wait(pid_t child)
{
	int status = 0;
	while (waitpid(child, &status, WUNTRACED) != child)
		if (errno != EINTR)
			give_up("the child is lost");
	if (WIFSTOPPED(status))
		return WAS_STOPPED;
	if (WIFSIGNALED(status))
		return WTERMSIG(status) == SIGKILL ? WAS_KILLED : WTERMSIG(status) == SIGABRT ? DIED : WENT_WRONG;
	switch (WEXITSTATUS(status)) {
	case EXIT_SUCCESS: return CAME_THROUGH;
	case EXIT_GAVE_UP: return DIED;
	case EXIT_NOT_REACHED: return NOT_REACHED;
	default: return WENT_WRONG;
	}
}

/* --- in peace --------------------------------------------------------------------------- */

/* Told, not left to the pipe's end: whoever was forked since (the proxy) holds
 * it open as well. */
#define LEAVE 1

static _Noreturn void be_peaceful(struct trial *trial, const struct line *line, int ask, int answer)
{
	struct client client = { .line = line, .eyes = trial->eyes, .ctx = world_ctx(trial->config) };
	char word;
	while (read(ask, &word, 1) == 1 && word != LEAVE) {
		word = client_run(&client);
		if (write(answer, &word, 1) != 1)
			break;
	}
	_Exit(EXIT_SUCCESS);
}

static void begin_peaceful(struct trial *trial, const struct line *line)
{
	struct peaceful *peaceful = &trial->peaceful;
	int ask[2], answer[2];
	fflush(NULL);
	if (pipe(ask) != 0 || pipe(answer) != 0 || (peaceful->pid = fork()) < 0)
		give_up("no child");
	if (peaceful->pid == 0) {
		close(ask[1]);
		close(answer[0]);
		be_peaceful(trial, line, ask[0], answer[1]);
	}
	close(ask[0]);
	close(answer[1]);
	peaceful->line = line;
	peaceful->ask = ask[1];
	peaceful->answer = answer[0];
}

/* Its end, if it has come to one by itself. */
static enum end end_peaceful(struct trial *trial)
{
	struct peaceful *peaceful = &trial->peaceful;
	char leave = LEAVE;
	bool is_told = write(peaceful->ask, &leave, 1) == 1; /* if not it is gone already */
	(void)is_told;
	close(peaceful->ask);
	close(peaceful->answer);
	enum end end = trial_wait(peaceful->pid);
	*peaceful = (struct peaceful){ .pid = 0 };
	return end;
}

void trial_end_peaceful(struct trial *trial)
{
	if (trial->peaceful.pid)
		(void)end_peaceful(trial);
}

static enum end in_peace(struct trial *trial, const struct line *line)
{
	struct peaceful *peaceful = &trial->peaceful;
	char word = 0;
	if (peaceful->line != line)
		trial_end_peaceful(trial);
	if (!peaceful->pid)
		begin_peaceful(trial, line);
	if (write(peaceful->ask, &word, 1) == 1 && read(peaceful->answer, &word, 1) == 1)
		return word ? CAME_THROUGH : DIED;
	enum end end = end_peaceful(trial);
	return end == CAME_THROUGH ? WENT_WRONG : end;
}

enum end trial_client(struct trial *trial, const struct line *line, const struct disturbance *disturbance)
{
	if (!disturbance->fault_at && !disturbance->proxy && !disturbance->memory_at && !disturbance->is_beside)
		return in_peace(trial, line);
	return trial_wait(trial_begin(trial, line, disturbance));
}

/* $FAULTS_KEEP: a folder for the whole of both. */
static void keep(const char *name, int number, const char *text)
{
	const char *folder = getenv("FAULTS_KEEP");
	char path[300];
	if (!folder)
		return;
	snprintf(path, sizeof path, "%s/%d-%s", folder, number, name);
	FILE *file = fopen(path, "w");
	if (!file)
		give_up("%s can't be written", path);
	fputs(text, file);
	fclose(file);
}

static void show_difference(struct trial *trial, const char *wanted, const char *got)
{
	trial->differences++;
	keep("without", trial->differences, wanted);
	keep("with", trial->differences, got);
	size_t at = 0;
	while (wanted[at] && wanted[at] == got[at])
		at++;
	while (at && wanted[at - 1] != '\n')
		at--;
	printf("    without the fault: %.*s\n    with it:           %.*s\n", (int)strcspn(wanted + at, "\n"), wanted + at,
	       (int)strcspn(got + at, "\n"), got + at);
}

/* Of items that take each other's places the chunk is what makes it possible: one by one, as they are worked where a
 * chunk's holders died twice, some end otherwise, and all that is asked is that nothing is broken. */
static bool is_another_right_end(struct trial *trial, const struct line *line)
{
	return line->swaps_places && world_number(trial->eyes, "SELECT COUNT(*) FROM {batch_chunks} WHERE isolated = 1") > 0;
}

bool trial_ends_the_same(struct trial *trial, const struct line *line, const char *wanted, bool with_bumps, const char *when)
{
	static const struct disturbance none;
	if (trial_client(trial, line, &none) != CAME_THROUGH) {
		printf("%s, %s: can't go on\n", line->name, when);
		return false;
	}
	const char *broken = world_broken(trial->eyes, true), *got = world_state(trial->eyes, with_bumps && !line->in_any_order);
	if (!broken && (strcmp(wanted, got) == 0 || is_another_right_end(trial, line)))
		return true;
	printf("%s, %s: %s\n", line->name, when, broken ? broken : "ends differently");
	show_difference(trial, wanted, got);
	return false;
}

const char *trial_undisturbed(struct trial *trial, const struct line *line, bool with_bumps)
{
	static const struct disturbance none;
	trial_reset(trial);
	if (trial_client(trial, line, &none) != CAME_THROUGH)
		give_up("%s does not even run undisturbed", line->name);
	const char *broken = world_broken(trial->eyes, true);
	if (broken)
		give_up("%s, undisturbed: %s", line->name, broken);
	return strdup(world_state(trial->eyes, with_bumps && !line->in_any_order));
}

void trial_reset(struct trial *trial)
{
	arena_reset(trial->eyes->arena);
	world_reset(trial->eyes);
}

void trial_report(struct trial *trial, const char *line, const char *how, int64_t tried, int64_t survived)
{
	printf("%-26s %-34s tried %5lld survived %5lld\n", line, how, (long long)tried, (long long)survived);
	fflush(stdout);
	*(tried && tried == survived ? &trial->passed : &trial->failed) += 1;
}
