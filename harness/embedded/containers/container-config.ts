/** The runtime's configuration of a container. */
import type { Container } from '../store/objects.ts'
import { toMilliValue, parseQuantity } from '../store/quantity.ts'
import type { ContainerConfig, ImageFacts } from '../runtime/runtime.ts'
import { makeEnvironmentVariables, expandVariables } from './environment.ts'
import type { PodContext } from '../kubelet/pod-context.ts'
import { makeMounts } from '../kubelet/volumes.ts'

/** Throws with the message of a CreateContainerConfigError. */
export function generateContainerConfig(
  spec: Container,
  pod: PodContext,
  volumes: string,
): Omit<ContainerConfig, 'onLog'> {
  const env = makeEnvironmentVariables(spec, {
    pod: pod.pod,
    podIp: pod.podIp,
    hostIp: pod.node.address,
    configMap: (name) => pod.getConfigMap(name),
  })
  // Later variables win, as they do in the container.
  const values = new Map(env.map(({ name, value }) => [name, value]))
  const expandWords = (words: string[]): string[] =>
    words.map((word) => expandVariables(word, (name) => values.get(name)))
  const cpu = spec.resources?.requests?.['cpu']
  return {
    name: spec.name,
    image: spec.image ?? '',
    ...(spec.command && { command: expandWords(spec.command) }),
    ...(spec.args && { args: expandWords(spec.args) }),
    env,
    ...(spec.workingDir !== undefined && { workingDir: spec.workingDir }),
    ...determineUser(spec, pod),
    ...determineConfinement(spec, pod),
    ...(cpu !== undefined && { cpuShares: milliCpuToShares(cpu) }),
    mounts: makeMounts(spec, pod.pod.spec ?? { containers: [] }, volumes),
  }
}

/** 1024 for a whole processor, as in the kubelet (MilliCPUToShares in pkg/kubelet/cm/helpers_linux.go). */
function milliCpuToShares(cpu: string): number {
  return Math.max(2, Math.floor((Number(toMilliValue(parseQuantity(cpu))) * 1024) / 1000))
}

/** The container's own securityContext takes precedence over the pod's (API reference, PodSecurityContext). */
function determineUser(spec: Container, { pod }: PodContext): { runAsUser?: number; runAsGroup?: number } {
  const shared = pod.spec?.securityContext
  const runAsUser = spec.securityContext?.runAsUser ?? shared?.runAsUser
  const runAsGroup = spec.securityContext?.runAsGroup ?? shared?.runAsGroup
  return { ...(runAsUser !== undefined && { runAsUser }), ...(runAsGroup !== undefined && { runAsGroup }) }
}

function determineConfinement({ securityContext: own }: Container, { pod }: PodContext): Partial<ContainerConfig> {
  const { supplementalGroups = [], fsGroup, supplementalGroupsPolicy } = pod.spec?.securityContext ?? {}
  return {
    groups: [...supplementalGroups, ...(fsGroup === undefined ? [] : [fsGroup])],
    strictGroups: supplementalGroupsPolicy === 'Strict',
    ...(own?.capabilities && { capabilities: own.capabilities }),
    readOnlyRoot: own?.readOnlyRootFilesystem === true,
  }
}

/** Throws with the message of a CreateContainerConfigError (verifyRunAsNonRoot in pkg/kubelet/kuberuntime). */
export function verifyRunAsNonRoot(spec: Container, pod: PodContext, image: ImageFacts): void {
  const isAsked = spec.securityContext?.runAsNonRoot ?? pod.pod.spec?.securityContext?.runAsNonRoot
  if (isAsked !== true) return
  const where = `(pod: "${pod.title}", container: ${spec.name})`
  const { runAsUser } = determineUser(spec, pod)
  if (runAsUser === 0) throw new Error(`container's runAsUser breaks non-root policy ${where}`)
  if (runAsUser !== undefined) return
  const [user = ''] = image.user.split(':')
  if (user === '' || Number(user) === 0) {
    throw new Error(`container has runAsNonRoot and image will run as root ${where}`)
  }
  if (!/^\d+$/.test(user)) {
    const why = `image has non-numeric user (${user}), cannot verify user is non-root`
    throw new Error(`container has runAsNonRoot and ${why} ${where}`)
  }
}
