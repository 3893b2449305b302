/** Pods that an API server accepts but a kubelet cannot start, and its reports: in the pod's status and by Events. */
import { waitFor, waitUntil } from '../../base/polling.ts'
import type { CoreV1Event, V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { buildContainer, idleScript, plainImage, quitImage } from '../stage/pods.ts'
import type { Answer } from './recording.ts'

type StuckPod = readonly [name: string, spec: V1PodSpec]

const buildMainContainer = (more: Partial<V1Container>, name = 'main'): V1Container =>
  buildContainer(name, idleScript, { image: quitImage, ...more })

function buildSpec(more: Partial<V1Container>, spec: Partial<V1PodSpec> = {}): V1PodSpec {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    containers: [buildMainContainer(more)],
    ...spec,
  }
}

const specWithConfigMapKey = (name: string, key: string): V1PodSpec =>
  buildSpec({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name, key } } }] })
const specWithSecretKey = (name: string, key: string): V1PodSpec =>
  buildSpec({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name, key } } }] })
const specWithVolume = (source: Omit<NonNullable<V1PodSpec['volumes']>[number], 'name'>): V1PodSpec =>
  buildSpec({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', ...source }] })

const present = 'present'
export const stuckPods: readonly StuckPod[] = [
  ['root-of-image', buildSpec({ securityContext: { runAsNonRoot: true } })],
  ['root-of-image-by-pod', buildSpec({}, { securityContext: { runAsNonRoot: true } })],
  ['root-of-spec', buildSpec({ securityContext: { runAsNonRoot: true, runAsUser: 0 } })],
  ['root-of-pod', buildSpec({}, { securityContext: { runAsNonRoot: true, runAsUser: 0 } })],
  ['other-user-of-spec', buildSpec({ securityContext: { runAsNonRoot: true, runAsUser: 1000 } })],
  ['other-user-of-image', buildSpec({ image: plainImage, securityContext: { runAsNonRoot: true } })],
  [
    'root-where-container-may',
    buildSpec({ securityContext: { runAsNonRoot: false } }, { securityContext: { runAsNonRoot: true } }),
  ],
  [
    'root-of-init',
    buildSpec({}, { initContainers: [buildMainContainer({ securityContext: { runAsNonRoot: true } }, 'init')] }),
  ],
  ['root-never-again', buildSpec({ securityContext: { runAsNonRoot: true } }, { restartPolicy: 'Never' })],
  ['no-map', specWithConfigMapKey('none', 'key')],
  ['no-key', specWithConfigMapKey(present, 'none')],
  ['no-secret', specWithSecretKey('none', 'key')],
  ['no-map-for-all', buildSpec({ envFrom: [{ configMapRef: { name: 'none' } }] })],
  ['no-secret-for-all', buildSpec({ envFrom: [{ secretRef: { name: 'none' } }] })],
  [
    'no-map-needed',
    buildSpec({
      envFrom: [{ configMapRef: { name: 'none', optional: true } }, { secretRef: { name: 'none', optional: true } }],
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: present, key: 'none', optional: true } } }],
    }),
  ],
  ['no-map-to-mount', specWithVolume({ configMap: { name: 'none' } })],
  ['no-key-to-mount', specWithVolume({ configMap: { name: present, items: [{ key: 'none', path: 'x' }] } })],
  ['no-secret-to-mount', specWithVolume({ secret: { secretName: 'none' } })],
  ['image-never-pulled', buildSpec({ image: 'nodrop/none:dev', imagePullPolicy: 'Never' })],
  ['image-not-there', buildSpec({ image: '127.0.0.1:1/nodrop/none:dev' })],
  ['image-misnamed', buildSpec({ image: 'Nodrop/UPPER:dev' })],
  ['no-command', buildSpec({ command: ['/no/such/program'] })],
  ['no-command-in-path', buildSpec({ command: ['no-such-program'] })],
  ['no-program-but-file', buildSpec({ command: ['/etc/hostname'] })],
]

const namespace = 'stuck-pods'
const limitMs = 60_000

