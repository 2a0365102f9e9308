#define _GNU_SOURCE
// What a device says and hears on its channel: Edict's (a WebSocket and a check-in), and those of the servers that Edict is
// measured against. It counts whole messages and answers pings; of Edict's goodbyes it keeps the delay.
#include "devices.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool is(const char *protocol) { return strcmp(options.protocol, protocol) == 0; }

static bool say(Channel *channel, const char *text) { return channel_write(channel, (const uint8_t *)text, strlen(text)); }

// A masked frame (RFC 6455 §5.3); this mask is zero, which leaves the payload readable.
static bool frame(Channel *channel, uint8_t opcode, const uint8_t *payload, size_t length) {
  uint8_t bytes[1024] = {(uint8_t)(0x80 | opcode)};
  size_t at = 2;
  if (length + 8 > sizeof bytes) return false;
  bytes[1] = (uint8_t)(0x80 | (length < 126 ? length : 126));
  if (length >= 126) {
    bytes[at++] = (uint8_t)(length >> 8);
    bytes[at++] = (uint8_t)length;
  }
  memset(bytes + at, 0, 4);
  memcpy(bytes + at + 4, payload, length);
  return channel_write(channel, bytes, at + 4 + length);
}

bool speak_begin(Channel *channel) {
  char text[512];
  if (is("edict") || is("nchan")) {
    snprintf(text, sizeof text,
             "GET %s HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
             "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n%s\r\n",
             is("edict") ? "/.well-known/openc2" : "/orders", is("edict") ? "Sec-WebSocket-Protocol: openc2\r\n" : "");
    return say(channel, text);
  }
  if (is("mqtt")) {
    // MQTT 3.1.1 §3.1: CONNECT, clean session, no keep-alive.
    int id = snprintf(text + 14, sizeof text - 14, "d%u", channel->ordinal);
    memcpy(text, "\x10\0\0\4MQTT\4\2\0\0\0", 13);
    text[1] = (char)(12 + id);
    text[13] = (char)id;
    return channel_write(channel, (const uint8_t *)text, (size_t)(14 + id));
  }
  if (is("nats")) return say(channel, "CONNECT {\"verbose\":false,\"tls_required\":true}\r\nSUB orders 1\r\nPING\r\n");
  channel_stands(channel);
  return is("plain") || say(channel, "a few bytes, so that the server has read from and written to its channel once");
}

bool speak_publish(Channel *channel, size_t length) {
  uint8_t bytes[4096];
  size_t at = 0;
  if (length > 2048) return false;
  if (is("mqtt")) {
    size_t remaining = 8 + length;
    bytes[at++] = 0x30;
    bytes[at++] = (uint8_t)(0x80 | (remaining & 0x7f));
    bytes[at++] = (uint8_t)(remaining >> 7);
    memcpy(bytes + at, "\0\6orders", 8);
    at += 8;
  } else if (is("nats")) {
    at = (size_t)snprintf((char *)bytes, sizeof bytes, "PUB orders %zu\r\n", length);
  } else {
    return false;
  }
  memset(bytes + at, 'x', length);
  at += length;
  if (is("nats")) memcpy(bytes + at, "\r\n", 2), at += 2;
  return channel_write(channel, bytes, at);
}

static bool websocket_message(Channel *channel, uint8_t opcode, const uint8_t *payload, size_t length) {
  static const char GOODBYE[] = "{\"goodbye\":{\"delay_ms\":";
  if (opcode == 9) return frame(channel, 10, payload, length);
  if (opcode == 8) return false;
  if (opcode != 1 && opcode != 2) return true;
  if (length > sizeof GOODBYE && memcmp(payload, GOODBYE, sizeof GOODBYE - 1) == 0) channel->goodbye_ms = atol((const char *)payload + sizeof GOODBYE - 1);
  else channel_received(channel);
  return true;
}

