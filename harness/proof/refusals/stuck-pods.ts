/** Pods that an API server accepts and a kubelet cannot start, and how it says so: in the pod's status and by Events. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { CoreV1Event, V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node'
import { connectApi } from '../../cluster/api.ts'
import type { KubeApi } from '../../cluster/api.ts'
import { container, idle, plainImage, quitImage } from '../stage/pods.ts'
import type { Answer } from './recording.ts'

type Stuck = readonly [name: string, spec: V1PodSpec]

const main = (more: Partial<V1Container>, name = 'main'): V1Container =>
  container(name, idle, { image: quitImage, ...more })

function alone(more: Partial<V1Container>, spec: Partial<V1PodSpec> = {}): V1PodSpec {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 0,
    containers: [main(more)],
    ...spec,
  }
}

const fromMap = (name: string, key: string): V1PodSpec =>
  alone({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name, key } } }] })
const fromSecret = (name: string, key: string): V1PodSpec =>
  alone({ env: [{ name: 'A', valueFrom: { secretKeyRef: { name, key } } }] })
const volume = (source: Omit<NonNullable<V1PodSpec['volumes']>[number], 'name'>): V1PodSpec =>
  alone({ volumeMounts: [{ name: 'v', mountPath: '/v' }] }, { volumes: [{ name: 'v', ...source }] })

const present = 'present'
export const stuckPods: readonly Stuck[] = [
  ['root-of-image', alone({ securityContext: { runAsNonRoot: true } })],
  ['root-of-image-by-pod', alone({}, { securityContext: { runAsNonRoot: true } })],
  ['root-of-spec', alone({ securityContext: { runAsNonRoot: true, runAsUser: 0 } })],
  ['root-of-pod', alone({}, { securityContext: { runAsNonRoot: true, runAsUser: 0 } })],
  ['other-user-of-spec', alone({ securityContext: { runAsNonRoot: true, runAsUser: 1000 } })],
  ['other-user-of-image', alone({ image: plainImage, securityContext: { runAsNonRoot: true } })],
  [
    'root-where-container-may',
    alone({ securityContext: { runAsNonRoot: false } }, { securityContext: { runAsNonRoot: true } }),
  ],
  ['root-of-init', alone({}, { initContainers: [main({ securityContext: { runAsNonRoot: true } }, 'init')] })],
  ['root-never-again', alone({ securityContext: { runAsNonRoot: true } }, { restartPolicy: 'Never' })],
  ['no-map', fromMap('none', 'key')],
  ['no-key', fromMap(present, 'none')],
  ['no-secret', fromSecret('none', 'key')],
  ['no-map-for-all', alone({ envFrom: [{ configMapRef: { name: 'none' } }] })],
  ['no-secret-for-all', alone({ envFrom: [{ secretRef: { name: 'none' } }] })],
  [
    'no-map-needed',
    alone({
      envFrom: [{ configMapRef: { name: 'none', optional: true } }, { secretRef: { name: 'none', optional: true } }],
      env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: present, key: 'none', optional: true } } }],
    }),
  ],
  ['no-map-to-mount', volume({ configMap: { name: 'none' } })],
  ['no-key-to-mount', volume({ configMap: { name: present, items: [{ key: 'none', path: 'x' }] } })],
  ['no-secret-to-mount', volume({ secret: { secretName: 'none' } })],
  ['image-never-pulled', alone({ image: 'nodrop/none:dev', imagePullPolicy: 'Never' })],
  ['image-not-there', alone({ image: '127.0.0.1:1/nodrop/none:dev' })],
  ['image-misnamed', alone({ image: 'Nodrop/UPPER:dev' })],
  ['no-command', alone({ command: ['/no/such/program'] })],
  ['no-command-in-path', alone({ command: ['no-such-program'] })],
  ['no-program-but-file', alone({ command: ['/etc/hostname'] })],
]

const namespace = 'stuck-pods'
const limitMs = 60_000

/** Takes about half a minute, in a namespace of its own that is gone afterwards. */
export async function playStuckPods(kubeconfig: string): Promise<Answer[]> {
  const api = connectApi(kubeconfig)
  try {
    await api.core.createNamespace({ body: { metadata: { name: namespace } } })
    await api.core.createNamespacedConfigMap({ namespace, body: { metadata: { name: present }, data: { key: 'x' } } })
    for (const [name, spec] of stuckPods) await create(api, name, spec)
    const answers: Answer[] = []
    for (const [name] of stuckPods) answers.push({ title: name, answer: await outcome(api, name) })
    return answers
  } finally {
    await api.core.deleteNamespace({ name: namespace })
    api.close()
  }
}

/** Real clusters let no pod into a namespace before its service account is there. */
async function create(api: KubeApi, name: string, spec: V1PodSpec): Promise<void> {
  for (let attempt = 0; ; attempt++) {
    try {
      await api.core.createNamespacedPod({ namespace, body: { metadata: { name }, spec } })
      return
    } catch (error) {
      if (attempt === 50 || !String(error).includes('service account')) throw error
      await sleep(200)
    }
  }
}

/** What the pod's status and its Events say once nothing new is to be expected of it. */
async function outcome(api: KubeApi, name: string): Promise<string> {
  const end = Date.now() + limitMs
  for (;;) {
    const pod = await api.core.readNamespacedPod({ namespace, name })
    const { items } = await api.core.listNamespacedEvent({ namespace, fieldSelector: `involvedObject.name=${name}` })
    if (isSettled(pod, items) || Date.now() > end) return normalised([...statusLines(pod), ...eventLines(items)], pod)
    await sleep(200)
  }
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

function statusLines({ status }: V1Pod): string[] {
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

/** Those that tell of a failure, each once. */
function eventLines(events: CoreV1Event[]): string[] {
  const usual = new Set(['Scheduled', 'NetworkCounters', 'Pulled', 'Created', 'Started'])
  const lines = events
    .filter(({ reason }) => !usual.has(reason ?? ''))
    .map(
      ({ type, reason, message, involvedObject }) => `${type} ${reason} ${involvedObject.fieldPath ?? ''} ${message}`,
    )
  return [...new Set(lines)].toSorted()
}

/** Without what differs from moment to moment, and why a registry could not be reached. */
function normalised(lines: string[], { metadata }: V1Pod): string {
  return lines
    .join('\n')
    .replaceAll(metadata?.uid ?? ' ', 'UID')
    .replaceAll(/\bback-off \d+s\b/g, 'back-off Ns')
    .replaceAll(/(failed to resolve reference "[^"]+": ).*/g, '$1WHY')
}