/** Takes about half a minute, in its own namespace, which is deleted afterwards. */
export async function playStuckPods(kubeconfig: string): Promise<Answer[]> {
  const api = connectApi(kubeconfig)
  try {
    await api.core.createNamespace({ body: { metadata: { name: namespace } } })
    await api.core.createNamespacedConfigMap({ namespace, body: { metadata: { name: present }, data: { key: 'x' } } })
    for (const [name, spec] of stuckPods) await createPod(api, name, spec)
    const answers: Answer[] = []
    for (const [name] of stuckPods) answers.push({ title: name, answer: await readOutcome(api, name) })
    return answers
  } finally {
    await api.core.deleteNamespace({ name: namespace })
    api.close()
  }
}

/** Real clusters admit no pod into a namespace before its service account exists. */
async function createPod(api: KubeApi, name: string, spec: V1PodSpec): Promise<void> {
  await waitUntil('the service account', { limitMs: 10_000, intervalMs: 200 }, async () => {
    try {
      await api.core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } })
      return null
    } catch (error) {
      if (!String(error).includes('service account')) throw error
      return String(error)
    }
  })
}

/** The pod's status and its Events once no news is expected. */
async function readOutcome(api: KubeApi, name: string): Promise<string> {
  const end = Date.now() + limitMs
  return waitFor(`pod ${name} to settle`, { limitMs: Infinity, intervalMs: 200 }, async () => {
    const pod = await api.core.readNamespacedPod({ namespace, name })
    const { items } = await api.core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${name}` })
    // A pod that has not settled by the end of its time is compared as it is.
    const isDone = isSettled(pod, items) || Date.now() > end
    return isDone && normalizeAnswer([...formatStatus(pod), ...formatEvents(items)], pod)
  })
}

function isSettled(pod: V1Pod, events: CoreV1Event[]): boolean {
  const { containerStatuses = [], initContainerStatuses = [] } = pod.status ?? {}
  if (events.some(({ reason }) => reason === 'FailedMount')) return true
  const first = [...initContainerStatuses, ...containerStatuses][0]
  const { waiting, running, terminated } = first?.state ?? {}
  if (running) return true
  if (terminated) return false
  const passing = [undefined, 'ContainerCreating', 'PodInitializing', 'ErrImagePull', 'RunContainerError']
  return !passing.includes(waiting?.reason)
}

function formatStatus({ status }: V1Pod): string[] {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  return [
    `phase ${status?.phase}`,
    ...all.map(({ name, state, lastState }) => {
      const [kind, shown] = Object.entries(state ?? {}).find(([, value]) => value !== undefined) ?? ['unknown', {}]
      const { reason = '', message = '', exitCode } = shown as { reason?: string; message?: string; exitCode?: number }
      const last = lastState?.terminated
      const before = last ? ` (last: ${last.reason} ${last.exitCode} ${last.message ?? ''})` : ''
      return `${name}: ${kind} ${reason}${exitCode === undefined ? '' : ` ${exitCode}`} ${message}${before}`.trimEnd()
    }),
  ]
}

/** Events that report a failure, each once. */
function formatEvents(events: CoreV1Event[]): string[] {
  const usual = new Set(['Scheduled', 'NetworkCounters', 'Pulled', 'Created', 'Started'])
  const lines = events
    .filter(({ reason }) => !usual.has(reason ?? ''))
    .map(
      ({ type, reason, message, involvedObject }) => `${type} ${reason} ${involvedObject.fieldPath ?? ''} ${message}`,
    )
  return [...new Set(lines)].toSorted()
}

/** Without the parts that differ from moment to moment, and the reason why a registry could not be reached. */
function normalizeAnswer(lines: string[], { metadata }: V1Pod): string {
  return lines
    .join('\n')
    .replaceAll(metadata?.uid ?? ' ', 'UID')
    .replaceAll(/\bback-off \d+s\b/g, 'back-off Ns')
    .replaceAll(/(failed to resolve reference "[^"]+": ).*/g, '$1WHY')
}
