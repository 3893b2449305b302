/** The files that steps of a scenario apply. */
import { realpathSync } from 'node:fs'
import { isAbsolute, join, relative } from 'node:path'
import { describeSystemError, Fault } from '../../base/fault.ts'
import type { Apply } from '../../model/disruptions/apply.ts'
import type { ScenarioStep } from '../../model/steps/steps.ts'
import { readYamlFile } from '../yaml-file.ts'

/**
 * The same steps with the contents of the files that they name, from `folder`. Throws a usage Fault for a missing file or one that is not a
 * manifest.
 */
export function readAppliedFiles(steps: readonly ScenarioStep[], folder: string, scenario: string): ScenarioStep[] {
  return steps.map((step): ScenarioStep => {
    if (step.kind === 'apply') return readAppliedFile(step, folder, scenario)
    if (step.kind !== 'repeat' && step.kind !== 'together') return step
    return { ...step, steps: readAppliedFiles(step.steps, folder, scenario) }
  })
}

function readAppliedFile({ kind, file }: Apply, folder: string, scenario: string): Apply {
  const path = findWithin(folder, file, scenario)
  const { documents, sha256, findPlace } = readYamlFile(path)
  for (const [index, document] of documents.entries()) {
    rejectUnapplicable(document, (...keys) => findPlace(index, keys))
  }
  const objects = documents as readonly object[]
  if (objects.length === 0) throw new Fault('usage', `${scenario} applies ${file}, which has no object`)
  return { kind, file, sha256, read: () => objects }
}

/** Throws a usage Fault for a document that is no Kubernetes object, that names a namespace, or that is in none. */
function rejectUnapplicable(document: unknown, findPlace: (...keys: string[]) => string): void {
  if (!isManifest(document)) {
    throw new Fault('usage', `${findPlace()}: not an object of Kubernetes: needs apiVersion, kind and metadata.name`)
  }
  const { apiVersion, kind, metadata } = document
  const { name, namespace } = metadata
  if (isClusterScoped(apiVersion, kind)) throw new Fault('usage', formatClusterScoped(findPlace(), { kind, name }))
  if (namespace === undefined || namespace === null || namespace === '') return
  const what = `a scenario cannot apply the ${kind} ${name} of the namespace ${JSON.stringify(namespace)}`
  const advice = 'Leave the namespace out: the object is applied in the namespace of the run.'
  throw new Fault('usage', `${findPlace('metadata', 'namespace')}: ${what}: a run has a namespace of its own`, advice)
}

/** A scenario may come from another author: no file outside its folder is read. */
function findWithin(folder: string, file: string, scenario: string): string {
  let path: string
  try {
    path = relative(realpathSync(folder), realpathSync(join(folder, file)))
  } catch (error) {
    throw new Fault('usage', `${scenario} applies ${file}, which cannot be read: ${describeSystemError(error)}`)
  }
  if (!isAbsolute(file) && !path.startsWith('..')) return join(folder, file)
  throw new Fault('usage', `${scenario} applies ${file}, which is not in the folder of the scenario`)
}

/** Kubernetes' own kinds whose objects have no namespace, by group. For other kinds only a cluster knows. */
const clusterScoped: Readonly<Record<string, readonly string[]>> = {
  '': ['Namespace', 'Node', 'PersistentVolume'],
  'admissionregistration.k8s.io': [
    'MutatingAdmissionPolicy',
    'MutatingAdmissionPolicyBinding',
    'MutatingWebhookConfiguration',
    'ValidatingAdmissionPolicy',
    'ValidatingAdmissionPolicyBinding',
    'ValidatingWebhookConfiguration',
  ],
  'apiextensions.k8s.io': ['CustomResourceDefinition'],
  'apiregistration.k8s.io': ['APIService'],
  'certificates.k8s.io': ['CertificateSigningRequest', 'ClusterTrustBundle'],
  'flowcontrol.apiserver.k8s.io': ['FlowSchema', 'PriorityLevelConfiguration'],
  'networking.k8s.io': ['IPAddress', 'IngressClass', 'ServiceCIDR'],
  'node.k8s.io': ['RuntimeClass'],
  'rbac.authorization.k8s.io': ['ClusterRole', 'ClusterRoleBinding'],
  'resource.k8s.io': ['DeviceClass', 'DeviceTaintRule', 'ResourceSlice'],
  'scheduling.k8s.io': ['PriorityClass'],
  'storage.k8s.io': ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment', 'VolumeAttributesClass'],
}

function isClusterScoped(apiVersion: string, kind: string): boolean {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  return Object.hasOwn(clusterScoped, group) && clusterScoped[group]!.includes(kind)
}

export function formatClusterScoped(place: string, { kind, name }: { kind: string; name: string }): string {
  return `${place}: a scenario cannot apply the ${kind} ${name}: it is in no namespace, and would stay when the run is over`
}

interface Manifest {
  apiVersion: string
  kind: string
  metadata: { name: string; namespace?: unknown }
}

/** Whether it is a Kubernetes object. */
export function isManifest(document: unknown): document is Manifest {
  const { apiVersion, kind, metadata } = Object(document) as Record<string, unknown>
  const { name } = Object(metadata) as { name?: unknown }
  return [apiVersion, kind, name].every((one) => typeof one === 'string' && one !== '')
}
