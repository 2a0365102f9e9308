// What the parts of the load generator share: one channel, and what each part offers to the others.
#pragma once
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// One direction of an established TLS 1.3 connection (RFC 8446 §7.3, TLS_AES_128_GCM_SHA256).
typedef struct {
  uint8_t key[16];
  uint8_t iv[12];
  uint64_t sequence;
} Direction;

typedef struct {
  uint8_t *bytes;
  size_t length;
} Rest;

typedef enum { IDLE, DIALLING, GREETED, SHAKING, ASKING, STANDING } Stage;

typedef struct {
  int fd;
  Stage stage;
  uint32_t ordinal;
  // Only until the handshake is done: from then on the two keys are all that TLS needs, and a channel costs no more than they do.
  SSL *ssl;
  uint8_t client_secret[32], server_secret[32];
  Direction up, down;
  Rest sealed, open;
  uint32_t received;
  int64_t received_us;
  int64_t redial_us;
  int64_t goodbye_ms;
  double wait_ms;
} Channel;

typedef struct {
  const char *protocol, *host, *ca_file, *ca_key_file, *source;
  int port;
  bool is_plain;
} Options;

extern Options options;

int64_t now_us(void);

// tls.c
void tls_prepare(void);
SSL *tls_start(Channel *channel);
// 1 when it stands, 0 when it waits for the peer, -1 when it failed.
int tls_shake(Channel *channel);
bool channel_write(Channel *channel, const uint8_t *bytes, size_t length);
// Opens the records in the buffer in place and hands each one's content on. Bytes consumed, or -1.
long tls_open(Channel *channel, uint8_t *bytes, size_t length);

// speak.c
bool speak_begin(Channel *channel);
bool speak_publish(Channel *channel, size_t length);
// Application bytes from the peer. False when the channel is to be closed.
bool speak_hear(Channel *channel, const uint8_t *bytes, size_t length);

// main.c
void channel_stands(Channel *channel);
void channel_received(Channel *channel);
