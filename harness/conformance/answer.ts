/** What an API server answered, as plain data. */
import type { KubeApi } from '../cluster/api.ts'
import { apiMessage, statusOf } from '../cluster/api.ts'

export interface Refusal {
  code: number
  reason: string | null
  message: string
  causes: string[]
}

interface Status {
  reason?: string
  message?: string
  details?: { causes?: { field?: string; message?: string }[] }
}

/** The refusal that a call met; `null` when it was accepted. Rejects when there was no answer. */
export async function refusalOf(call: Promise<unknown>): Promise<Refusal | null> {
  try {
    await call
    return null
  } catch (error) {
    const code = statusOf(error)
    if (code === 0) throw error
    const { body } = error as { body?: unknown }
    const status = (typeof body === 'string' ? JSON.parse(body) : body) as Status
    return { ...refusal(code, status), message: apiMessage(error) }
  }
}

/** The refusal of an object, which may be as wrong as it likes; `null` when it was created. */
export async function refusalToCreate(api: KubeApi, path: string, object: unknown): Promise<Refusal | null> {
  const { status, body } = await api.request({ method: 'POST', path, body: JSON.stringify(object) })
  return status < 300 ? null : refusal(status, JSON.parse(body) as Status)
}

function refusal(code: number, { reason, message = '', details }: Status): Refusal {
  return { code, reason: reason ?? null, message, causes: details?.causes?.map(({ message = '' }) => message) ?? [] }
}
