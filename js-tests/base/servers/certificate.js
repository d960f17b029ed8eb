/**
 * A throw-away certificate authority and a leaf certificate for the loopback names, made at test time so that no private
 * key lives in the repository. `@peculiar/x509` builds on WebCrypto alone: no openssl binary, the same on every system.
 */

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import "reflect-metadata"; // @peculiar/x509 resolves its algorithms through decorators that need it loaded first
import * as x509 from "@peculiar/x509";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

/**
 * @typedef {object} Certificate
 * @property {string} caFile PEM of the authority, for NODE_EXTRA_CA_CERTS, DENO_CERT, SSL_CERT_FILE, REQUESTS_CA_BUNDLE
 * @property {string} ca the same PEM
 * @property {string} certFile PEM of the leaf
 * @property {string} keyFile PEM (PKCS #8) of the leaf's private key
 * @property {string} cert the leaf followed by the authority
 * @property {string} key
 * @property {() => Promise<void>} remove deletes the files
 */

/** @returns {Promise<Certificate>} */
export async function createCertificate() {
  const authority = await createAuthority();
  const leaf = await createLeaf(authority);

  const dir = await mkdtemp(join(tmpdir(), "entra-device-code-ca-"));
  const caFile = join(dir, "ca.pem");
  const certFile = join(dir, "localhost.pem");
  const keyFile = join(dir, "localhost-key.pem");
  const ca = `${authority.certificate.toString("pem")}\n`;
  const cert = `${leaf.certificate.toString("pem")}\n${ca}`;
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", leaf.keys.privateKey);
  const key = `${x509.PemConverter.encode(pkcs8, "PRIVATE KEY")}\n`;
  await Promise.all([
    writeFile(caFile, ca),
    writeFile(certFile, cert),
    writeFile(keyFile, key, { mode: 0o600 }),
  ]);
  const remove = () => rm(dir, { recursive: true, force: true });
  return { caFile, ca, certFile, keyFile, cert, key, remove };
}

async function createAuthority() {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: "CN=entra-device-code test authority",
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(
        x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign,
        true,
      ),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

/** @param {Awaited<ReturnType<typeof createAuthority>>} authority */
async function createLeaf(authority) {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.create({
    ...validity(),
    subject: "CN=localhost",
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: ALGORITHM,
    extensions: [
      // rustls (Deno, workerd's tooling) refuses a CA certificate as a leaf, and one without these extensions.
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([
        { type: "dns", value: "localhost" },
        { type: "ip", value: "127.0.0.1" },
        { type: "ip", value: "::1" },
      ]),
      await x509.AuthorityKeyIdentifierExtension.create(authority.keys.publicKey),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { keys, certificate };
}

function generateKeys() {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

/** A day back, for clocks that a test moved; two weeks ahead, which is longer than any run. */
function validity() {
  return { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + 14 * DAY) };
}
