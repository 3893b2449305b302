/** Default values of the API server for a pod: the supported part of pkg/apis/core/v1/defaults.go of Kubernetes 1.34. */
import { admitPodSpec } from '../store/pod-admission.ts'
import type { Container, LifecycleHandler, Pod, PodSpec, Probe } from '../store/objects.ts'

type Volume = NonNullable<PodSpec['volumes']>[number]

export function defaultPod(pod: Pod): void {
  pod.spec ??= {} as PodSpec
  defaultPodSpec(pod.spec)
  pod.spec = admitPodSpec(pod.spec)
  for (const container of [...pod.spec.containers, ...(pod.spec.initContainers ?? [])]) {
    const { resources } = container
    if (resources?.limits) resources.requests = { ...resources.limits, ...resources.requests }
  }
}

/** For templates too. */
export function defaultPodSpec(spec: PodSpec): void {
  spec.containers ??= []
  spec.dnsPolicy ??= 'ClusterFirst'
  spec.restartPolicy ??= 'Always'
  spec.schedulerName ??= 'default-scheduler'
  spec.securityContext ??= {}
  spec.terminationGracePeriodSeconds ??= 30
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1
  dropRestartRules(spec)
  for (const container of [...spec.containers, ...(spec.initContainers ?? [])]) defaultContainer(container)
  for (const volume of spec.volumes ?? []) defaultVolume(volume)
}

/** A container's own restart policy (KEP-5307) is an alpha feature in 1.34: it is dropped, except for sidecars. */
function dropRestartRules({ containers, initContainers = [] }: PodSpec): void {
  for (const container of containers) delete container.restartPolicy
  for (const container of initContainers) if (container.restartPolicy !== 'Always') delete container.restartPolicy
}

function defaultContainer(container: Container): void {
  container.imagePullPolicy ??= isLatest(container.image ?? '') ? 'Always' : 'IfNotPresent'
  container.resources ??= {}
  container.terminationMessagePath ??= '/dev/termination-log'
  container.terminationMessagePolicy ??= 'File'
  for (const port of container.ports ?? []) port.protocol ??= 'TCP'
  for (const variable of container.env ?? []) {
    if (variable.valueFrom?.fieldRef) variable.valueFrom.fieldRef.apiVersion ??= 'v1'
  }
  for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
    if (probe) defaultProbe(probe)
  }
  for (const handler of [container.lifecycle?.postStart, container.lifecycle?.preStop]) {
    if (handler) defaultHttpGet(handler)
  }
}

function defaultProbe(probe: Probe): void {
  // Zero means unset in these fields.
  probe.timeoutSeconds ||= 1
  probe.periodSeconds ||= 10
  probe.successThreshold ||= 1
  probe.failureThreshold ||= 3
  if (probe.grpc) probe.grpc.service ??= ''
  defaultHttpGet(probe)
}

function defaultHttpGet({ httpGet }: Pick<LifecycleHandler, 'httpGet'>): void {
  if (!httpGet) return
  httpGet.path ||= '/'
  httpGet.scheme ||= 'HTTP'
}

function defaultVolume(volume: Volume): void {
  if (Object.keys(volume).length <= 1) volume.emptyDir = {}
  for (const source of [volume.configMap, volume.secret, volume.downwardAPI]) if (source) source.defaultMode ??= 0o644
  for (const { fieldRef } of volume.downwardAPI?.items ?? []) if (fieldRef) fieldRef.apiVersion ??= 'v1'
  if (volume.hostPath) volume.hostPath.type ??= ''
}

/** No tag and no digest means `latest`. */
function isLatest(image: string): boolean {
  if (image.includes('@')) return false
  const tag = /:([^:/]+)$/.exec(image)?.[1]
  return tag === undefined || tag === 'latest'
}

/** https://kubernetes.io/docs/concepts/workloads/pods/pod-qos/ */
export function computeQosClass(spec: PodSpec): string {
  const all = [...spec.containers, ...(spec.initContainers ?? [])].map(({ resources }) => resources)
  const some = all.some((one) => Object.keys(one?.limits ?? {}).length + Object.keys(one?.requests ?? {}).length > 0)
  if (!some) return 'BestEffort'
  const guaranteed = all.every((one) =>
    ['cpu', 'memory'].every((name) => {
      const limit = one?.limits?.[name]
      return limit !== undefined && (one?.requests?.[name] ?? limit) === limit
    }),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}
