// SPDX-License-Identifier: Apache-2.0
// Starts the JVM of Culvert's image as ./culvert does outside of it, without the shell that the image has not:
//   culvert DAEMON --key value ...
// with the options of jvm.options and then those of DAEMON.options, where a daemon has others.
// CULVERT_JAVA_OPTS adds options for the JVM, split at spaces. Without a JVM, since a kubelet asks every few seconds:
//   culvert probe SOCKET      whether the agent that listens there has taken up its work
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define JAVA "/opt/java/bin/java"
#define HOME "/opt/culvert/"
#define MOST_OPTIONS 64

// The first line of the agent's answer to "status" is of the form 'agent node=NAME ...', with state=starting until it works.
static int probe(const char *path) {
	static const char question[] = "status\n";
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct timeval patience = {.tv_sec = 5};
	char answer[1024] = "";
	size_t length = 0;
	ssize_t got;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || strlen(path) >= sizeof(address.sun_path)) {
		fprintf(stderr, "culvert probe: cannot ask %s\n", path);
		return 1;
	}
	strcpy(address.sun_path, path);
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) != 0 ||
	    write(fd, question, sizeof(question) - 1) != (ssize_t)sizeof(question) - 1) {
		fprintf(stderr, "culvert probe: %s: %s\n", path, strerror(errno));
		return 1;
	}
	while (length < sizeof(answer) - 1 && !memchr(answer, '\n', length) &&
	       (got = read(fd, answer + length, sizeof(answer) - 1 - length)) > 0)
		length += (size_t)got;
	answer[length] = 0;
	answer[strcspn(answer, "\n")] = 0;
	puts(answer);
	return strncmp(answer, "agent ", 6) == 0 && !strstr(answer, "state=starting") ? 0 : 1;
}

// The option that names a file of a daemon's own, if it has that file; a name with a slash in it is no daemon's.
static char *beside(const char *option, const char *daemon, const char *ending) {
	char *text;
	if (strchr(daemon, '/') || asprintf(&text, "%s" HOME "%s%s", option, daemon, ending) < 0)
		return NULL;
	if (access(text + strlen(option), R_OK) == 0)
		return text;
	free(text);
	return NULL;
}

int main(int argc, char **argv) {
	if (argc == 3 && strcmp(argv[1], "probe") == 0)
		return probe(argv[2]);
	char **command = calloc((size_t)argc + MOST_OPTIONS + 16, sizeof(char *));
	char **next = command;
	if (!command)
		return 1;
	*next++ = JAVA;
	*next++ = "@" HOME "jvm.options";
	*next++ = "-Xlog:disable";
	*next++ = "-Xlog:all=error,aot*=off,cds*=off:stderr";
	if (argc > 1) {
		*next = beside("@", argv[1], ".options");
		next += *next != NULL;
		*next = beside("-XX:AOTCache=", argv[1], ".aot");
		next += *next != NULL;
	}
	char *options = getenv("CULVERT_JAVA_OPTS");
	if (options && (options = strdup(options))) {
		int count = 0;
		for (char *each = strtok(options, " \t\n"); each; each = strtok(NULL, " \t\n")) {
			if (++count > MOST_OPTIONS) {
				fprintf(stderr, "culvert: CULVERT_JAVA_OPTS has more than %d options\n", MOST_OPTIONS);
				return 2;
			}
			*next++ = each;
		}
	}
	*next++ = "-jar";
	*next++ = HOME "culvert.jar";
	for (int i = 1; i < argc; i++)
		*next++ = argv[i];
	execv(JAVA, command);
	fprintf(stderr, "culvert: cannot start %s: %s\n", JAVA, strerror(errno));
	return 1;
}
