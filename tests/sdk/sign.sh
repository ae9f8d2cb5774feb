#!/bin/sh
# Signs the payload on standard input with openssl, as the vendor's documents show, and prints the signature as it goes
# into a URL. Usage: sign.sh hmac-sha256|rsa-sha256|ed25519 FILE
#
# FILE holds the HMAC secret, or the private key in PEM. OpenSSL 3.0 takes an HMAC secret from an argument only, so it is
# visible to this machine's process list while openssl runs: good enough for a demo's key, not for yours.
set -eu

percent_encode_base64() {
  sed -e 's/+/%2B/g' -e 's,/,%2F,g' -e 's/=/%3D/g'
}

case "$1" in
  hmac-sha256)
    openssl dgst -sha256 -hmac "$(cat "$2")" -r | cut -d ' ' -f 1
    ;;
  rsa-sha256)
    openssl dgst -sha256 -sign "$2" | openssl base64 -A | percent_encode_base64
    ;;
  ed25519)
    # Ed25519 reads its message twice, so openssl wants a file; "openssl dgst" refuses such keys altogether.
    payload=$(mktemp)
    trap 'rm -f "$payload"' EXIT
    cat > "$payload"
    openssl pkeyutl -sign -rawin -inkey "$2" -in "$payload" | openssl base64 -A | percent_encode_base64
    ;;
  *)
    echo "sign.sh: unknown key type $1" >&2
    exit 2
    ;;
esac
