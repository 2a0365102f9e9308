// The load generator: one process with very many devices, each a real mutually authenticated TLS 1.3 client with an identity of
// its own, which receives, authenticates and counts what it is sent. It obeys lines on standard input and answers in JSON lines:
//   arm            counts from zero           -> {"event":"armed"}, and {"event":"all",...} once every device has received one
//   count          says where it stands       -> {"event":"count",...}
//   tell           says who has received one so far, as "all" does
//   enough         dials nobody else
//   rush           from now on nothing but their own waits holds redials back
//   publish BYTES  the first device publishes to all (MQTT, NATS)
// Arrival times are microseconds since the epoch, so that those of several processes can be put together.
#define _GNU_SOURCE
#include "devices.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

Options options = {.protocol = "edict", .host = "127.0.0.1", .source = "127.0.0.1"};

#define LOOKS_MAX 512

static Channel *channels;
static uint32_t count, next_dial, opening, standing, first_ordinal;
static uint32_t received, duplicates, closed, refused;
static uint32_t opening_max = 32, dials_per_second = 1000, again_min_ms = 500, again_max_ms = 60000;
static bool is_armed;
static int epoll_fd;
static double dial_allowance;
static int64_t dialled_us;

int64_t now_us(void) {
  struct timespec time;
  clock_gettime(CLOCK_REALTIME, &time);
  return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void tell_count(const char *event) {
  printf("{\"event\":\"%s\",\"standing\":%u,\"received\":%u,\"duplicates\":%u,\"closed\":%u,\"refused\":%u,\"at_us\":%lld}\n", event, standing,
         received, duplicates, closed, refused, (long long)now_us());
  fflush(stdout);
}

static void tell_all(void) {
  printf("{\"event\":\"all\",\"duplicates\":%u,\"times_us\":[", duplicates);
  for (uint32_t at = 0, told = 0; at < count; at += 1) {
    if (channels[at].received > 0) printf(told++ > 0 ? ",%lld" : "%lld", (long long)channels[at].received_us);
  }
  printf("]}\n");
  fflush(stdout);
  is_armed = false;
}

void channel_stands(Channel *channel) {
  channel->stage = STANDING;
  channel->wait_ms = again_min_ms;
  channel->goodbye_ms = -1;
  opening -= 1;
  standing += 1;
  if (standing == count) tell_count("up");
}

void channel_received(Channel *channel) {
  channel->received += 1;
  if (channel->received > 1) {
    duplicates += 1;
    return;
  }
  channel->received_us = now_us();
  received += 1;
  if (is_armed && received >= standing) tell_all();
}

// As an agent does (src/agent/agent.ts): about as long as a goodbye suggests, else decorrelated jitter between the two limits.
static void plan_redial(Channel *channel) {
  double chance = (double)rand() / RAND_MAX;
  double least = again_min_ms, reach = channel->wait_ms * 3 - least;
  channel->wait_ms = least + chance * (reach > 0 ? reach : 0);
  if (channel->wait_ms > again_max_ms) channel->wait_ms = again_max_ms;
  double wait_ms = channel->goodbye_ms >= 0 ? (double)channel->goodbye_ms * (0.5 + chance) : channel->wait_ms;
  channel->goodbye_ms = -1;
  channel->redial_us = now_us() + (int64_t)(wait_ms * 1000);
}

static void end_channel(Channel *channel) {
  if (channel->stage == STANDING) {
    standing -= 1;
    closed += 1;
  } else {
    opening -= 1;
    refused += 1;
  }
  close(channel->fd);
  if (channel->ssl != NULL) SSL_free(channel->ssl);
  channel->ssl = NULL;
  free(channel->sealed.bytes);
  free(channel->open.bytes);
  channel->sealed = channel->open = (Rest){0};
  channel->stage = IDLE;
  plan_redial(channel);
}

static void watch(Channel *channel, uint32_t events, int operation) {
  struct epoll_event event = {.events = events, .data.ptr = channel};
  epoll_ctl(epoll_fd, operation, channel->fd, &event);
}

static void dial(Channel *channel) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port)}, from = {.sin_family = AF_INET};
  int one = 1;
  inet_pton(AF_INET, options.host, &to.sin_addr);
  inet_pton(AF_INET, options.source, &from.sin_addr);
  channel->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  opening += 1;
  channel->stage = DIALLING;
  if (channel->fd < 0) {
    perror("devices: socket");
    exit(1);
  }
  setsockopt(channel->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  setsockopt(channel->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (bind(channel->fd, (struct sockaddr *)&from, sizeof from) != 0 ||
      (connect(channel->fd, (struct sockaddr *)&to, sizeof to) != 0 && errno != EINPROGRESS)) {
    end_channel(channel);
    return;
  }
  watch(channel, EPOLLOUT, EPOLL_CTL_ADD);
}

static void begin_speaking(Channel *channel) {
  channel->stage = ASKING;
  watch(channel, EPOLLIN, EPOLL_CTL_MOD);
  if (!speak_begin(channel)) end_channel(channel);
}

static void shake(Channel *channel) {
  int done = tls_shake(channel);
  if (done < 0) end_channel(channel);
  else if (done == 1) begin_speaking(channel);
}

static void begin_shaking(Channel *channel) {
  channel->stage = SHAKING;
  channel->ssl = tls_start(channel);
  watch(channel, EPOLLIN, EPOLL_CTL_MOD);
  shake(channel);
}

static void hear(Channel *channel) {
  static uint8_t buffer[1 << 17];
  size_t before = channel->sealed.length;
  if (before > 0) memcpy(buffer, channel->sealed.bytes, before);
  free(channel->sealed.bytes);
  channel->sealed = (Rest){0};
  ssize_t got = recv(channel->fd, buffer + before, sizeof buffer - before, 0);
  size_t length = before + (got > 0 ? (size_t)got : 0);
  long used = got == 0 || (got < 0 && errno != EAGAIN) ? -1 : options.is_plain ? (speak_hear(channel, buffer, length) ? (long)length : -1) : tls_open(channel, buffer, length);
  if (used < 0) {
    end_channel(channel);
    return;
  }
  channel->sealed.length = length - (size_t)used;
  if (channel->sealed.length == 0) return;
  channel->sealed.bytes = malloc(channel->sealed.length);
  memcpy(channel->sealed.bytes, buffer + used, channel->sealed.length);
}

static void on_event(Channel *channel, uint32_t events) {
  char greeting[2048];
  switch (channel->stage) {
    case DIALLING:
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) end_channel(channel);
      else if (options.is_plain) begin_speaking(channel);
      // NATS 2.9 says INFO in plain text and then expects the handshake.
      else if (strcmp(options.protocol, "nats") == 0) channel->stage = GREETED, watch(channel, EPOLLIN, EPOLL_CTL_MOD);
      else begin_shaking(channel);
      return;
    case GREETED:
      if (recv(channel->fd, greeting, sizeof greeting, 0) <= 0) end_channel(channel);
      else begin_shaking(channel);
      return;
    case SHAKING: shake(channel); return;
    case ASKING:
    case STANDING: hear(channel); return;
    case IDLE: return;
  }
}

