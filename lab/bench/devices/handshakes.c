// One handshake after the other: dial, mutual TLS 1.3, upgrade, the gateway's 101, close. Arguments: port, authority's certificate
// and key. Standard input: "fresh N" makes N new sessions, "resumed N" takes up those of the N devices before.
#define _GNU_SOURCE
#include "devices.h"
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define DEVICES_MAX 100000

Options options = {.protocol = "edict"};
static SSL_SESSION *sessions[DEVICES_MAX], *newest;

int64_t now_us(void) { return 0; }
void channel_stands(Channel *channel) { (void)channel; }
void channel_received(Channel *channel) { (void)channel; }

static int keep_session(SSL *ssl, SSL_SESSION *session) {
  (void)ssl;
  SSL_SESSION_free(newest);
  newest = session;
  return 1;
}

// Whether the channel stood, and on a resumed session if there was one.
static bool shake(uint32_t ordinal, SSL_SESSION *session) {
  static const char REQUEST[] = "GET /.well-known/openc2 HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: openc2\r\n\r\n";
  char answer[1024] = {0};
  int one = 1;
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons((uint16_t)options.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  Channel channel = {.ordinal = ordinal, .fd = socket(AF_INET, SOCK_STREAM, 0)};
  setsockopt(channel.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  if (connect(channel.fd, (struct sockaddr *)&to, sizeof to) != 0) return false;
  SSL *ssl = tls_start(&channel);
  SSL_CTX_set_session_cache_mode(SSL_get_SSL_CTX(ssl), SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
  SSL_CTX_sess_set_new_cb(SSL_get_SSL_CTX(ssl), keep_session);
  if (session != NULL) SSL_set_session(ssl, session);
  bool stood = SSL_do_handshake(ssl) == 1 && SSL_write(ssl, REQUEST, sizeof REQUEST - 1) > 0 && SSL_read(ssl, answer, sizeof answer - 1) > 0 &&
               strncmp(answer, "HTTP/1.1 101", 12) == 0 && SSL_session_reused(ssl) == (session != NULL);
  SSL_shutdown(ssl);
  SSL_free(ssl);
  close(channel.fd);
  return stood;
}

int main(int argc, char **argv) {
  char line[64], kind[16];
  uint32_t count = 0, next = 0;
  if (argc != 4) return 2;
  options.port = atoi(argv[1]);
  options.ca_file = argv[2];
  options.ca_key_file = argv[3];
  tls_prepare();
  while (fgets(line, sizeof line, stdin) != NULL && sscanf(line, "%15s %u", kind, &count) == 2) {
    bool is_fresh = strcmp(kind, "fresh") == 0;
    uint32_t failed = 0, first = is_fresh ? next : next - count;
    if (first + count > DEVICES_MAX) return 2;
    for (uint32_t at = first; at < first + count; at += 1) {
      failed += !shake(at, is_fresh ? NULL : sessions[at]);
      SSL_SESSION_free(sessions[at]);
      sessions[at] = newest;
      newest = NULL;
    }
    next = first + count;
    printf("{\"event\":\"%s\",\"failed\":%u}\n", kind, failed);
    fflush(stdout);
  }
}
