# Keys and signatures with openssl: Ed25519 (openssl 3 or later) and ECDSA on P-256, nothing else. Sourced by agent.sh.

# make_pem FLAT KEYPATH OUT: the public key of a TUF document as PEM; prints its algorithm.
make_pem() {
  scheme=$(get "$1" "$2|scheme") && public=$(get "$1" "$2|keyval|public") || return 1
  case $scheme in
    ed25519)
      case $public in *[!0-9a-f]*) return 1 ;; esac
      [ ${#public} -eq 64 ] || return 1
      # DER of a SubjectPublicKeyInfo for Ed25519 up to the key (RFC 8410).
      { echo '-----BEGIN PUBLIC KEY-----'
        echo "302a300506032b6570032100$public" | from_hex | openssl base64
        echo '-----END PUBLIC KEY-----'; } > "$3"
      echo EdDSA ;;
    ecdsa-sha2-nistp256)
      printf '%b' "$public" > "$3"
      # Exactly this prefix: another curve, or parameters of its own, is another scheme.
      case $(openssl pkey -pubin -in "$3" -outform DER 2>> "$run/log" | to_hex) in
        3059301306072a8648ce3d020106082a8648ce3d03010703420004*) echo ES256 ;;
        *) return 1 ;;
      esac ;;
    *) return 1 ;;
  esac
}

# kid_of PEM ALGORITHM: what the key is called in a command: the head of its RFC 7638 thumbprint.
kid_of() {
  der=$(openssl pkey -pubin -in "$1" -outform DER | to_hex)
  point=${der#3059301306072a8648ce3d020106082a8648ce3d03010703420004}
  if [ "$2" = EdDSA ]; then
    jwk=$(printf '{"crv":"Ed25519","kty":"OKP","x":"%s"}' "$(echo "${der#302a300506032b6570032100}" | from_hex | to_base64url)")
  else
    x=$(echo "$point" | cut -c1-64 | from_hex | to_base64url)
    y=$(echo "$point" | cut -c65-128 | from_hex | to_base64url)
    jwk=$(printf '{"crv":"P-256","kty":"EC","x":"%s","y":"%s"}' "$x" "$y")
  fi
  printf %s "$jwk" | openssl dgst -sha256 -binary | to_base64url | cut -c1-16
}

# check_signature ALGORITHM PEM MESSAGE SIGNATURE: the signature as openssl takes it, for ES256 in DER.
check_signature() {
  case $1 in
    EdDSA) openssl pkeyutl -verify -pubin -inkey "$2" -rawin -in "$3" -sigfile "$4" >> "$run/log" 2>&1 ;;
    ES256) openssl dgst -sha256 -verify "$2" -signature "$4" "$3" >> "$run/log" 2>&1 ;;
    *) return 1 ;;
  esac
}

# der_signature < 64 bytes of r and s, as JOSE has them (RFC 7518 section 3.4): the same in DER (RFC 3279).
der_signature() {
  to_hex | awk '
    length($0) != 128 { exit 1 }
    { body = integer(substr($0, 1, 64)) integer(substr($0, 65)); printf "30%02x%s\n", length(body) / 2, body }
    function integer(digits) {
      while (length(digits) > 2 && substr(digits, 1, 2) == "00") digits = substr(digits, 3)
      if (substr(digits, 1, 1) ~ /[89a-f]/) digits = "00" digits
      return sprintf("02%02x%s", length(digits) / 2, digits)
    }' | from_hex
}

# signed_by DOCUMENT ROLE ROOT: whether enough keys of the role, as the root document has it, signed this TUF document.
signed_by() {
  canonical "$1" "$run/signed" && flat "$1" "$run/document" && flat "$3" "$run/root" || return 1
  threshold=$(get "$run/root" "signed|roles|$2|threshold") && is_count "$threshold" && [ "$threshold" -gt 0 ] || return 1
  count=0
  for keyid in $(list "$run/root" "signed|roles|$2|keyids" | sort -u); do
    at=$(awk -v id="$keyid" 'BEGIN { FS = "\t" } $1 ~ /^signatures\|[0-9]+\|keyid$/ && $2 == id { split($1, part, "|"); print part[2]; exit }' "$run/document")
    [ -n "$at" ] || continue
    hex=$(get "$run/document" "signatures|$at|sig") || continue
    case $hex in '' | *[!0-9a-f]*) continue ;; esac
    echo "$hex" | from_hex > "$run/sig"
    algorithm=$(make_pem "$run/root" "signed|keys|$keyid" "$run/pem") || continue
    check_signature "$algorithm" "$run/pem" "$run/signed" "$run/sig" && count=$((count + 1))
  done
  [ "$count" -ge "$threshold" ]
}