// Looks at no more than a few: near the end nearly all stand, and looking for the others must not take the core that they need.
static void dial_some(void) {
  int64_t now = now_us();
  dial_allowance += (double)(now - dialled_us) * dials_per_second / 1e6;
  dialled_us = now;
  if (dial_allowance > dials_per_second / 20.0) dial_allowance = dials_per_second / 20.0;
  for (uint32_t looked = 0; looked < LOOKS_MAX && opening < opening_max && dial_allowance >= 1 && standing + opening < count; looked += 1) {
    Channel *channel = &channels[next_dial];
    next_dial = (next_dial + 1) % count;
    if (channel->stage != IDLE || channel->redial_us > now) continue;
    dial_allowance -= 1;
    dial(channel);
  }
}

static void obey(char *line) {
  if (strncmp(line, "arm", 3) == 0) {
    for (uint32_t at = 0; at < count; at += 1) channels[at].received = 0;
    received = duplicates = 0;
    is_armed = true;
    printf("{\"event\":\"armed\"}\n");
    fflush(stdout);
  } else if (strncmp(line, "count", 5) == 0) {
    tell_count("count");
  } else if (strncmp(line, "tell", 4) == 0) {
    tell_all();
  } else if (strncmp(line, "enough", 6) == 0) {
    opening_max = 0;
  } else if (strncmp(line, "rush", 4) == 0) {
    dials_per_second = 1000000;
    opening_max = count;
  } else if (strncmp(line, "publish ", 8) == 0) {
    speak_publish(&channels[0], (size_t)atol(line + 8));
  }
}

static void listen_to_parent(void) {
  static char text[256];
  static size_t length;
  ssize_t got = read(0, text + length, sizeof text - 1 - length);
  if (got <= 0) exit(0);
  length += (size_t)got;
  text[length] = 0;
  for (char *end; (end = strchr(text, '\n')) != NULL;) {
    *end = 0;
    obey(text);
    length -= (size_t)(end + 1 - text);
    memmove(text, end + 1, length + 1);
  }
}

static void read_options(int argc, char **argv) {
  for (int at = 1; at + 1 < argc; at += 2) {
    const char *name = argv[at], *value = argv[at + 1];
    if (strcmp(name, "--protocol") == 0) options.protocol = value;
    else if (strcmp(name, "--host") == 0) options.host = value;
    else if (strcmp(name, "--port") == 0) options.port = atoi(value);
    else if (strcmp(name, "--source") == 0) options.source = value;
    else if (strcmp(name, "--ca") == 0) options.ca_file = value;
    else if (strcmp(name, "--ca-key") == 0) options.ca_key_file = value;
    else if (strcmp(name, "--count") == 0) count = (uint32_t)atoi(value);
    else if (strcmp(name, "--first") == 0) first_ordinal = (uint32_t)atoi(value);
    else if (strcmp(name, "--opening") == 0) opening_max = (uint32_t)atoi(value);
    else if (strcmp(name, "--rate") == 0) dials_per_second = (uint32_t)atoi(value);
    else if (strcmp(name, "--again-min-ms") == 0) again_min_ms = (uint32_t)atoi(value);
    else if (strcmp(name, "--again-max-ms") == 0) again_max_ms = (uint32_t)atoi(value);
  }
  options.is_plain = strcmp(options.protocol, "plain") == 0;
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  // A channel that the other end has closed while it was written to is closed, and no reason to end.
  signal(SIGPIPE, SIG_IGN);
  if (!options.is_plain) tls_prepare();
  srand((unsigned)getpid());
  channels = calloc(count, sizeof *channels);
  for (uint32_t at = 0; at < count; at += 1) channels[at] = (Channel){.fd = -1, .ordinal = first_ordinal + at, .goodbye_ms = -1};
  epoll_fd = epoll_create1(0);
  struct epoll_event event = {.events = EPOLLIN}, events[512];
  epoll_ctl(epoll_fd, EPOLL_CTL_ADD, 0, &event);
  dialled_us = now_us();
  for (;;) {
    if (standing + opening < count) dial_some();
    int ready = epoll_wait(epoll_fd, events, 512, standing + opening < count ? 2 : -1);
    for (int at = 0; at < ready; at += 1) {
      if (events[at].data.ptr == NULL) listen_to_parent();
      else on_event(events[at].data.ptr, events[at].events);
    }
  }
}
