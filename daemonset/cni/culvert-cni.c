// SPDX-License-Identifier: Apache-2.0
// The CNI plugin of a node: carries each call to the agent and its answer back. https://www.cni.dev/docs/spec (1.1)
//
// It decides only when no agent answers: a pod of an enrolled namespace must wait, so that it never runs unprotected, and any other
// may start. The agent leaves the names of enrolled namespaces beside its socket; without that list every pod waits. Nothing is
// allocated, and prevResult goes out byte for byte as it came in.
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SOCKET "/run/culvert/cni.sock"
#define LIST "enrolled-namespaces"
#define VERSIONS "\"0.3.0\",\"0.3.1\",\"0.4.0\",\"1.0.0\",\"1.1.0\""
#define PATIENCE_SECONDS 60  // the agent gives up sooner
#define INCOMPATIBLE 1
#define TRY_AGAIN 11
#define BAD_ENVIRONMENT 4
#define IO_FAILURE 5
#define UNDECODABLE 6
#define BAD_CONFIG 7

static char config[1 << 20], answer[1 << 20], list[1 << 20], version[32] = "1.1.0";

struct text {
  const char *at;
  size_t size;
};

static void write_all(int fd, const char *bytes, size_t size) {
  while (size > 0) {
    ssize_t done = write(fd, bytes, size);
    if (done < 0 && errno == EINTR) continue;
    if (done <= 0) exit(1);
    bytes += done;
    size -= (size_t)done;
  }
}

// The error goes to stdout as the specification has it; what is put into it holds no quotes.
static _Noreturn void fail(int code, const char *format, ...) {
  char message[1024], error[1400];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message, sizeof message, format, arguments);
  va_end(arguments);
  for (char *each = message; *each; each++)
    if (*each == '"' || *each == '\\' || (unsigned char)*each < ' ') *each = '?';
  int size = snprintf(error, sizeof error, "{\"cniVersion\":\"%s\",\"code\":%d,\"msg\":\"%s\"}\n", version, code, message);
  write_all(1, error, (size_t)size);
  exit(1);
}

// Reads to the end and ends with NUL; -1 when it fails or does not fit.
static ssize_t read_all(int fd, char *into, size_t room) {
  size_t size = 0;
  while (size + 1 < room) {
    ssize_t got = read(fd, into + size, room - 1 - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return -1;
    if (got == 0) {
      into[size] = 0;
      return (ssize_t)size;
    }
    size += (size_t)got;
  }
  return -1;
}

static const char *skip_blank(const char *at) { return at + strspn(at, " \t\r\n"); }

// Behind the closing quote; NULL when there is none.
static const char *skip_string(const char *at) {
  for (at++; *at && *at != '"'; at++)
    if (*at == '\\' && !*++at) return NULL;
  return *at ? at + 1 : NULL;
}

// Behind a JSON value of any kind; NULL when it has no end.
static const char *skip_value(const char *at) {
  int depth = 0;
  do {
    at = skip_blank(at);
    if (*at == '"') {
      if (!(at = skip_string(at))) return NULL;
    } else if (*at == '{' || *at == '[') {
      depth++, at++;
    } else if (*at == '}' || *at == ']') {
      depth--, at++;
    } else if (depth > 0 && (*at == ',' || *at == ':')) {
      at++;
    } else {
      size_t word = strcspn(at, ",:{}[]\" \t\r\n");
      if (word == 0) return NULL;
      at += word;
    }
  } while (depth > 0);
  return depth == 0 ? at : NULL;
}

// The value of a member of the outermost object, as it stands there; empty when there is none.
static struct text member(const char *json, const char *name) {
  const char *at = skip_blank(json);
  if (*at != '{') fail(UNDECODABLE, "culvert: the network configuration on stdin is not a JSON object");
  at = skip_blank(at + 1);
  while (*at == '"') {
    const char *key = at + 1, *end = skip_string(at);
    if (!end) break;
    int wanted = (size_t)(end - 1 - key) == strlen(name) && !strncmp(key, name, strlen(name));
    at = skip_blank(end);
    if (*at != ':') break;
    const char *value = skip_blank(at + 1);
    if (!(end = skip_value(value))) break;
    if (wanted) return (struct text){value, (size_t)(end - value)};
    at = skip_blank(end);
    if (*at == '}') return (struct text){at, 0};
    if (*at != ',') break;
    at = skip_blank(at + 1);
  }
  if (*at == '}') return (struct text){at, 0};
  fail(UNDECODABLE, "culvert: the network configuration on stdin is not valid JSON");
}

// A member that is a string, without its quotes.
static int string_member(const char *json, const char *name, char *into, size_t room) {
  struct text value = member(json, name);
  if (value.size == 0) return 0;
  if (*value.at != '"' || value.size - 2 >= room || memchr(value.at, '\\', value.size))
    fail(BAD_CONFIG, "culvert: %s in the network configuration must be a plain string", name);
  memcpy(into, value.at + 1, value.size - 2);
  into[value.size - 2] = 0;
  return 1;
}

static const char *environment(const char *name) {
  const char *value = getenv(name);
  return value ? value : "";
}

// The value of a key in CNI_ARGS, "K8S_POD_NAMESPACE=shop;K8S_POD_NAME=web".
static struct text argument(const char *name) {
  const char *at = environment("CNI_ARGS");
  while (*at) {
    size_t size = strcspn(at, ";");
    if (size > strlen(name) && !strncmp(at, name, strlen(name)) && at[strlen(name)] == '=')
      return (struct text){at + strlen(name) + 1, size - strlen(name) - 1};
    at += size + (at[size] == ';');
  }
  return (struct text){at, 0};
}

// Whether the list, one name a line, has the pod's namespace. Not to be known: as if it had. What has no name at all is no pod: a kubelet's
// runtime always tells it.
static int must_wait(const char *socket_path) {
  struct text namespace = argument("K8S_POD_NAMESPACE");
  char path[256];
  struct stat info;
  const char *slash = strrchr(socket_path, '/');
  if (namespace.size == 0 && argument("K8S_POD_NAME").size == 0) return 0;
  snprintf(path, sizeof path, "%.*s/%s", slash ? (int)(slash - socket_path) : 0, socket_path, LIST);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
  if (fd < 0 || fstat(fd, &info) != 0 || info.st_uid != 0 || (info.st_mode & (S_IWGRP | S_IWOTH))) return 1;
  if (namespace.size == 0 || read_all(fd, list, sizeof list) < 0) return 1;
  for (const char *at = list; *at;) {
    size_t size = strcspn(at, "\n");
    if (size == namespace.size && !memcmp(at, namespace.at, size)) return 1;
    at += size + (at[size] == '\n');
  }
  return 0;
}

// DEL and GC need nothing that differs between versions, and a sandbox that cannot be deleted would keep its pod for ever.
static void require_version(const char *command) {
  static const char *const spoken[] = {"0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"};
  if (!*version || !strcmp(command, "DEL") || !strcmp(command, "GC")) return;
  for (size_t each = 0; each < sizeof spoken / sizeof *spoken; each++)
    if (!strcmp(version, spoken[each])) return;
  fail(INCOMPATIBLE, "culvert: cniVersion %s is none of 0.3.0, 0.3.1, 0.4.0, 1.0.0, 1.1.0", version);
}

// In the version of whoever asks, as the specification has it.
static int print_versions(void) {
  char text[256];
  if (*skip_blank(config) == '{') string_member(config, "cniVersion", version, sizeof version);
  int size = snprintf(text, sizeof text, "{\"cniVersion\":\"%s\",\"supportedVersions\":[" VERSIONS "]}\n", *version ? version : "1.1.0");
  write_all(1, text, (size_t)size);
  return 0;
}

static int print_previous(void) {
  struct text previous = member(config, "prevResult");
  if (previous.size == 0)
    fail(BAD_CONFIG, "culvert: no prevResult: this plugin is chained, it cannot be the first of the conflist");
  write_all(1, previous.at, previous.size);
  return 0;
}

static int without_agent(const char *command, const char *socket_path, const char *reason) {
  if (!strcmp(command, "ADD")) {
    if (!must_wait(socket_path)) return print_previous();
    struct text namespace = argument("K8S_POD_NAMESPACE");
    fail(TRY_AGAIN, "culvert: the node's agent does not answer (%s: %s), and pods of namespace %.*s wait for it", socket_path, reason,
         namespace.size > 253 ? 253 : (int)namespace.size, namespace.at);
  }
  if (!strcmp(command, "CHECK")) fail(TRY_AGAIN, "culvert: the node's agent does not answer (%s: %s)", socket_path, reason);
  return 0;  // DEL and GC: the agent finds out by itself. STATUS: pods that are not of the mesh can start.
}

static int connected(const char *path) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  struct timeval patience = {.tv_sec = PATIENCE_SECONDS};
  if (strlen(path) >= sizeof address.sun_path) fail(BAD_CONFIG, "culvert: socket %s: the path is too long", path);
  strcpy(address.sun_path, path);
  int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return -1;
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
    int reason = errno;
    close(fd);
    errno = reason;
    return -1;
  }
  return fd;
}

