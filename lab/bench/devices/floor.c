// The floor that every server is measured against: a loop of send() on plain TCP sockets, without TLS and without a thought.
// Standard input: a line "BYTES" sends one frame of so many payload bytes to every connection.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int peers[20000];

int main(void) {
  struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof at;
  int count = 0, one = 1, listener = socket(AF_INET, SOCK_STREAM, 0);
  bind(listener, (struct sockaddr *)&at, size);
  listen(listener, 4096);
  getsockname(listener, (struct sockaddr *)&at, &size);
  printf("{\"port\":%d}\n", ntohs(at.sin_port));
  fflush(stdout);
  struct pollfd waits[2] = {{.fd = listener, .events = POLLIN}, {.fd = 0, .events = POLLIN}};
  while (poll(waits, 2, -1) > 0) {
    if (waits[0].revents != 0) {
      peers[count] = accept4(listener, NULL, NULL, SOCK_NONBLOCK);
      setsockopt(peers[count], IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      count += peers[count] >= 0;
    }
    if (waits[1].revents == 0) continue;
    char line[64] = {0};
    if (read(0, line, sizeof line - 1) <= 0) return 0;
    static uint8_t frame[65536] = {0x82, 126};
    size_t bytes = (size_t)atol(line);
    frame[2] = (uint8_t)(bytes >> 8);
    frame[3] = (uint8_t)bytes;
    for (int peer = 0; peer < count; peer += 1) {
      if (send(peers[peer], frame, 4 + bytes, MSG_NOSIGNAL) < 0) perror("floor: send");
    }
  }
}
