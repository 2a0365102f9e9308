// TLS of the load generator. OpenSSL makes the handshake, with a certificate of each device's own; then it is let go and the
// records are sealed and opened here with the two traffic keys: every byte is still authenticated, and a device costs 300 bytes
// instead of 30 KiB. All devices share one key pair, because nobody looks at that and making half a million takes minutes.
#include "devices.h"
#include <openssl/err.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static SSL_CTX *context;
static EVP_PKEY *device_key, *authority_key;
static X509 *authority, *template;
static EVP_MD *sha256;
static EVP_CIPHER *aes;
static EVP_CIPHER_CTX *cipher;

static X509 *make_template(void);
static int verify_server(X509_STORE_CTX *store, void *unused);

static void fail(const char *what) {
  fprintf(stderr, "devices: %s\n", what);
  exit(1);
}

static void keep_secret(const SSL *ssl, const char *line) {
  Channel *channel = SSL_get_app_data(ssl);
  uint8_t *secret = strncmp(line, "CLIENT_TRAFFIC_SECRET_0 ", 24) == 0   ? channel->client_secret
                    : strncmp(line, "SERVER_TRAFFIC_SECRET_0 ", 24) == 0 ? channel->server_secret
                                                                         : NULL;
  const char *hex = strrchr(line, ' ');
  if (secret == NULL || hex == NULL) return;
  for (int at = 0; at < 32; at += 1) sscanf(hex + 1 + 2 * at, "%2hhx", &secret[at]);
}

void tls_prepare(void) {
  context = SSL_CTX_new(TLS_client_method());
  SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION);
  SSL_CTX_set_ciphersuites(context, "TLS_AES_128_GCM_SHA256");
  SSL_CTX_set_keylog_callback(context, keep_secret);
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  if (SSL_CTX_load_verify_locations(context, options.ca_file, NULL) != 1) fail("the authority's certificate cannot be read");
  FILE *file = fopen(options.ca_file, "r");
  if (file == NULL || (authority = PEM_read_X509(file, NULL, NULL, NULL)) == NULL) fail("the authority's certificate cannot be read");
  fclose(file);
  file = fopen(options.ca_key_file, "r");
  if (file == NULL || (authority_key = PEM_read_PrivateKey(file, NULL, NULL, NULL)) == NULL) fail("the authority's key cannot be read");
  fclose(file);
  SSL_CTX_set_cert_verify_callback(context, verify_server, NULL);
  device_key = EVP_EC_gen("P-256");
  sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
  aes = EVP_CIPHER_fetch(NULL, "AES-128-GCM", NULL);
  cipher = EVP_CIPHER_CTX_new();
  template = make_template();
}

static void extend(X509 *certificate, int nid, const char *value) {
  X509V3_CTX of;
  X509V3_set_ctx(&of, authority, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &of, nid, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

// What all certificates have in common. Making it anew for each device would take as long as the rest of the handshake.
static X509 *make_template(void) {
  X509 *certificate = X509_new();
  X509_set_version(certificate, 2);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
  X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
  X509_set_issuer_name(certificate, X509_get_subject_name(authority));
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC, (const uint8_t *)"bench", -1, -1, 0);
  X509_set_pubkey(certificate, device_key);
  extend(certificate, NID_basic_constraints, "critical,CA:FALSE");
  extend(certificate, NID_key_usage, "critical,digitalSignature");
  extend(certificate, NID_ext_key_usage, "clientAuth");
  extend(certificate, NID_authority_key_identifier, "keyid");
  X509_sign(certificate, authority_key, sha256);
  return certificate;
}

static X509 *issue(uint32_t ordinal) {
  X509 *certificate = X509_dup(template);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ordinal + 1);
  // SubjectAltName with one URI (RFC 5280 §4.2.1.6): SEQUENCE, [6], both shorter than 128 bytes.
  uint8_t name[80] = {0x30, 0, 0x86, 0};
  int length = snprintf((char *)name + 4, sizeof name - 4, "urn:dev:ops:32473-bench-%u", ordinal);
  name[1] = (uint8_t)(length + 2);
  name[3] = (uint8_t)length;
  ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
  ASN1_OCTET_STRING_set(value, name, length + 4);
  X509_EXTENSION *extension = X509_EXTENSION_create_by_NID(NULL, NID_subject_alt_name, 0, value);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  ASN1_OCTET_STRING_free(value);
  X509_sign(certificate, authority_key, sha256);
  return certificate;
}

// The server shows every device the same certificate: its chain is verified once, its proof of the key (CertificateVerify) each time.
static int verify_server(X509_STORE_CTX *store, void *unused) {
  static X509 *verified;
  (void)unused;
  X509 *shown = X509_STORE_CTX_get0_cert(store);
  if (verified != NULL && X509_cmp(shown, verified) == 0) return 1;
  if (X509_verify_cert(store) != 1) return 0;
  X509_free(verified);
  X509_up_ref(shown);
  verified = shown;
  return 1;
}

