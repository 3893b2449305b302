/** A self-signed certificate for a test's server. */
import { generate } from 'selfsigned'

export interface Certificate {
  key: string
  cert: string
}

/** For `web.test` and 127.0.0.1, or for another name. */
export async function createCertificate(name = 'web.test', notAfter?: Date): Promise<Certificate> {
  const { private: key, cert } = await generate([{ name: 'commonName', value: name }], {
    keyType: 'ec',
    curve: 'P-256',
    algorithm: 'sha256',
    ...(notAfter && { notBeforeDate: new Date(0), notAfterDate: notAfter }),
    extensions: [
      {
        name: 'subjectAltName',
        altNames: [
          { type: 2, value: name },
          { type: 7, ip: '127.0.0.1' },
        ],
      },
    ],
  })
  return { key, cert }
}
