/** Invalid objects, sent to an API server without being stored, and its answers. */
import { waitUntil } from '../../base/polling.ts'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import type { Manifest, Offer } from './offer.ts'
import type { Answer } from './recording.ts'
import { containerOffers, handlerOffers, securityOffers, typeOffers } from './refused-containers.ts'
import { otherOffers, serviceOffers, workloadOffers } from './refused-others.ts'
import { metadataOffers, placementOffers, podOffers, volumeOffers } from './refused-pods.ts'
import { environmentOffers, resourceOffers } from './refused-values.ts'

export const offers: readonly Offer[] = [
  ...podOffers,
  ...containerOffers,
  ...environmentOffers,
  ...resourceOffers,
  ...securityOffers,
  ...handlerOffers,
  ...volumeOffers,
  ...typeOffers,
  ...placementOffers,
  ...metadataOffers,
  ...workloadOffers,
  ...serviceOffers,
  ...otherOffers,
]

/** Answers in which the embedded cluster differs deliberately, and why. */
const stopSignals = 'lifecycle.stopSignal, an alpha feature in 1.34, is always on'
export const exceptions: ReadonlyMap<string, string> = new Map([
  ['a stop signal without an operating system', stopSignals],
  ['an unknown stop signal', stopSignals],
  ['a stop signal in small letters', stopSignals],
])

/** The same on every cluster, because some answers contain it. */
const namespace = 'refusals'

/**
 * The answer to each object: `422 Pod "p" is invalid: …`; for an accepted one `201` and the quantities as the server stores them. Takes a
 * few seconds, in its own namespace, which is deleted afterwards.
 */
export async function playOffers(kubeconfig: string): Promise<Answer[]> {
  const api = connectApi(kubeconfig)
  try {
    await api.core.createNamespace({ body: { metadata: { name: namespace } } })
    await waitForServiceAccount(api)
    const answers: Answer[] = []
    for (const [title, manifest] of offers) answers.push({ title, answer: await submitOffer(api, manifest) })
    return answers
  } finally {
    await api.core.deleteNamespace({ name: namespace })
    api.close()
  }
}

async function submitOffer(api: KubeApi, manifest: Manifest): Promise<string> {
  // With kubectl's parameters.
  const path = `${getApiPath(manifest)}?dryRun=All&fieldValidation=Strict`
  const { status, body } = await api.request({ method: 'POST', path, body: JSON.stringify(manifest) })
  const said = JSON.parse(body) as { message?: string; spec?: { containers?: { resources?: object }[] } }
  if (status !== 201) return `${status} ${said.message ?? ''}`
  const resources = said.spec?.containers?.[0]?.resources ?? {}
  return Object.keys(resources).length === 0 ? '201' : `201 ${formatSorted(resources)}`
}

/** Go writes a map's keys in order. */
function formatSorted(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, inner]) => `${JSON.stringify(key)}:${formatSorted(inner)}`).join(',')}}`
}

function getApiPath({ apiVersion, kind }: Manifest): string {
  const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${apiVersion}`
  const plural = `${kind.toLowerCase()}s`
  return kind === 'Namespace' ? `${group}/${plural}` : `${group}/namespaces/${namespace}/${plural}`
}

/** Real clusters admit no pod into a namespace before its service account exists; the embedded one has none. */
async function waitForServiceAccount(api: KubeApi): Promise<void> {
  await waitUntil('the service account', { limitMs: 10_000 }, async () => {
    const { status, body } = await api.request({ path: `/api/v1/namespaces/${namespace}/serviceaccounts/default` })
    return status === 200 || !body.includes('serviceaccounts \\"default\\" not found') ? null : body
  })
}