SSL *tls_start(Channel *channel) {
  SSL *ssl = SSL_new(context);
  SSL_set_app_data(ssl, channel);
  X509 *certificate = issue(channel->ordinal);
  SSL_use_certificate(ssl, certificate);
  SSL_use_PrivateKey(ssl, device_key);
  X509_free(certificate);
  SSL_set1_host(ssl, "localhost");
  SSL_set_tlsext_host_name(ssl, "localhost");
  SSL_set_fd(ssl, channel->fd);
  SSL_set_connect_state(ssl);
  return ssl;
}

// HKDF-Expand-Label (RFC 8446 §7.1) for at most one block of SHA-256.
static void expand(const uint8_t secret[32], const char *label, uint8_t *out, size_t length) {
  uint8_t info[32], block[32];
  size_t label_length = strlen(label), at = 0;
  info[at++] = 0;
  info[at++] = (uint8_t)length;
  info[at++] = (uint8_t)(6 + label_length);
  memcpy(info + at, "tls13 ", 6);
  memcpy(info + at + 6, label, label_length);
  at += 6 + label_length;
  info[at++] = 0;
  info[at++] = 1;
  HMAC(EVP_sha256(), secret, 32, info, at, block, NULL);
  memcpy(out, block, length);
}

static void derive(Direction *direction, const uint8_t secret[32]) {
  expand(secret, "key", direction->key, sizeof direction->key);
  expand(secret, "iv", direction->iv, sizeof direction->iv);
  direction->sequence = 0;
}

int tls_shake(Channel *channel) {
  int done = SSL_do_handshake(channel->ssl);
  if (done != 1) {
    int error = SSL_get_error(channel->ssl, done);
    ERR_clear_error();
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
  }
  derive(&channel->up, channel->client_secret);
  derive(&channel->down, channel->server_secret);
  // Without a shutdown: nothing was sealed yet in either direction, so both sequences begin at 0.
  SSL_set_quiet_shutdown(channel->ssl, 1);
  SSL_free(channel->ssl);
  channel->ssl = NULL;
  return 1;
}

static void nonce_of(Direction *direction, uint8_t nonce[12]) {
  memcpy(nonce, direction->iv, 12);
  for (int at = 0; at < 8; at += 1) nonce[4 + at] ^= (uint8_t)(direction->sequence >> (56 - 8 * at));
  direction->sequence += 1;
}

bool channel_write(Channel *channel, const uint8_t *bytes, size_t length) {
  if (options.is_plain) return send(channel->fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length;
  uint8_t record[4096 + 32], nonce[12];
  if (length > 4096) return false;
  size_t sealed = length + 1 + 16;
  uint8_t head[5] = {23, 3, 3, (uint8_t)(sealed >> 8), (uint8_t)sealed};
  uint8_t inner = 23;
  int written = 0;
  memcpy(record, head, 5);
  nonce_of(&channel->up, nonce);
  EVP_EncryptInit_ex(cipher, aes, NULL, channel->up.key, nonce);
  EVP_EncryptUpdate(cipher, NULL, &written, head, 5);
  EVP_EncryptUpdate(cipher, record + 5, &written, bytes, (int)length);
  EVP_EncryptUpdate(cipher, record + 5 + length, &written, &inner, 1);
  EVP_EncryptFinal_ex(cipher, record + 6 + length, &written);
  EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_GET_TAG, 16, record + 6 + length);
  return send(channel->fd, record, 5 + sealed, MSG_NOSIGNAL) == (ssize_t)(5 + sealed);
}

long tls_open(Channel *channel, uint8_t *bytes, size_t length) {
  size_t at = 0;
  while (length - at >= 5) {
    size_t sealed = (size_t)bytes[at + 3] << 8 | bytes[at + 4];
    if (length - at < 5 + sealed) break;
    if (bytes[at] != 23 || sealed < 17) return -1;
    uint8_t nonce[12], *text = bytes + at + 5;
    int written = 0;
    nonce_of(&channel->down, nonce);
    EVP_DecryptInit_ex(cipher, aes, NULL, channel->down.key, nonce);
    EVP_DecryptUpdate(cipher, NULL, &written, bytes + at, 5);
    EVP_DecryptUpdate(cipher, text, &written, text, (int)(sealed - 16));
    EVP_CIPHER_CTX_ctrl(cipher, EVP_CTRL_GCM_SET_TAG, 16, text + sealed - 16);
    if (EVP_DecryptFinal_ex(cipher, text + sealed - 16, &written) != 1) return -1;
    at += 5 + sealed;
    size_t end = sealed - 17;
    while (end > 0 && text[end] == 0) end -= 1;
    if (text[end] == 21) return -1;
    // Session tickets (22) are nothing to a device that never resumes.
    if (text[end] == 23 && !speak_hear(channel, text, end)) return -1;
  }
  return (long)at;
}