// The environment a variable a line, an empty line, the configuration.
static int sent(int fd, size_t size) {
  static const char *const names[] = {"CNI_COMMAND", "CNI_CONTAINERID", "CNI_NETNS", "CNI_IFNAME", "CNI_ARGS"};
  static char head[16384];
  size_t used = 0;
  for (size_t each = 0; each < sizeof names / sizeof *names; each++) {
    const char *value = environment(names[each]);
    if (strchr(value, '\n')) fail(BAD_ENVIRONMENT, "culvert: %s has a line break", names[each]);
    int more = snprintf(head + used, sizeof head - used, "%s=%s\n", names[each], value);
    if (more < 0 || (used += (size_t)more) >= sizeof head - 1) fail(BAD_ENVIRONMENT, "culvert: %s is too long", names[each]);
  }
  head[used++] = '\n';
  return send(fd, head, used, MSG_NOSIGNAL) == (ssize_t)used && (size == 0 || send(fd, config, size, MSG_NOSIGNAL) == (ssize_t)size) &&
         shutdown(fd, SHUT_WR) == 0;
}

int main(void) {
  const char *command = environment("CNI_COMMAND");
  char socket_path[256] = SOCKET;
  ssize_t size = read_all(0, config, sizeof config);
  if (size < 0) fail(IO_FAILURE, "culvert: the network configuration on stdin cannot be read, or is over 1 MiB");
  if (!strcmp(command, "VERSION")) return print_versions();
  string_member(config, "cniVersion", version, sizeof version);
  require_version(command);
  string_member(config, "socket", socket_path, sizeof socket_path);
  int fd = connected(socket_path);
  if (fd < 0) return without_agent(command, socket_path, strerror(errno));
  if (!sent(fd, (size_t)size)) return without_agent(command, socket_path, strerror(errno));
  ssize_t heard = read_all(fd, answer, sizeof answer);
  if (heard < 0) return without_agent(command, socket_path, strerror(errno));
  if (heard == 0) return without_agent(command, socket_path, "it ended before it answered");
  if (strcmp(answer, "ok\n")) {
    write_all(1, answer, (size_t)heard);
    return 1;
  }
  return strcmp(command, "ADD") ? 0 : print_previous();
}
