#!/bin/sh
# Makes the certificates that the tests of broker/ use, good from 2020 for a hundred years, so that a machine whose
# clock is behind takes them too. The keys are public: test use only.
set -e
cd "$(dirname "$0")"
made=$(mktemp -d)
touch "$made/index.txt"
cat > "$made/ca.cnf" <<CONFIG
[ca]
default_ca = test
[test]
database = $made/index.txt
new_certs_dir = $made
rand_serial = yes
unique_subject = no
default_md = sha256
copy_extensions = copy
policy = policy
[policy]
commonName = supplied
[authority]
basicConstraints = critical, CA:true
subjectKeyIdentifier = hash
CONFIG
dated() {
  openssl ca -batch -notext -config "$made/ca.cnf" -startdate 20200101000000Z -enddate 21200101000000Z "$@"
}
key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }
authority() {
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$2" -out "$1.csr"
  dated -selfsign -extensions authority -keyfile "$1.key" -in "$1.csr" -out "$1.pem"
  rm "$1.csr"
}
signed() {
  key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$2" -addext "subjectAltName=DNS:localhost,IP:127.0.0.1" -out "$1.csr"
  dated -cert "$3.pem" -keyfile "$3.key" -in "$1.csr" -out "$1.pem"
  rm "$1.csr"
}
authority ca 'Test authority'
authority other-ca 'Another authority'
signed server localhost ca
signed server2 localhost ca
signed device sensor-7 ca
signed stranger sensor-7 other-ca
rm -rf ca.key other-ca.key other-ca.pem "$made"