// Each reads one message at the start of the bytes: its length, 0 when it is not whole, -1 when the channel is to be closed.
static long hear_websocket(Channel *channel, const uint8_t *bytes, size_t length) {
  static const char CHECK_IN[] = "{\"check_in\":{\"software\":{\"vendor\":\"famousMaker\",\"name\":\"famousModel\",\"version\":\"1.2.3\"},"
                                 "\"boot\":1,\"slot\":\"a\",\"seen\":[]}}";
  if (channel->stage == ASKING) {
    const uint8_t *end = memmem(bytes, length, "\r\n\r\n", 4);
    if (end == NULL) return 0;
    if (length < 12 || memcmp(bytes, "HTTP/1.1 101", 12) != 0) return -1;
    channel_stands(channel);
    if (is("edict") && !frame(channel, 1, (const uint8_t *)CHECK_IN, sizeof CHECK_IN - 1)) return -1;
    return end - bytes + 4;
  }
  if (length < 2) return 0;
  size_t payload = bytes[1] & 0x7f, head = payload == 126 ? 4 : 2;
  if (payload == 127) return -1;
  if (length < head) return 0;
  if (payload == 126) payload = (size_t)bytes[2] << 8 | bytes[3];
  if (length < head + payload) return 0;
  return websocket_message(channel, bytes[0] & 0x0f, bytes + head, payload) ? (long)(head + payload) : -1;
}

static long hear_mqtt(Channel *channel, const uint8_t *bytes, size_t length) {
  size_t remaining = 0, at = 1;
  for (int shift = 0;; shift += 7, at += 1) {
    if (at >= length) return 0;
    remaining |= (size_t)(bytes[at] & 0x7f) << shift;
    if ((bytes[at] & 0x80) == 0) break;
  }
  at += 1 + remaining;
  if (length < at) return 0;
  switch (bytes[0] >> 4) {
    case 2: return channel_write(channel, (const uint8_t *)"\x82\x0b\0\1\0\6orders\0", 13) ? (long)at : -1;
    case 9: channel_stands(channel); break;
    case 3: channel_received(channel); break;
  }
  return (long)at;
}

static long hear_nats(Channel *channel, const uint8_t *bytes, size_t length) {
  const uint8_t *end = memmem(bytes, length, "\r\n", 2);
  if (end == NULL) return 0;
  size_t at = (size_t)(end - bytes) + 2;
  if (memcmp(bytes, "MSG", 3) == 0) {
    const uint8_t *size = memrchr(bytes, ' ', at);
    at += (size_t)atol((const char *)size + 1) + 2;
    if (length < at) return 0;
    channel_received(channel);
  } else if (memcmp(bytes, "PONG", 4) == 0) {
    if (channel->stage == ASKING) channel_stands(channel);
  } else if (memcmp(bytes, "PING", 4) == 0) {
    if (!say(channel, "PONG\r\n")) return -1;
  } else if (memcmp(bytes, "-ERR", 4) == 0) {
    return -1;
  }
  return (long)at;
}

bool speak_hear(Channel *channel, const uint8_t *bytes, size_t length) {
  if (is("tls")) return true;
  Rest *open = &channel->open;
  uint8_t *whole = NULL;
  if (open->length > 0) {
    whole = malloc(open->length + length);
    memcpy(whole, open->bytes, open->length);
    memcpy(whole + open->length, bytes, length);
    free(open->bytes);
    bytes = whole;
    length += open->length;
    *open = (Rest){0};
  }
  long (*hear)(Channel *, const uint8_t *, size_t) = is("mqtt") ? hear_mqtt : is("nats") ? hear_nats : hear_websocket;
  size_t at = 0;
  long used = 1;
  while (at < length && (used = hear(channel, bytes + at, length - at)) > 0) at += (size_t)used;
  if (used >= 0 && at < length) {
    open->length = length - at;
    open->bytes = malloc(open->length);
    memcpy(open->bytes, bytes + at, open->length);
  }
  free(whole);
  return used >= 0;
}
