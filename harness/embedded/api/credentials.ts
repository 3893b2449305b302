/** The credentials for the embedded cluster's API: its own certificate, and a token. */
import { randomBytes } from 'node:crypto'
import { generate } from 'selfsigned'
import { stringify } from 'yaml'

export interface Credentials {
  /** PEM. */
  key: string
  /** PEM; self-signed. */
  cert: string
  token: string
}

const yearMs = 365 * 24 * 3600 * 1000

/** A key, a certificate for 127.0.0.1 and localhost, and a random token. */
export async function createCredentials(): Promise<Credentials> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: 'nodrop-local' }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    // A minute of slack, because a client's clock may be behind.
    notBeforeDate: new Date(Date.now() - 60_000),
    notAfterDate: new Date(Date.now() + yearMs),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', digitalSignature: true, keyCertSign: true, critical: true },
      { name: 'extKeyUsage', serverAuth: true },
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: 'localhost' },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key, cert, token: randomBytes(32).toString('base64url') }
}

export interface KubeconfigOptions {
  url: string
  cert: string
  token: string
  namespace?: string
}

/** A kubeconfig with one context, `nodrop-local`. */
export function formatKubeconfig({ url, cert, token, namespace = 'default' }: KubeconfigOptions): string {
  const name = 'nodrop-local'
  const authority = Buffer.from(cert).toString('base64')
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name, cluster: { server: url, 'certificate-authority-data': authority } }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace } }],
    'current-context': name,
  })
}
